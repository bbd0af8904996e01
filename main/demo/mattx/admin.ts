/** What a write to /proc/mattx/admin means. Nothing is ever refused: what is not understood is no command. */

/** A command as the kernel understands it. */
export type AdminCommand =
  | { readonly kind: 'switch'; readonly name: SwitchName; readonly on: boolean }
  | { readonly kind: 'affinity'; readonly value: number }
  | { readonly kind: 'list'; readonly name: 'exclude' | 'include'; readonly text: string }
  /** `target` is a node's id, or `home`. */
  | { readonly kind: 'migrate'; readonly pid: number; readonly target: number | 'home' };

/** The settings that are on or off. */
export type SwitchName = 'balancer' | 'debug' | 'mattxfs';

/** Bytes of a write that the kernel looks at; a list has 247 of them. */
const BUFFER_BYTES = 255;
const AFFINITIES = 2 ** 32;

/** Reads one write, bytes as Latin-1. Undefined for what the kernel accepts without doing anything. */
export function parseAdmin(written: string): AdminCommand | undefined {
  const [line = ''] = written.slice(0, BUFFER_BYTES).split('\n');
  const list = /^(exclude|include) (.*)$/s.exec(line);
  if (list !== null) {
    return { kind: 'list', name: list[1] === 'exclude' ? 'exclude' : 'include', text: list[2] ?? '' };
  }
  const affinity = /^affinity +(\d{1,40})/.exec(line)?.[1];
  if (affinity !== undefined) {
    return { kind: 'affinity', value: Number(BigInt(affinity) % BigInt(AFFINITIES)) };
  }
  const [, name, value = ''] = /^(balancer|debug|mattxfs)\s+(\d{1,9})/.exec(line) ?? [];
  if (name === 'balancer' || name === 'debug' || name === 'mattxfs') {
    return { kind: 'switch', name, on: Number(value) !== 0 };
  }
  const [, pid, target] = /^migrate\s+(\d{1,9})\s+(home|\d{1,9})\s*$/.exec(line) ?? [];
  if (pid === undefined || target === undefined) return undefined;
  return { kind: 'migrate', pid: Number(pid), target: target === 'home' ? 'home' : Number(target) };
}

/** Whether a list of names, as `exclude` and `include` take it, has this one. */
export function listHas(list: string, name: string): boolean {
  return list.split(',').some((item) => item.trimStart() === name);
}
