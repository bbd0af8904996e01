/**
 * A stand-in for an unpacked Electron, to pack the program with where Electron cannot be downloaded: the files that
 * electron-builder looks for, and a program that holds nothing but the fuses, so that flipping them is real.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The mark behind which Electron keeps its fuses, then their version and number. */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

/** The fuses as Electron delivers them: run as node, cookies, NODE_OPTIONS, --inspect, integrity, asar only, snapshot, file. */
const DELIVERED = '10110001';

/** Writes the distribution into a new folder. */
export function makeDistribution(folder: string, version: string): void {
  mkdirSync(join(folder, 'resources'), { recursive: true });
  mkdirSync(join(folder, 'locales'));
  const fuses = Buffer.concat([
    Buffer.from(FUSE_MARK),
    Buffer.from([1, DELIVERED.length]),
    Buffer.from(DELIVERED),
  ]);
  writeFileSync(join(folder, 'electron'), fuses, { mode: 0o755 });
  writeFileSync(join(folder, 'chrome-sandbox'), '', { mode: 0o755 });
  writeFileSync(join(folder, 'version'), version);
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'locales/en-US.pak', 'locales/de.pak']) {
    writeFileSync(join(folder, name), '');
  }
}
