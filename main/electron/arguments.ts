/**
 * The desktop program's command line: `--demo [mattx] [N]`, `--data DIR`, `--config FILE`, `--metrics ADDRESS:PORT`, `--attach
 * TARGET`. Chromium's own switches pass by.
 */
import { resolve } from 'node:path';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { parseFarTarget, type FarTarget } from '../attach/target.ts';
import { demoWords, parseDemo, type DemoRequest } from '../demo/request.ts';
import { parseListenAddress, type ListenAddress } from '../prometheus/address.ts';

/** What the program was started with; paths are absolute. */
export interface StartArguments {
  readonly demoNodes?: number;
  readonly demoDialect?: DemoRequest['demoDialect'];
  readonly dataFolder?: string;
  readonly settingsFile?: string;
  /** Where Prometheus may scrape. */
  readonly metrics?: ListenAddress;
  /** A collector on another machine. */
  readonly attach?: FarTarget;
}

/**
 * Reads the command line.
 * @param folder The working folder, against which relative paths are read.
 */
export function parseArguments(args: readonly string[], folder: string): Result<StartArguments> {
  let found: StartArguments = {};
  for (const [index, argument] of args.entries()) {
    const [option, attached] = splitOption(argument);
    const value = attached ?? args[index + 1];
    if (option === '--demo') {
      const demo = parseDemo(attached?.split(' ') ?? demoWords(args.slice(index + 1)));
      if (!demo.ok) return failure(problem('bad-input', `${demo.problem.message}.`));
      found = { ...found, ...demo.value };
    } else if (option === '--data' || option === '--config') {
      if (value === undefined || value === '' || value.startsWith('--')) {
        return failure(problem('bad-input', `${option} needs a path after it.`));
      }
      const path = resolve(folder, value);
      found = option === '--data' ? { ...found, dataFolder: path } : { ...found, settingsFile: path };
    } else if (option === '--metrics') {
      const metrics = parseListenAddress(value ?? '');
      if (!metrics.ok) return metrics;
      found = { ...found, metrics: metrics.value };
    } else if (option === '--attach') {
      const target = parseFarTarget(value ?? '');
      if (!target.ok) return target;
      found = { ...found, attach: target.value };
    }
  }
  return success(found);
}

/** `--data=DIR` as option and value; anything else has no value attached. */
function splitOption(argument: string): readonly [string, string | undefined] {
  const equals = argument.indexOf('=');
  if (!argument.startsWith('--') || equals < 0) return [argument, undefined];
  return [argument.slice(0, equals), argument.slice(equals + 1)];
}
