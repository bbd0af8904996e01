/** What a host of windows works with: the program's own back end, or where another one has the data folder, that one. */
import { problem, type ProblemCode } from '../common/contract/problem.ts';
import { failure, success, type Result } from '../common/model/result.ts';
import { createApp, type App, type AppOptions } from './app.ts';
import {
  attachOverSsh,
  attachToFolder,
  startOrFind,
  type Succession,
  type WayState,
} from './attach/index.ts';
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
 * Starts the program, or attaches to the one that works on the data folder already, or to the one that is named. When
 * the one on the data folder ends, this one goes on in its place. `onState` hears of the way to the other one. Problems:
 * as createApp; data-folder-in-use where one cannot attach.
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
  const found = await startOrFind(dataFolder, () => createApp(options));
  if (!found.ok) return found;
  if ('own' in found.value) return success(found.value.own);
  const { other } = found.value;
  other.end();
  const option = foreign ?? (options.settingsFile === undefined ? undefined : '--config');
  if (option !== undefined)
    return refusal('data-folder-in-use', `the mosview that works on ${dataFolder}`, option);
  const goOn = (succession: Succession): Promise<Result<App>> => goOnAs(options, succession);
  return success(attachToFolder({ dataFolder, version, onState, goOn }, other.hello));
}

/** Starts the program as one was started that has ended. That its metrics cannot be offered is no reason not to record. */
async function goOnAs(options: AppOptions, { settingsFile, metrics }: Succession): Promise<Result<App>> {
  const whole = await createApp({ ...options, settingsFile, metrics });
  if (whole.ok || metrics === undefined || whole.problem.code === 'data-folder-in-use') return whole;
  const without = await createApp({ ...options, settingsFile });
  if (without.ok) without.value.notice(whole.problem);
  return without;
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
