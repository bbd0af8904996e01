/** What `--demo` asks for: `--demo`, `--demo 40`, `--demo mattx`, `--demo mattx 12`. */
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { wholeNumber } from '../../common/model/whole-number.ts';

/** A demo cluster that is asked for. */
export interface DemoRequest {
  readonly demoNodes: number;
  /** What its nodes speak; openMosix when left out. */
  readonly demoDialect?: 'mattx' | undefined;
}

/** Nodes of an openMosix demo when no number is given. */
export const DEFAULT_DEMO_NODES = 12;
const DEFAULT_MATTX_NODES = 8;
const LARGEST_DEMO = 2000;
/** Every MattX node tells every other one of itself. */
const LARGEST_MATTX_DEMO = 200;

const NUMBER = /^\d+$/;

/** Which of the words behind `--demo` belong to it. */
export function demoWords([first = '', second = '']: readonly string[]): readonly string[] {
  if (NUMBER.test(first)) return [first];
  if (first !== 'mattx') return [];
  return NUMBER.test(second) ? [first, second] : [first];
}

/** Reads the words of `--demo`. Problems: bad-input, a sentence without its full stop. */
export function parseDemo(words: readonly string[]): Result<DemoRequest> {
  const isMattx = words[0] === 'mattx';
  const number = isMattx ? words.slice(1) : words;
  const [name, usual, most] = isMattx
    ? ['--demo mattx', DEFAULT_MATTX_NODES, LARGEST_MATTX_DEMO]
    : ['--demo', DEFAULT_DEMO_NODES, LARGEST_DEMO];
  const demoNodes = number.length === 0 ? usual : wholeNumber(number.join(' '));
  if (!(demoNodes >= 1 && demoNodes <= most)) {
    return failure(
      problem('bad-input', `${name} takes a number of nodes from 1 to ${most}, not "${number.join(' ')}"`),
    );
  }
  return success(isMattx ? { demoNodes, demoDialect: 'mattx' } : { demoNodes });
}
