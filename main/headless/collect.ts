/** `mosview collect`: the back end without a window, for years and without anybody before it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Program } from '../../common/contract/contract.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { createApp, type App, type AppOptions } from '../app.ts';
import { NO_EVENTS, programOn, startOrFind } from '../attach/index.ts';
import { EventLines, problemLine } from './event-lines.ts';
import type { WriteLine } from './journal.ts';

/** Milliseconds after which a folder is looked at again that nobody can be reached in, and nobody can take. */
const LOOK_AGAIN_MILLISECONDS = 1000;

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

/**
 * Collects until it is told to end, and leaves everything written. While a window records in the data folder it waits,
 * and goes on when that ends. Problems: as createApp; data-folder-in-use where another collector records.
 */
export async function collect(options: CollectOptions): Promise<Result<number>> {
  const { write, windowCommand } = options;
  const { dataFolder } = options.app;
  const app = await startInTurn(options);
  if (!app.ok) return app;
  if (app.value === undefined) return success(0);
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

/** Starts when no window records any more; undefined where it is to end before that. */
async function startInTurn({
  app,
  windowCommand,
  write,
  ended,
}: CollectOptions): Promise<Result<App | undefined>> {
  const { dataFolder } = app;
  const start = (): Promise<Result<App>> => createApp({ ...app, unattended: true });
  const told: { signal?: string } = {};
  void ended.then((signal) => (told.signal = signal));
  for (let hasWaited = false; told.signal === undefined; hasWaited = true) {
    let otherEnded = (): void => undefined;
    const turn = new Promise<void>((resolve) => {
      otherEnded = resolve;
    });
    const found = await startOrFind(dataFolder, start, { ...NO_EVENTS, ended: () => otherEnded() });
    if (!found.ok) {
      if (!hasWaited || found.problem.code !== 'data-folder-in-use') return found;
      // A window that ends slowly.
      await Promise.race([pause(LOOK_AGAIN_MILLISECONDS), ended]);
      continue;
    }
    if ('own' in found.value) return success(found.value.own);
    const { other } = found.value;
    const who = programOn(other.hello);
    if (other.hello.unattended) {
      other.end();
      return failure(inUse(dataFolder, who, windowCommand));
    }
    const words = `A window of ${who} records into ${dataFolder}, and only one can at a time. This collector waits, and records as soon as that window's program is closed; close it to have that now.`;
    write('notice', words);
    await Promise.race([turn, ended]);
    other.end();
  }
  write('notice', `${told.signal}: ending; it recorded nothing, as a window did`);
  return success(undefined);
}

function inUse(dataFolder: string, who: string, windowCommand: string): Problem {
  const words = `The ${who} records into ${dataFolder} already; only one can at a time. Windows attach to it by themselves: ${windowCommand}.`;
  return problem('data-folder-in-use', words);
}
