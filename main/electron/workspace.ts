/** The folders of the desktop program. They are made before Electron is ready, hence without waiting. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { defaultDataFolder } from '../paths.ts';
import { makeDataFolder } from '../settings/files.ts';
import type { StartArguments } from './arguments.ts';

/** Where the program works. */
export interface Workspace {
  readonly dataFolder: string;
  /** Chromium's own files; one program at a time works on them. */
  readonly profile: string;
  /** True where the data folder is only for this run. */
  readonly temporary: boolean;
}

/** The given data folder, the default one, or for a demo without a folder a temporary one. */
export function makeWorkspace({ dataFolder, demoNodes, attach }: StartArguments): Result<Workspace> {
  const temporary = dataFolder === undefined && demoNodes !== undefined;
  const wanted = temporary ? join(tmpdir(), 'mosview-demo-') : (dataFolder ?? defaultDataFolder());
  try {
    const folder = temporary ? mkdtempSync(wanted) : wanted;
    // Windows of different programs do not come to the front for each other.
    const whose =
      attach === undefined ? '' : `-${attach.text.replaceAll(/[^A-Za-z0-9.-]/g, '_').slice(0, 100)}`;
    const profile = join(folder, `electron${whose}`);
    const made = [folder, profile].map(makeDataFolder).find((result) => !result.ok);
    return made === undefined ? success({ dataFolder: folder, profile, temporary }) : made;
  } catch (error) {
    return failure(problem('file-unreadable', `The data folder ${wanted} cannot be made`, String(error)));
  }
}
