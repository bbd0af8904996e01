/** The content of files as sha256, each version of a file read only once while the agent runs. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { FileIdentity } from './files.ts';

/** Files whose content is remembered; the least recently used goes first. */
const REMEMBERED = 4096;
const remembered = new Map<string, string>();

function versionOf({ device, inode, size, changed }: FileIdentity): string {
  return `${device} ${inode} ${size} ${changed}`;
}

/** The sha256 of a regular file in hex. `identity` is what was found at the path just before. Throws what reading throws. */
export async function contentOf(path: string, identity: FileIdentity): Promise<string> {
  const version = versionOf(identity);
  const known = remembered.get(version);
  const sum = known ?? (await read(path));
  remembered.delete(version);
  remembered.set(version, sum);
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  return sum;
}

async function read(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
