import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { unitText } from './service.ts';

const TEMPLATE = readFileSync(new URL('../../resources/mosview-collect.service', import.meta.url), 'utf8');

test('the unit runs the command, whatever stands in its paths', () => {
  const text = unitText(TEMPLATE, ['/opt/node 24/bin/node', 'collect', '--data', '/a"b\\c%d$e']);
  const lines = text.split('\n').filter((line) => line.startsWith('ExecStart='));
  expect(lines).toEqual([String.raw`ExecStart="/opt/node 24/bin/node" "collect" "--data" "/a\"b\\c%%d$$e"`]);
});

test('nothing else of the unit is changed', () => {
  const without = (text: string): string => text.replace(/^ExecStart=.*$/m, '');
  expect(without(unitText(TEMPLATE, ['mosview']))).toBe(without(TEMPLATE));
});
