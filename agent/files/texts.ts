/**
 * The texts of the flat files, as openMosix' kernel writes them: one whole number and a newline in most. Source: facts on
 * openMosix, sections 1.1, 1.2, 1.5, 1.7, 2.1 and 6.1.
 */
import { PAGE_BYTES } from '../../common/model/metric.ts';
import type { NodeValues } from '../../common/model/recorded.ts';
import { isUp, NODE_DOWN } from '../../common/model/status.ts';

/** The texts of a folder's files by their names. */
export type Texts = Readonly<Record<string, string>>;

/** What admin/ tells. `expel` and `bring` are 1 while guests or own processes are still on their way. */
export interface AdminValues {
  /** The node's id. */
  readonly mospe: number;
  readonly block: boolean;
  readonly stay: boolean;
  readonly lstay: boolean;
  readonly quiet: boolean;
  readonly expel: boolean;
  readonly bring: boolean;
  /** 1..MOST_SPEED; 10000 is the standard CPU. */
  readonly speed: number;
  /** Such as `mosview agent 0.1.0`; a second line says why no process can be moved here. */
  readonly version: string;
}

/** A job whose home is here. */
export interface JobValues {
  /** The node it runs on; 0 is here. */
  readonly where: number;
  /** Moves so far. */
  readonly nmigs: number;
  readonly lock: boolean;
  /** The words of section 6.1; none when it may move. */
  readonly cantmove: readonly string[];
  /** Jobs of one group migrate together; 0 is no group. */
  readonly group: number;
}

/** A guest that runs here. */
export interface GuestValues {
  /** Id and address of its home node. */
  readonly home: number;
  readonly address: string;
  /** Its number at home. */
  readonly homePid: number;
  readonly command: string;
  /** The seven numbers of /proc/PID/statm, in pages. */
  readonly statm: readonly number[];
  /** Clock ticks, its own and its ended children's. */
  readonly utime: number;
  readonly cutime: number;
  readonly nice: number;
  /** The letter of /proc/PID/stat. */
  readonly state: string;
  /** Bytes. */
  readonly vsize: number;
  /** Pages. */
  readonly rss: number;
}

/** One whole number; what is not known counts as 0. */
function scalar(value: number): string {
  return `${Number.isFinite(value) ? Math.round(value) : 0}\n`;
}

function flag(on: boolean): string {
  return on ? '1\n' : '0\n';
}

/** A text as one line: programs name themselves as they like. */
function line(text: string, most = 200): string {
  return `${text.replaceAll(/[\p{Cc}\s]+/gu, ' ').slice(0, most)}\n`;
}

export function adminTexts(values: Partial<AdminValues>): Texts {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (typeof value === 'boolean') return [name, flag(value)];
      return [
        name,
        typeof value === 'number'
          ? scalar(value)
          : value
              .split('\n')
              .map((one) => line(one))
              .join(''),
      ];
    }),
  );
}

/** Of nodes/ID; of a node that is down only the status is told, and every value is -101. */
export function nodeTexts(values: NodeValues): Texts {
  const value = (figure: number) => scalar(isUp(values.status) ? figure : NODE_DOWN);
  const pages = (bytes: number) => value(bytes / PAGE_BYTES);
  return {
    cpus: value(values.cpus),
    load: value(values.load),
    speed: value(values.speed),
    mem: pages(values.memoryAvailable),
    rmem: pages(values.memoryFree),
    tmem: pages(values.memoryTotal),
    util: value(values.util),
    status: scalar(values.status),
  };
}

/** Of PID; a request to go somewhere is taken up at once, so that goto and migrate always read 0. */
export function jobTexts({ where, nmigs, lock, cantmove, group }: JobValues): Texts {
  return {
    where: scalar(where),
    goto: '0\n',
    migrate: '0\n',
    lock: flag(lock),
    nmigs: scalar(nmigs),
    cantmove: cantmove.map((word) => line(word)).join(''),
    miggroup: scalar(group),
  };
}

/** Of remote/PID. */
export function guestTexts(guest: GuestValues): Texts {
  const { utime, cutime, nice, state, vsize, rss } = guest;
  return {
    from: line(`${guest.home} ${guest.address}`),
    identity: line(`remote(${guest.homePid}) ${guest.command}`),
    statm: line(guest.statm.join(' ')),
    stats: line(
      `utime=${utime} cutime=${cutime} nice=${nice} state=${state} vsize=${vsize} rss=${rss} nswap=0 cnswap=0`,
    ),
  };
}
