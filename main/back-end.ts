/** What a host of windows works with: the program's own back end, or where another one has the data folder, that one. */
import { problem, type ProblemCode } from '../common/contract/problem.ts';
import { failure, type Result } from '../common/model/result.ts';
import { createApp, type AppOptions } from './app.ts';
import { attachOverSsh, attachToFolder, type WayState } from './attach/index.ts';
import type { FarTarget } from './attach/target.ts';
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

export interface BackEndOptions extends AppOptions {
  /** A collector on another machine, in place of a back end here. */
  readonly attach?: FarTarget | undefined;
}

/**
 * Starts the program, or attaches to the one that works on the data folder already, or to the one that is named.
 * `onState` hears of the way to that one. Problems: as createApp; data-folder-in-use where one cannot attach.
 */
export async function openBackEnd(
  options: BackEndOptions,
  onState: (state: WayState) => void,
): Promise<Result<BackEnd>> {
  const { attach, dataFolder, version } = options;
  const foreign = withoutEffect(options);
  if (attach !== undefined) {
    if (foreign !== undefined) return refusal('bad-input', attach.text, foreign);
    return attachOverSsh({ ...options, target: attach, onState });
  }
  const own = await createApp(options);
  if (own.ok || own.problem.code !== 'data-folder-in-use') return own;
  const option = foreign ?? (options.settingsFile === undefined ? undefined : '--config');
  if (option !== undefined)
    return refusal('data-folder-in-use', `the mosview that works on ${dataFolder}`, option);
  return attachToFolder({ dataFolder, version, onState });
}

/** The option that would be ignored in silence by windows of a program that has its own nodes. */
function withoutEffect({ demoNodes, metrics }: AppOptions): string | undefined {
  if (demoNodes !== undefined) return '--demo';
  return metrics === undefined ? undefined : '--metrics';
}

function refusal(code: ProblemCode, where: string, option: string): Result<never> {
  const words = `Windows can attach to ${where}, but without ${option}, which only the program itself can have.`;
  return failure(problem(code, words));
}
