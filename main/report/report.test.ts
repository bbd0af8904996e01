/** Reports from real files: what each form holds, and that what goes wrong leaves nothing behind. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportFormat, ReportTable } from '../../common/model/report-kinds.ts';
import type { ReportProgress, ReportRequest } from '../../common/model/report.ts';
import { temporaryFolder } from '../history/fixture.ts';
import { addMigrations, FROM, HOSTILE, orderOf, recordHour, sourceOf, value } from './fixture.ts';
import type { FolderSource } from './folder-source.ts';
import { previewReport, printReport, writeReport } from './index.ts';
import { REPORT_STYLE_SOURCE } from './style.ts';

const folder = temporaryFolder();
let source: FolderSource;

beforeAll(async () => {
  recordHour(folder.path);
  source = await sourceOf(folder.path);
});

afterAll(async () => {
  await source.close();
  folder.dispose();
});

/** A report as its text. */
async function text(
  format: ReportFormat,
  table: ReportTable = 'migrations',
  request: Partial<ReportRequest> = {},
): Promise<string> {
  const chunks: Buffer[] = [];
  const to = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  value(await printReport(orderOf(source, request), { format, table }, to));
  return Buffer.concat(chunks).toString();
}

async function json(request: Partial<ReportRequest> = {}) {
  return JSON.parse(await text('json', 'migrations', request)) as {
    readonly migrations: readonly { readonly command: string; readonly pid: number; readonly time: string }[];
    readonly states: readonly object[];
    readonly causes: readonly { readonly cause: string; readonly moves: number }[];
    readonly top_processes: readonly object[];
    readonly checkpoints: readonly object[];
    readonly actions: readonly object[];
    readonly notes: readonly string[];
    readonly figures: Readonly<Record<string, unknown>>;
  };
}

