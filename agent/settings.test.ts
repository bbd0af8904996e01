import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { STATUS } from '../common/model/status.ts';
import { SettingsFile } from './settings.ts';

let folder = '';
let log: string[] = [];
const file = (): string => join(folder, 'node.json');
const open = (): SettingsFile =>
  new SettingsFile(
    file(),
    () => 12_345,
    (sentence) => log.push(sentence),
  );

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
  log = [];
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('the settings of a node', () => {
  test('begin with everything off and the speed that was measured', () => {
    expect(open().value).toMatchObject({
      stay: false,
      block: false,
      speed: 12_345,
      minimumAge: 5,
      longestFreeze: 2,
    });
  });

  test('are there after a restart, and tell the cluster their bits', () => {
    expect(open().set({ block: true, lstay: true, speed: 777 })).toMatchObject({ ok: true });
    const again = open();
    expect(again.value).toMatchObject({ block: true, lstay: true, speed: 777 });
    expect(again.status).toBe(STATUS.configured | STATUS.up | STATUS.block | STATUS.lstay);
  });

  test.each([
    ['no JSON', '{"block": tr'],
    ['a speed of nothing', '{"speed": 0}'],
  ])('that cannot be read (%s) are set aside, and that is said', (_case, text) => {
    writeFileSync(file(), text);
    expect(open().value.block).toBe(false);
    expect(readFileSync(`${file()}.damaged`, 'utf8')).toBe(text);
    expect(log.join()).toContain(`${file()}.damaged`);
  });

  test('that cannot be kept are in force all the same, and that is said', () => {
    const settings = open();
    rmSync(file());
    mkdirSync(`${file()}.new`);
    expect(settings.set({ stay: true })).toMatchObject({ problem: { code: 'disk-full' } });
    expect(settings.value.stay).toBe(true);
    expect(log.join()).toContain('could not be written');
    expect(existsSync(file())).toBe(false);
  });
});
