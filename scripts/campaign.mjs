/**
 * `npm run campaign [-- --seed N --moves N --faults N]`: moves jobs of every kind over the lab's nodes, with and without
 * faults, as often as the tests do ten times over, and prints what came of it. The exit status is 1 when anything was lost,
 * doubled, wrong or left behind.
 */
import { parseArgs } from 'node:util';
import { ensurePrograms } from './debian.mjs';
import { ensureNode } from './node.mjs';

await ensureNode();
try {
  const options = readOptions(process.argv.slice(2));
  ensurePrograms();
  const { campaign } = await import('../test/lab/campaign.ts');
  const rows = await campaign({ ...options, say: (sentence) => process.stderr.write(`${sentence}\n`) });
  process.stdout.write(`${table(rows)}\n\n${details(rows)}`);
  process.exitCode = rows.every(({ faults }) => faults.length === 0) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      moves: { type: 'string', default: '100' },
      faults: { type: 'string', default: '300' },
    },
  });
  return Object.fromEntries(
    Object.entries(values).map(([name, word]) => {
      const value = Number(word);
      if (!Number.isInteger(value) || value < 0)
        throw new Error(`--${name} takes a whole number, not "${word}".`);
      return [name, value];
    }),
  );
}

function table(all) {
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const lines = [
    ['kind', 'attempts', 'moved', 'refused', 'lost', 'doubled', 'ended', 'bytes wrong', 'left behind'],
    ...all.map((row) => [
      row.kind,
      row.attempts,
      row.moved,
      sum([...row.refused.values()]),
      row.lost,
      row.doubled,
      row.ended,
      row.bytesWrong,
      row.leftBehind,
    ]),
  ].map((line) => line.map(String));
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((word, column) => (column === 0 ? word.padEnd(widths[column]) : word.padStart(widths[column])))
        .join('  '),
    )
    .join('\n');
}

function details(all) {
  return all
    .flatMap(({ kind, refused, faults }) => [
      ...[...refused].map(([reason, times]) => `${kind}: ${times} times: ${reason}\n`),
      ...faults.map((fault) => `${kind}: ${fault}\n`),
    ])
    .join('');
}
