/** The program that crash.test.ts kills: records as fast as it can, and prints every second that is written. */
import { writeSync } from 'node:fs';
import { nodes, tick } from './fixture.ts';
import { HistoryWriter } from './writer.ts';

const ROWS = 2;
const [folder = '', from = ''] = process.argv.slice(2);
const opened = HistoryWriter.open(
  folder,
  ({ message }) => {
    throw new Error(message);
  },
  20,
);
if (!opened.ok) throw new Error(opened.problem.message);
opened.value.setNodes(nodes(ROWS));
for (let second = Number(from); ; second += 1) {
  opened.value.append(second * 1000, tick(second, ROWS), ROWS);
  writeSync(1, `${second}\n`);
}
