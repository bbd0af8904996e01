/** The folders and nodes a command works on: those of the settings, or a demo cluster of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultDataFolder } from '../paths.ts';
import type { CommonArguments } from './arguments.ts';

/** Where a command works. */
export interface Workspace {
  readonly dataFolder: string;
  /** Removes what was only for this call. */
  dispose(): Promise<void>;
}

/** The given data folder, the default one, or for a demo without a folder a temporary one. */
export async function openWorkspace({ dataFolder, demoNodes }: CommonArguments): Promise<Workspace> {
  if (dataFolder !== undefined || demoNodes === undefined) {
    return { dataFolder: dataFolder ?? defaultDataFolder(), dispose: () => Promise.resolve() };
  }
  const temporary = await mkdtemp(join(tmpdir(), 'mosview-demo-'));
  return { dataFolder: temporary, dispose: () => rm(temporary, { recursive: true, force: true }) };
}
