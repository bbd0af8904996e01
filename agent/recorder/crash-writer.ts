/** The program that recorder.test.ts kills: records as fast as it can, and prints the number of what is kept. */
import { writeSync } from 'node:fs';
import { Recorder } from './recorder.ts';

const [folder = '', from = ''] = process.argv.slice(2);
const recorder = new Recorder(folder);
for (let number = Number(from); ; number += 1) {
  recorder.jobEnd(number, { job: '1.2.3', pid: 2, status: 0, command: 'x'.repeat(number % 300) });
  writeSync(1, `${number}\n`);
}
