/**
 * Reads /proc. Texts and links are read at once, as no disk is behind them; whoever follows a link to a file must wait
 * without holding up the agent, for the file may lie on a server that does not answer.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { errorCode } from '../error-code.ts';

/** What is said when something ends, or closes, while it is looked at; EINVAL by mountinfo of what has left its mounts. */
const GONE = new Set(['ENOENT', 'ESRCH', 'EINVAL']);

/** Passes every error on but the one that a thing is gone. */
export function goneOrThrow(error: unknown): undefined {
  if (GONE.has(errorCode(error))) return undefined;
  throw error;
}

export class Proc {
  readonly root: string;

  constructor(root = '/proc') {
    this.root = root;
  }

  /** A file's text; undefined when there is no such thing (any more). */
  text(path: string): string | undefined {
    try {
      return readFileSync(`${this.root}/${path}`, 'utf8');
    } catch (error) {
      return goneOrThrow(error);
    }
  }

  /** Where a link leads. */
  link(path: string): string | undefined {
    try {
      return readlinkSync(`${this.root}/${path}`);
    } catch (error) {
      return goneOrThrow(error);
    }
  }

  /** The names in a folder that are numbers; none when it is gone. */
  numbers(path: string): readonly number[] {
    try {
      return readdirSync(`${this.root}/${path}`)
        .filter((name) => /^\d+$/.test(name))
        .map(Number);
    } catch (error) {
      return goneOrThrow(error) ?? [];
    }
  }
}
