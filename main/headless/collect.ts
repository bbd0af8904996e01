/** `mosview collect`: the back end without a window, for years and without anybody before it. */
import type { Program } from '../../common/contract/contract.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { createApp, type AppOptions } from '../app.ts';
import { EventLines, problemLine } from './event-lines.ts';
import type { WriteLine } from './journal.ts';

export interface CollectOptions {
  readonly app: AppOptions;
  /** How an operator opens a window on the data folder. */
  readonly windowCommand: string;
  readonly write: WriteLine;
  /** Called once when everything runs, with what a script may want to know. */
  readonly onReady: (ready: Ready) => void;
  /** Resolves when the program is to end, with the reason. */
  readonly ended: Promise<string>;
}

/** A collector that runs. */
export interface Ready {
  readonly dataFolder: string;
  /** Where windows attach; undefined where they cannot, which was said. */
  readonly socket: string | undefined;
  readonly pid: number;
  readonly metrics: string | undefined;
}

/** Collects until it is told to end, and leaves everything written. Problems: as createApp. */
export async function collect(options: CollectOptions): Promise<Result<number>> {
  const { write, windowCommand } = options;
  const { dataFolder } = options.app;
  const app = await createApp({ ...options.app, unattended: true });
  if (!app.ok)
    return app.problem.code === 'data-folder-in-use' ? failure(inUse(dataFolder, windowCommand)) : app;
  const window = app.value.desk.attach(new EventLines(write, windowCommand));
  const program = await window.call('program', {});
  // What was noticed before anybody listened; the answer is this very program's own.
  const { notices } = 'value' in program ? (program.value as Program) : { notices: [] };
  for (const notice of notices) write('warning', problemLine(notice));
  await window.call('watch', { on: true });
  const { metricsUrl: metrics, socket } = app.value;
  options.onReady({ dataFolder, socket, pid: process.pid, metrics });
  write('notice', `${await options.ended}: ending`);
  window.detach();
  await app.value.dispose();
  write('notice', 'ended; everything is written');
  return success(0);
}

function inUse(dataFolder: string, windowCommand: string): Problem {
  const words = `Another mosview records into ${dataFolder} already; only one can at a time. Windows attach to it by themselves: ${windowCommand}.`;
  return problem('data-folder-in-use', words);
}
