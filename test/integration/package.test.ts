/**
 * The package: its configuration holds before electron-builder's own scheme, and what it packs is the built program with
 * what it needs at run time, and nothing else. Electron itself is a stand-in, so what starts is the unpacked content.
 */
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { extractAll, extractFile, listPackage } from '@electron/asar';
import { getConfig, validateConfiguration } from 'app-builder-lib/out/util/config/config.js';
import { DebugLogger } from 'builder-util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDistribution } from '../harness/electron/distribution.ts';
import { runElectron } from '../harness/electron/run.ts';
import { temporaryFolder } from '../harness/program.ts';

const project = resolve(import.meta.dirname, '../..');
const script = join(project, 'scripts/package.mjs');

/** Runs `npm run package`; electron-builder would keep silent if it saw that a test is watching. */
function pack(...args: readonly string[]) {
  const { VITEST: _vitest, ...env } = process.env;
  return promisify(execFile)(process.execPath, [script, '--linux', 'dir', ...args], { env });
}

describe('electron-builder.yml', () => {
  it("holds before electron-builder's own scheme", async () => {
    const config = await getConfig(project, null, null);
    await validateConfiguration(config, new DebugLogger(false));
    expect(config).toMatchObject({
      productName: 'mosview',
      asar: true,
      npmRebuild: false,
      linux: { target: ['deb', 'AppImage'] },
      mac: { target: ['dmg'] },
      win: { target: ['nsis'] },
    });
  });

  it('is refused by npm run package where it does not', async () => {
    await expect(pack('-c.nonsense=1')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("unknown property 'nonsense'") as string,
    });
  });
});

describe('the package for Linux', () => {
  const folder = temporaryFolder('package');
  const unpacked = join(folder.path, 'dist/linux-unpacked');
  const archive = join(unpacked, 'resources/app.asar');
  let files: readonly string[] = [];

  beforeAll(async () => {
    const { version } = JSON.parse(
      readFileSync(join(project, 'node_modules/electron/package.json'), 'utf8'),
    ) as { version: string };
    const distribution = join(folder.path, 'electron');
    makeDistribution(distribution, version);
    await pack(`-c.electronDist=${distribution}`, `-c.directories.output=${join(folder.path, 'dist')}`);
    files = listPackage(archive, { isPack: false });
  });

  afterAll(() => folder.remove());

  it('has the built program and what it reads at run time', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        '/package.json',
        '/out/agent/mosview-agent.mjs',
        '/out/main/electron.js',
        '/out/main/history-worker.js',
        '/out/preload/electron.cjs',
        '/out/renderer/index.html',
        '/resources/mosview-agent.service',
        '/resources/mosview-keeper.service',
        '/resources/operator.sh',
        '/resources/sampler.sh',
        '/resources/icons/256x256.png',
      ]),
    );
    const { main } = JSON.parse(extractFile(archive, 'package.json').toString()) as { main: string };
    expect(main).toBe('out/main/electron.js');
  });

  it('has the run-time packages and no others', () => {
    const packages = new Set(files.map((file) => /^\/node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0]));
    expect([...packages].filter(Boolean).toSorted((a = '', b = '') => a.localeCompare(b))).toEqual(
      ['asn1', 'bcrypt-pbkdf', 'better-sqlite3', 'dejavu-fonts-ttf', 'safer-buffer', 'ssh2', 'tweetnacl'].map(
        (name) => `/node_modules/${name}`,
      ),
    );
  });

  it('has no sources, no tests, no maps and nothing of the host without Electron', () => {
    const own = files.filter((file) => !file.startsWith('/node_modules'));
    expect(own.filter((file) => /\.(ts|tsx|map)$|test|headless|web\.cjs/.test(file))).toEqual([]);
    expect(own.filter((file) => !/^\/(out|resources|package\.json)/.test(file))).toEqual([]);
  });

  it('has the one native binary for its system outside the archive, where it can be loaded', () => {
    const native = files.filter((file) => file.endsWith('.node'));
    expect(native).toEqual([`/node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`]);
    expect(statSync(join(`${archive}.unpacked`, native[0] ?? '')).size).toBeGreaterThan(1_000_000);
  });

  it('has the fuses set: cookies encrypted, archive checked, all ways around the program closed', () => {
    const fuses = readFileSync(join(unpacked, 'mosview'), 'latin1').slice(-8);
    // Run as node, cookie encryption, NODE_OPTIONS, --inspect, archive integrity, archive only, snapshot, file rights.
    expect(fuses).toBe('01001100');
  });

  it('starts from what it contains', async () => {
    const content = join(folder.path, 'content');
    extractAll(archive, content);
    const program = runElectron(join(content, 'out/main/electron.js'), ['--demo', '2']);
    const page = await program.page('view=main');
    await page.getByRole('row').getByText('up', { exact: true }).first().waitFor();
    program.signal('SIGINT');
    expect(await program.ended).toBe(0);
    expect(program.output()).toBe('');
  });
});