/** Reads CSV as RFC 4180 says, strictly: CRLF only, quotes only where they belong. */
function parseCsv(content: string): readonly (readonly string[])[] {
  expect(content.endsWith('\r\n')).toBe(true);
  const rows: string[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  let row: string[] = [];
  while (field.lastIndex < content.length) {
    const match = field.exec(content);
    if (match === null) throw new Error(`no field of CSV in row ${rows.length + 1}`);
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

describe('CSV', () => {
  test('has every migration with its zone, ids and names, and no formula', async () => {
    const [head, ...rows] = parseCsv(await text('csv'));
    expect(head).toEqual(
      'number,time,command,pid,home,home_name,from,from_name,to,to_name,cause,action,duration_ms,result,moves'.split(
        ',',
      ),
    );
    expect(rows).toHaveLength(3 + HOSTILE.length);
    expect(rows[1]?.slice(2)).toEqual('mprime,1042,1,node1,2,node2,3,node3,operator,7,350,seen,1'.split(','));
    expect(rows.every((row) => /^2026-11-24T\d\d:00:\d\d\.000[+-]\d\d:\d\d$/.test(row[1] ?? ''))).toBe(true);
    expect(Date.parse(rows[0]?.[1] ?? '')).toBe(FROM + 10_000);
    expect(rows.slice(3).map((row) => row[2])).toEqual([
      '\'=HYPERLINK("http://x")',
      '<script>alert(1)</script>',
      'a,"b"',
      'Größe 測試',
      '\uFFFDevil',
      '| pipe',
    ]);
  });

  test.each(['nodes', 'actions', 'states', 'load'] as const)('has the table %s, too', async (table) => {
    const [head, ...rows] = parseCsv(await text('csv', table));
    expect(rows.every((row) => row.length === head?.length)).toBe(true);
    if (table === 'states') {
      expect(rows).toHaveLength(1);
      expect(rows[0]).toEqual(
        expect.arrayContaining(['3', 'node3', 'down', '60', 'node1 cannot reach it (-101, ENETUNREACH)']),
      );
    }
  });
});

describe('JSON', () => {
  test('is one valid object with every part', async () => {
    const report = await json();
    expect(report.migrations).toHaveLength(3 + HOSTILE.length);
    expect(report.migrations[2]).toMatchObject({
      from: { id: 0 },
      result: 'unseen',
      moves: 3,
      duration_ms: null,
    });
    expect(report.states).toHaveLength(1);
    expect(report.checkpoints).toMatchObject([{ who: 'anna@desk', text: 'new kernel on node2' }]);
    expect(report.causes).toMatchObject([
      { cause: 'balancer', moves: 10 },
      { cause: 'operator', moves: 1 },
    ]);
    expect(report.top_processes[0]).toMatchObject({ pid: 9, moves: 3 });
    expect(report.figures).toMatchObject({ migrations: 11, actions: 0 });
  });

  test('says plainly that most of the time nothing was recorded', async () => {
    expect((await json()).notes.join()).toMatch(/Nothing was recorded .*50 min/);
  });
});

describe('a selection', () => {
  test('of nodes has what touches them', async () => {
    const { migrations } = await json({ nodes: ['node2'] });
    expect(migrations.map(({ pid }) => pid)).toEqual([1042, 1042, 9]);
  });

  test('of a command has the processes whose name holds it', async () => {
    const { migrations } = await json({ command: 'prim' });
    expect(migrations.map(({ command }) => command)).toEqual(['mprime', 'mprime', 'mprime']);
  });

  test('of a group by hand has its very processes', async () => {
    const { migrations } = await json({ groups: ['one process'] });
    expect(migrations.map(({ pid }) => pid)).toEqual([1042, 1042]);
  });

  test('of a group by command falls back on the short name where no list tells more, and says what is left out', async () => {
    const { migrations, notes } = await json({ groups: ['primes'] });
    expect(migrations.map(({ command }) => command)).toEqual(['mprime', 'mprime', 'mprime']);
    expect(notes.join()).toContain('6 migrations are left out');
  });
});

describe('HTML', () => {
  test('is one page without script, in which every name is text', async () => {
    const page = await text('html');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toMatch(/<script|<link|<img|<iframe|javascript:|https?:\/\/(?!x&quot;)|style="/i);
    expect(page).toContain(`style-src ${REPORT_STYLE_SOURCE}`);
    expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(1);
  });

  test('as a preview has only so many migrations, and says so', async () => {
    const page = value(await previewReport(orderOf(source), 4));
    expect(page).toContain('Only the first 4 of 9 entries of the migration log are listed here');
    expect(page.slice(page.indexOf('Every migration')).match(/<tr><td/g)).toHaveLength(4);
  });
});

test('Markdown is a summary in which no name can be a table or a tag', async () => {
  const summary = await text('md');
  expect(summary).toContain('# Cluster report');
  expect(summary).toContain(String.raw`\| pipe`);
  expect(summary).not.toContain('<script>');
  expect(summary).toContain('The 9 entries of the migration log are not listed here');
});

describe('what goes wrong', () => {
  const refused = async (request: Partial<ReportRequest>) => {
    const made = await writeReport(
      orderOf(source, request),
      { format: 'json', table: 'migrations' },
      join(folder.path, 'refused.json'),
    );
    return made.ok ? 'made' : `${made.problem.code}: ${made.problem.message}`;
  };

  test('an unknown node or group is named', async () => {
    expect(await refused({ nodes: ['node9'] })).toBe(
      'not-found: The history has no node "node9"; it has node1, node2 and node3.',
    );
    expect(await refused({ groups: ['x'] })).toBe('not-found: There is no group of processes "x".');
  });

  test('an empty range, and one in which nothing was recorded, are said', async () => {
    expect(await refused({ to: FROM })).toMatch(
      /^bad-input: The report's range .* is empty or shorter than a second/,
    );
    expect(await refused({ from: 1e12, to: 1e12 + 60_000 })).toMatch(
      /^not-found: Nothing was recorded from 2001/,
    );
    expect(readdirSync(folder.path)).not.toContain('refused.json');
  });

  test('a refusal that comes before the file is open leaves none either', async () => {
    // Opening the draft and removing it can meet in either order; once in some hundreds of times they did.
    for (let round = 0; round < 100; round += 1) {
      await Promise.all(Array.from({ length: 16 }, () => refused({ to: FROM })));
    }
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  test('a place where nothing can be written is named, and nothing is left', async () => {
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    const made = await writeReport(
      orderOf(source),
      { format: 'md', table: 'migrations' },
      join(file, 'r.md'),
    );
    expect(made).toMatchObject({ ok: false, problem: { message: /r\.md could not be written/ } });
    const taken = join(folder.path, 'taken');
    mkdirSync(taken);
    const second = await writeReport(orderOf(source), { format: 'md', table: 'migrations' }, taken);
    expect(second.ok).toBe(false);
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  test('a history that is none is said', async () => {
    await expect(sourceOf(join(folder.path, 'nowhere'))).rejects.toThrow('history');
  });
});

describe('a report over very many migrations', () => {
  // How much memory a million takes is seen in test/integration/report.test.ts.
  const COUNT = 50_000;
  const large = temporaryFolder();
  let largeSource: FolderSource | undefined;

  beforeAll(async () => {
    recordHour(large.path, []);
    addMigrations(large.path, COUNT);
    largeSource = await sourceOf(large.path);
  });

  afterAll(async () => {
    await largeSource?.close();
    large.dispose();
  });

  test('is written with its progress', async () => {
    const file = join(large.path, 'large.csv');
    const shares: number[] = [];
    let [total, done] = [0, 0];
    const order = {
      ...orderOf(largeSource as FolderSource),
      onProgress: (progress: ReportProgress) => {
        shares.push(progress.share);
        ({ total, done } = progress);
      },
    };
    const { bytes } = value(await writeReport(order, { format: 'csv', table: 'migrations' }, file));
    expect(bytes).toBeGreaterThan(70 * COUNT);
    expect({ total, done }).toEqual({ total: COUNT, done: COUNT });
    expect(shares).toEqual(shares.toSorted((one, other) => one - other));
  });

  test('can be cancelled, and leaves no half file', async () => {
    const cancelling = new AbortController();
    const order = {
      ...orderOf(largeSource as FolderSource),
      signal: cancelling.signal,
      onProgress: ({ done }: { readonly done: number }) => {
        if (done > 0) cancelling.abort();
      },
    };
    const file = join(large.path, 'half.csv');
    const made = await writeReport(order, { format: 'csv', table: 'migrations' }, file);
    expect(made).toMatchObject({ ok: false, problem: { code: 'cancelled' } });
    expect(readdirSync(large.path).filter((name) => name.startsWith('half'))).toEqual([]);
  });
});

test('a file is only for its owner', async () => {
  const file = join(folder.path, 'own.md');
  value(await writeReport(orderOf(source), { format: 'md', table: 'migrations' }, file));
  expect(readFileSync(file, 'utf8')).toContain('Cluster report');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
