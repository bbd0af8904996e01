/**
 * Lists of processes as bytes: a full one now and then, and in between only what differs from it, so that any list is read
 * with at most two rows and a lost one costs no other. Compressed JSON, column after column.
 *
 * What changes all the time is rounded, so that an idle process costs nothing: CPU time to tenths of a second, memory to
 * one percent, the age to two seconds.
 */
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import type { RecordedNode } from '../../../common/model/history.ts';
import { processInfoSchema, type ProcessInfo, type ProcessPlace } from '../../../common/model/process.ts';
import { assertNever } from '../../../common/model/result.ts';
import { DamagedData } from '../codec.ts';
import type { StoredProcessList } from './rows.ts';

/** The fields of a stored process, in their order. */
const FIELDS = [
  'pid',
  'started',
  'parent',
  'uid',
  'user',
  'name',
  /** Empty where it is the name. */
  'command',
  /** 0 at home, null unknown, a node's id where it is away, [id, pid] for a guest. */
  'place',
  'state',
  /** Tenths of a second. */
  'cpu',
  /** KiB. */
  'memory',
  'nice',
  /** Second since 1970 in which it began; null where unknown. */
  'birth',
  'migrations',
  /** 0, 1, or null where the node does not say. */
  'locked',
  'reasons',
] as const;
const [PID, STARTED] = [0, 1] as const;
const [CPU, MEMORY, BIRTH] = [
  FIELDS.indexOf('cpu'),
  FIELDS.indexOf('memory'),
  FIELDS.indexOf('birth'),
] as const;

/** One process as its fields' values. */
type Stored = readonly unknown[];

/** What differs from a full list. */
interface Difference {
  /** Of the full list's text. */
  readonly sum: number;
  /** Places in the full list of processes that are gone. */
  readonly gone: readonly number[];
  /** By field: places in the full list, each as its distance from the one before, and the values there; of CPU time how much it grew. */
  readonly changed: Readonly<
    Record<string, readonly [places: readonly number[], values: readonly unknown[]]>
  >;
  /** Processes that are new, as columns. */
  readonly added: readonly (readonly unknown[])[];
}

/** A full list is at most so old, and has at most so many others that differ from it. */
export const OLDEST_BASE_SECONDS = 6 * 3600;
const MOST_DIFFERENCES = 240;

const AGE_TOLERANCE_SECONDS = 2;
const MEMORY_TOLERANCE = 0.01;

/** A list never inflates to more; a node's answer is bounded far below. */
const MOST_BYTES = 64 * 1024 * 1024;

interface Base {
  readonly second: number;
  /** Deflated, because a thousand nodes have one each. */
  readonly bytes: Uint8Array;
  /** How many lists differ from it, the size of the first of these, and how much larger the others were in all. */
  differences: number;
  firstSize: number;
  excess: number;
}

/** Makes the rows of one node's lists, in their order. */
export class ProcessListEncoder {
  #base: Base | undefined;

  /** The row of a list that a node gave at `second`. */
  encode(node: RecordedNode, second: number, processes: readonly ProcessInfo[]): StoredProcessList {
    const rows = processes.map((process) => storedProcess(process, second));
    const base = this.#base;
    if (base !== undefined && isUsable(base, second)) {
      const bytes = deflated(JSON.stringify(difference(inflated(base.bytes), rows)));
      base.differences += 1;
      if (base.differences === 1) base.firstSize = bytes.length;
      base.excess += bytes.length - base.firstSize;
      // Once the differences have cost as much more as a new full list costs, it is worth it.
      if (bytes.length < base.bytes.length / 2 && base.excess < base.bytes.length) {
        return { node, second, base: base.second, bytes };
      }
    }
    const bytes = deflated(JSON.stringify(columnsOf(rows)));
    this.#base = { second, bytes, differences: 0, firstSize: 0, excess: 0 };
    return { node, second, base: second, bytes };
  }

  /** A list that was made is lost: the next one is a full one. */
  forget(): void {
    this.#base = undefined;
  }
}

function isUsable({ second: since, differences }: Base, second: number): boolean {
  return second > since && second - since <= OLDEST_BASE_SECONDS && differences < MOST_DIFFERENCES;
}

/**
 * The processes of a stored list, by number; percent of CPU are not in it. `base` is the full list it differs from.
 * Undefined where it differs from another one than that, throws DamagedData.
 */
export function decodeProcessList(
  list: Uint8Array,
  base: Uint8Array | undefined,
  second: number,
): readonly ProcessInfo[] | undefined {
  try {
    const text = inflated(base ?? list);
    let rows = rowsOf(JSON.parse(text) as readonly (readonly unknown[])[]);
    if (base !== undefined) {
      const { sum, gone, changed, added } = JSON.parse(inflated(list)) as Difference;
      if (sum !== crc32(text)) return undefined;
      rows = withDifference(rows, { sum, gone, changed, added });
    }
    return rows
      .map((row) => processInfoSchema.parse(processOf(row, second)))
      .sort((one, other) => one.pid - other.pid);
  } catch (error) {
    throw new DamagedData(`a list of processes cannot be read (${error instanceof Error ? error.name : ''})`);
  }
}

function deflated(text: string): Uint8Array {
  return deflateRawSync(text);
}

