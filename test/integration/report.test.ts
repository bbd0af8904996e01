/** `mosview report` as people and scripts use it: files, standard output, exit codes, and a million migrations. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addMigrations, FROM, migration, recordHour, TO } from '../../main/report/fixture.ts';
import { mosview, Program, temporaryFolder } from '../harness/program.ts';

const folder = temporaryFolder('report');
const large = temporaryFolder('large-report');
const RANGE = ['--since', new Date(FROM).toISOString(), '--until', new Date(TO).toISOString()];
const MILLION = 1_000_000;

beforeAll(() => {
  const many = Array.from({ length: 300 }, (_unused, index) =>
    migration(index, {
      pid: 1000 + index,
      command: ['mprime', 'Größe', '測試', 'مرحبا', '<b>x'][index % 5] ?? '',
    }),
  );
  recordHour(folder.path, many);
});

afterAll(() => {
  folder.remove();
  large.remove();
});

function report(...args: readonly string[]) {
  return mosview('report', '--data', folder.path, ...RANGE, ...args);
}

function tool(name: string, ...args: readonly string[]): string {
  return execFileSync(name, args, { encoding: 'utf8' });
}

describe('a PDF', () => {
  const file = join(folder.path, 'week.pdf');

  test('is written under its name, which is said', async () => {
    const { code, stdout, stderr } = await report('-o', file);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`${file}, ${statSync(file).size.toLocaleString('en')} bytes\n`);
  });

  test('has pages of A4, its own fonts, every migration, and the head of the table on each page', () => {
    const info = tool('pdfinfo', file);
    const pages = Number(/Pages:\s+(\d+)/.exec(info)?.[1]);
    expect(info).toMatch(/Page size:.*A4/);
    expect(pages).toBeGreaterThan(5);
    expect(tool('pdffonts', file)).toMatch(/DejaVuSansCondensed .*yes yes yes/);
    const last = tool('pdftotext', '-layout', '-f', String(pages), file, '-');
    expect(last).toMatch(/Time\s+Process\s+Number\s+Home\s+From\s+To\s+Cause/);
    const text = tool('pdftotext', '-layout', file, '-');
    expect(text.match(/balancing {2}/g)?.length).toBeGreaterThanOrEqual(300);
  });

  test('shows any name: what the font lacks by its number', () => {
    const text = tool('pdftotext', '-layout', file, '-');
    expect(text).toContain('Größe');
    expect(text).toContain('[U+6E2C]');
    expect(text).toContain('<b>x');
  });
});

test('standard output is Markdown, or what is asked for', async () => {
  const summary = await report();
  expect(summary).toMatchObject({ code: 0, stderr: '' });
  expect(summary.stdout).toMatch(/^# Cluster report\n/);
  const json = await report('--format', 'json', '-o', '-');
  expect(JSON.parse(json.stdout)).toMatchObject({ figures: { migrations: 300 } });
  const nodes = await report('--table', 'nodes');
  expect(nodes.stdout.split('\r\n')[0]).toContain('node,node_name,load_min');
});

test('the numbers are those of the history', async () => {
  const { stdout } = await report('--format', 'json');
  const { nodes, figures } = JSON.parse(stdout) as {
    readonly nodes: readonly Readonly<Record<string, unknown>>[];
    readonly figures: Readonly<Record<string, unknown>>;
  };
  expect(nodes.map(({ node, load_mean: mean }) => [node, mean])).toEqual([
    [{ id: 3, name: 'node3' }, 300],
    [{ id: 2, name: 'node2' }, 200],
    [{ id: 1, name: 'node1' }, 100],
  ]);
  expect(figures['mean_load']).toBeCloseTo(200, 6);
  expect(figures['mean_efficiency_percent']).toBeCloseTo(200 / 3, 1);
  expect(figures['seconds_down']).toBe(60);
});

describe('what cannot be done ends with 1, a sentence, and nothing left', () => {
  test.each([
    [['--node', 'node9'], 'The history has no node "node9"; it has node1, node2 and node3.'],
    [['--group', 'x'], 'There is no group of processes "x".'],
    [['--since', '2001-01-01', '--until', '2001-01-02'], 'Nothing was recorded from 2001-01-01'],
    [['-o', '/proc/none/report.pdf'], '/proc/none/report.pdf could not be written'],
  ])('%j', async (args, words) => {
    const { code, stdout, stderr } = await report(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(words);
  });

  test('a folder without a history', async () => {
    const { code, stderr } = await mosview('report', '--data', join(folder.path, 'none'), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'file-unreadable' });
  });

  test('a place that is no folder keeps what is there', async () => {
    const file = join(folder.path, 'plain');
    writeFileSync(file, 'mine');
    const { code } = await report('-o', join(file, 'report.html'));
    expect(code).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});

describe('a million migrations', () => {
  beforeAll(() => {
    recordHour(large.path, []);
    addMigrations(large.path, MILLION);
  });

  test('go through a memory that could not hold them', async () => {
    const file = join(large.path, 'large.csv');
    // As objects they are more than 200 MB, as a file 90; V8 ends a program that needs more than this.
    const program = await Program.start(['report', '--data', large.path, ...RANGE, '-o', file], {
      NODE_OPTIONS: '--max-old-space-size=64',
    });
    expect(await program.finished).toMatchObject({ code: 0, stderr: '' });
    expect(tool('wc', '-l', file)).toMatch(new RegExp(`^${MILLION + 1} `));
  });

  test('can be cancelled by Ctrl-C, and no half file is left', async () => {
    const file = join(large.path, 'half.html');
    const program = await Program.start(['report', '--data', large.path, ...RANGE, '-o', file]);
    const isBegun = () => readdirSync(large.path).some((name) => name.startsWith('half.html.'));
    while (!isBegun() && program.process.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { code, stderr } = await program.stop();
    expect(code).toBe(1);
    expect(stderr).toContain('cancelled');
    expect(existsSync(file) || isBegun()).toBe(false);
  });
});
