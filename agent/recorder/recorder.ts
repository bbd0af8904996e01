/**
 * Keeps what happened on this node while no desktop looked: its values every ten seconds, migrations, ends of jobs. Bounded,
 * safe against crashes, and it says what it could not keep. The lines are those of common/model/recorded.ts.
 */
import { readFile, stat } from 'node:fs/promises';
import type { NodeValues, Recorded } from '../../common/model/recorded.ts';
import { errorCode } from '../error-code.ts';
import { Segments } from './segments.ts';

/** A record without its kind and time. */
type Facts<Kind extends Recorded['kind']> = Omit<Extract<Recorded, { kind: Kind }>, 'kind' | 't'>;

export interface RecorderOptions {
  /** Bytes on disk at most; 64 MB by default, which is some two months of values. */
  readonly mostBytes?: number;
  /** Bytes of lines that wait in memory while the disk takes none; 1 MB by default. */
  readonly mostWaiting?: number;
  /** A sentence for the agent's log. */
  readonly log?: (sentence: string) => void;
}

/** Milliseconds of one record of values, which holds their means. */
const LOAD_MS = 10_000;

/** Values told by their mean; the others by the last one. */
const MEANS = ['load', 'util', 'memoryFree', 'memoryAvailable'] as const;

/** A file last written this long before a question's begin holds nothing of it, whatever was done to the clock. */
const CLOCK_MS = 3_600_000;

export class Recorder {
  readonly #segments: Segments;
  readonly #mostWaiting: number;
  readonly #log: (sentence: string) => void;
  /** Values of the ten seconds that are not over. */
  #values: { time: number; readonly list: NodeValues[] } | undefined;
  /** Lines that are not on disk. */
  readonly #waiting: { readonly time: number; readonly line: string }[] = [];
  #waitingBytes = 0;
  /** The time of the last line that found no room; -1 for none. */
  #lost = -1;
  #trouble = '';

  /** Never fails: without a disk it keeps what it can in memory, and says so. */
  constructor(folder: string, options: RecorderOptions = {}) {
    this.#segments = new Segments(folder, options.mostBytes ?? 64_000_000);
    this.#mostWaiting = options.mostWaiting ?? 1_000_000;
    this.#log = options.log ?? (() => {});
    this.#flush();
  }

  /** Takes the node's values, once a second. `time` is milliseconds since 1970, here and below. */
  load(time: number, values: NodeValues): void {
    const slot = Math.floor(time / LOAD_MS);
    if (this.#values !== undefined && Math.floor(this.#values.time / LOAD_MS) !== slot) this.#keepValues();
    this.#values ??= { time, list: [] };
    this.#values.time = time;
    this.#values.list.push(values);
  }

  migration(time: number, facts: Facts<'migration'>): void {
    this.#keep({ t: Math.round(time), kind: 'migration', ...facts });
  }

  jobEnd(time: number, facts: Facts<'end'>): void {
    this.#keep({ t: Math.round(time), kind: 'end', ...facts });
  }

  /** The lines of `since` and later, before `until`, in the order they were kept; what comes meanwhile is not among them. */
  async *read(since = 0, until = Infinity): AsyncGenerator<string> {
    const segments = this.#segments.list.map(({ path, size }) => ({ path, size }));
    const waiting = [...this.#waiting];
    let last = since;
    for (const { path, size } of segments) {
      const text = await this.#textSince(path, size, since - CLOCK_MS);
      for (const line of text.split('\n')) {
        if (line === '') continue;
        const time = timeOf(line);
        if (time !== undefined) last = time;
        if (last < since || last >= until) continue;
        yield time === undefined
          ? JSON.stringify({ t: last, kind: 'torn', bytes: Buffer.byteLength(line) } satisfies Recorded)
          : line;
      }
    }
    for (const { time, line } of waiting) if (time >= since && time < until) yield line;
  }

  /** Writes what is left. */
  close(): void {
    this.#keepValues();
    try {
      this.#segments.close();
    } catch (error) {
      this.#say(errorCode(error));
    }
  }

  /** A segment's whole lines, or nothing where it was last written before the time, was deleted, or cannot be read. */
  async #textSince(path: string, size: number, time: number): Promise<string> {
    try {
      if ((await stat(path)).mtimeMs < time) return '';
      return (await readFile(path)).toString('utf8', 0, size);
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'ENOENT') this.#log(`The records in ${path} cannot be read and are left out: ${code}.`);
      return '';
    }
  }

  #keepValues(): void {
    const values = this.#values;
    this.#values = undefined;
    const last = values?.list.at(-1);
    if (values === undefined || last === undefined) return;
    const means = Object.fromEntries(
      MEANS.map((name) => {
        const sum = values.list.reduce((total, each) => total + each[name], 0);
        return [name, Math.round(sum / values.list.length)];
      }),
    );
    this.#keep({ t: Math.round(values.time), kind: 'load', values: { ...last, ...means } });
  }

  #keep(record: Recorded): void {
    this.#wait(record);
    this.#flush();
    while (this.#waitingBytes > this.#mostWaiting) {
      const first = this.#waiting.shift();
      if (first === undefined) return;
      this.#waitingBytes -= first.line.length;
      this.#lost = first.time;
    }
  }

  /** Brings to disk what waits; what it does not take waits on. */
  #flush(): void {
    try {
      const torn = this.#segments.open();
      if (torn > 0) {
        this.#log(`The last record was cut off when the node went down: ${torn} bytes are left out.`);
        this.#wait({ t: Date.now(), kind: 'torn', bytes: torn });
      }
      if (this.#lost >= 0) {
        const why = 'the disk was full, and there was no more room in memory';
        this.#append(
          JSON.stringify({ t: Date.now(), kind: 'dropped', until: this.#lost, why } satisfies Recorded),
        );
        this.#lost = -1;
      }
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        this.#append(next.line);
        this.#waiting.shift();
        this.#waitingBytes -= next.line.length;
      }
      if (this.#trouble !== '') this.#log('Records are written to disk again.');
      this.#trouble = '';
    } catch (error) {
      this.#say(errorCode(error));
    }
  }

  #append(line: string): void {
    const deleted = this.#segments.append(line);
    if (deleted === undefined) return;
    const until = timeOf(deleted) ?? 0;
    this.#wait({ t: Date.now(), kind: 'dropped', until, why: 'the records had reached their limit' });
  }

  #wait(record: Recorded): void {
    const line = JSON.stringify(record);
    this.#waiting.push({ time: record.t, line });
    this.#waitingBytes += line.length;
  }

  #say(code: string): void {
    if (this.#trouble === code) return;
    this.#trouble = code;
    const why = code === 'ENOSPC' ? 'the disk is full' : code;
    this.#log(
      `Records cannot be written to disk (${why}): the newest of them are kept in memory until they can.`,
    );
  }
}

/** A line's time; undefined for a line that is no whole record. */
function timeOf(line: string): number | undefined {
  try {
    const record: unknown = JSON.parse(line);
    const isRecord = typeof record === 'object' && record !== null && 't' in record && 'kind' in record;
    return isRecord && Number.isInteger(record.t) ? Number(record.t) : undefined;
  } catch {
    return undefined;
  }
}
