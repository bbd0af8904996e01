/** Reads where a collector on another machine is: `[user@]host[:port][:/data/dir]`. */
import type { NodeEntry } from '../../common/contract/contract.ts';
import { success, type Result } from '../../common/model/result.ts';
import { parseTarget } from '../settings/target.ts';

/** A collector on another machine. */
export interface FarTarget {
  /** As the operator wrote it. */
  readonly text: string;
  readonly entry: NodeEntry;
  /** Its data folder; undefined for the usual one of that account. */
  readonly folder: string | undefined;
}

/** Reads a written target. Problems: bad-input. */
export function parseFarTarget(text: string): Result<FarTarget> {
  const at = text.indexOf(':/');
  const [host, folder] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
  const entry = parseTarget(host);
  return entry.ok ? success({ text, entry: entry.value, folder }) : entry;
}
