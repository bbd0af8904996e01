/** What a host of windows works with: the program's own back end, or where another one has the data folder, that one. */
import { problem, type Problem } from '../common/contract/problem.ts';
import { failure, type Result } from '../common/model/result.ts';
import { createApp, type AppOptions } from './app.ts';
import { attachToFolder, type WayState } from './attach/index.ts';
import type { Desk } from './desk.ts';

/** A back end for windows. */
export interface BackEnd {
  readonly desk: Desk;
  readonly title: string;
  /** Where the metrics are, where this program offers them. */
  readonly metricsUrl?: string | undefined;
  /** The program whose windows these are, and its machine, in words; undefined for one's own. */
  readonly attachedTo?: string | undefined;
  dispose(): Promise<void>;
}

/**
 * Starts the program, or attaches to the one that works on the data folder already. `onState` hears of the way to that
 * one. Problems: as createApp; data-folder-in-use where one cannot attach.
 */
export async function openBackEnd(
  options: AppOptions,
  onState: (state: WayState) => void,
): Promise<Result<BackEnd>> {
  const own = await createApp(options);
  if (own.ok || own.problem.code !== 'data-folder-in-use') return own;
  const foreign = withoutEffect(options);
  if (foreign !== undefined) return failure(foreign);
  return attachToFolder({ dataFolder: options.dataFolder, version: options.version, onState });
}

/** What would be ignored in silence by windows of a program that has its own nodes and settings. */
function withoutEffect({ dataFolder, demoNodes, settingsFile, metrics }: AppOptions): Problem | undefined {
  const option =
    (demoNodes !== undefined && '--demo') ||
    (settingsFile !== undefined && '--config') ||
    (metrics !== undefined && '--metrics');
  if (!option) return undefined;
  const words = `Another mosview works on the data folder ${dataFolder}. Windows can attach to it, but without ${option}, which only the program itself can have.`;
  return problem('data-folder-in-use', words);
}