function inflated(bytes: Uint8Array): string {
  return inflateRawSync(bytes, { maxOutputLength: MOST_BYTES }).toString();
}

function columnsOf(rows: readonly Stored[]): readonly (readonly unknown[])[] {
  return FIELDS.map((_, field) => rows.map((row) => row[field]));
}

function rowsOf(columns: readonly (readonly unknown[])[]): Stored[] {
  return (columns[PID] ?? []).map((_, at) => columns.map((column) => column[at]));
}

function difference(baseText: string, rows: readonly Stored[]): Difference {
  const base = rowsOf(JSON.parse(baseText) as readonly (readonly unknown[])[]);
  const places = new Map(base.map((row, place) => [row[PID], place]));
  const kept = new Set<number>();
  const added: Stored[] = [];
  const changed: Record<string, [number[], unknown[]]> = {};
  const last: number[] = FIELDS.map(() => 0);
  for (const row of rows) {
    const place = places.get(row[PID]);
    const before = place === undefined ? undefined : base[place];
    if (place === undefined || before === undefined || before[STARTED] !== row[STARTED]) {
      added.push(row);
      continue;
    }
    kept.add(place);
    for (let field = STARTED + 1; field < FIELDS.length; field += 1) {
      if (isAsBefore(field, before[field], row[field])) continue;
      const [at, values] = (changed[field] ??= [[], []]);
      at.push(place - (last[field] ?? 0));
      last[field] = place;
      values.push(field === CPU ? Number(row[field]) - Number(before[field]) : row[field]);
    }
  }
  return {
    sum: crc32(baseText),
    gone: [...base.keys()].filter((place) => !kept.has(place)),
    changed,
    added: columnsOf(added),
  };
}

/** Whether a value is the same, as far as it is kept. */
function isAsBefore(field: number, before: unknown, now: unknown): boolean {
  if (before === now) return true;
  if (typeof before === 'object' || typeof now === 'object') {
    return JSON.stringify(before) === JSON.stringify(now);
  }
  const distance = Math.abs(Number(before) - Number(now));
  if (field === BIRTH) return distance <= AGE_TOLERANCE_SECONDS;
  return field === MEMORY && distance <= Number(before) * MEMORY_TOLERANCE;
}

function withDifference(base: readonly Stored[], { gone, changed, added }: Difference): Stored[] {
  const rows = base.map((row) => [...row]);
  for (const [field, [at, values]] of Object.entries(changed)) {
    let place = 0;
    for (const [index, distance] of at.entries()) {
      place += distance;
      const row = rows[place];
      if (row === undefined) continue;
      const value = values[index];
      row[Number(field)] = Number(field) === CPU ? Number(row[CPU]) + Number(value) : value;
    }
  }
  const left = new Set(gone);
  return [...rows.filter((_, place) => !left.has(place)), ...rowsOf(added)];
}

function storedProcess(process: ProcessInfo, second: number): Stored {
  const { pid, started, parent = null, uid, user, name, command, place, state, nice, age } = process;
  return [
    pid,
    started,
    parent,
    uid,
    user,
    name,
    command === name ? '' : command,
    storedPlace(place),
    state,
    Math.round(process.cpuSeconds * 10),
    Math.round(process.memory / 1024),
    nice,
    Number.isNaN(age) ? null : Math.round(second - age),
    process.migrations,
    process.locked === null ? null : Number(process.locked),
    process.reasons,
  ];
}

/** The process of a row, for the schema to check. */
function processOf(row: Stored, second: number): unknown {
  const [pid, started, parent, uid, user, name, command, place, state, cpu, memory, nice, birth, ...more] =
    row;
  const [migrations, locked, reasons] = more;
  return {
    pid,
    started,
    ...(parent === null ? {} : { parent }),
    uid,
    user,
    name,
    command: command === '' ? name : command,
    place: placeOf(place),
    state,
    cpuSeconds: Number(cpu) / 10,
    cpuPercent: null,
    memory: Number(memory) * 1024,
    nice,
    // The schema takes no NaN for a number.
    age: birth === null ? 0 : Math.max(0, second - Number(birth)),
    migrations,
    locked: locked === null ? null : locked === 1,
    reasons,
  };
}

function storedPlace(place: ProcessPlace): unknown {
  switch (place.kind) {
    case 'home':
      return 0;
    case 'unknown':
      return null;
    case 'away':
      return place.id;
    case 'guest':
      return [place.id, place.pid];
    case 'elsewhere':
      return `${place.guest ? 'from' : 'at'} ${place.address}`;
    case 'moving':
      return 'moving';
    default:
      return assertNever(place);
  }
}

function placeOf(stored: unknown): ProcessPlace {
  if (Array.isArray(stored)) return { kind: 'guest', id: Number(stored[0]), pid: Number(stored[1]) };
  if (stored === null) return { kind: 'unknown' };
  if (stored === 'moving') return { kind: 'moving' };
  if (typeof stored === 'string') {
    const [side, address = ''] = stored.split(' ', 2);
    return { kind: 'elsewhere', address, guest: side === 'from' };
  }
  return stored === 0 ? { kind: 'home' } : { kind: 'away', id: Number(stored) };
}
