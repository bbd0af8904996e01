/** `mosview ps`: the processes of a node, where each runs, and why one cannot move. */
import { problem } from '../../common/contract/problem.ts';
import type { ProcessInfo, ProcessPlace } from '../../common/model/process.ts';
import { isAway, isGuest, isMovable, whyItStays } from '../../common/model/process-words.ts';
import { assertNever, failure, success, type Result } from '../../common/model/result.ts';
import { controlNodes } from '../control-nodes.ts';
import type { Command } from './arguments.ts';
import { shortened } from './outcome.ts';
import type { Reach } from './reach.ts';
import { table } from './table.ts';

/** A node's processes as printed; texts are untrusted. */
export interface PrintedProcesses {
  readonly node: { readonly id: number; readonly name: string; readonly key: string };
  readonly processes: readonly (ProcessInfo & {
    readonly movable: boolean;
    /** Why it does not move by itself, in plain words. */
    readonly why: readonly string[];
  })[];
}

/** Lists a node's processes. Problems: not-found, connection-lost and the other ones of the connection. */
export async function listProcesses(
  question: Extract<Command, { name: 'ps' }>,
  reach: Reach,
): Promise<Result<PrintedProcesses>> {
  const found = await reach.connect([question.node]);
  if (!found.ok) return found;
  const [info] = found.value.nodes;
  const node = info && controlNodes(reach.monitor).find(info.key);
  if (node === undefined) {
    return failure(problem('not-found', `There is no node "${question.node}"; "mosview nodes" lists them`));
  }
  let processes = await node.processes();
  if (processes.ok && processes.value.some(({ place }) => place.kind === 'elsewhere')) {
    // Any node of the settings may have the address where one is.
    await reach.connectAll();
    processes = await node.processes();
  }
  if (!processes.ok) return processes;
  return success({
    node: { id: node.id, name: node.name, key: node.key },
    processes: processes.value
      .filter((process) => isWanted(process, question))
      .map((process) => ({ ...process, movable: isMovable(process), why: whyItStays(process) })),
  });
}

function isWanted(
  process: ProcessInfo,
  { migrated, guests, movable }: { migrated: boolean; guests: boolean; movable: boolean },
): boolean {
  const placed = (!migrated && !guests) || (migrated && isAway(process)) || (guests && isGuest(process));
  return placed && (!movable || isMovable(process));
}

/** The processes as a table for a terminal. */
export function processTable({ processes }: PrintedProcesses): string {
  return table(
    [
      ['PID', 'right'],
      ['USER', 'left'],
      ['WHERE', 'left'],
      ['STATE', 'left'],
      ['CPU', 'right'],
      ['MEMORY', 'right'],
      ['NICE', 'right'],
      ['MIGRATIONS', 'right'],
      ['COMMAND', 'left'],
      ['STAYS BECAUSE', 'left'],
    ],
    processes.map((process) => [
      String(process.pid),
      process.user === '' ? String(process.uid ?? '-') : process.user,
      placeWords(process.place),
      process.state,
      cpuTime(process.cpuSeconds),
      `${Math.round(process.memory / 1_048_576)} MiB`,
      String(process.nice),
      process.migrations === null ? '-' : String(process.migrations),
      shortened(process.command),
      process.why.join('; '),
    ]),
  );
}

function placeWords(place: ProcessPlace): string {
  switch (place.kind) {
    case 'home':
      return 'home';
    case 'away':
      return `on node ${place.id}`;
    case 'guest':
      return place.pid === 0 ? `guest of node ${place.id}` : `guest of node ${place.id} (${place.pid})`;
    case 'elsewhere':
      return place.guest ? `guest from ${place.address}` : `at ${place.address}`;
    case 'moving':
      return 'on its way';
    case 'unknown':
      return '-';
    default:
      return assertNever(place);
  }
}

/** CPU time as ps shows it: hours, minutes, seconds. */
function cpuTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
