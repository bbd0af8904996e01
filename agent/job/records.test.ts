import { expect, test } from 'vitest';
import { runRecordSchema } from './records.ts';

test('the record of a job that began before agents knew of terminals is that of one without', () => {
  const facts = { job: '1.100.5000', command: ['sleep', '9'], uid: 0, born: 0, locked: false, cpuBefore: 0 };
  const record = { facts, epoch: 0, since: 0, init: 77, phase: { kind: 'running' } };
  expect(runRecordSchema.parse(record).facts.terminal).toBe(false);
});
