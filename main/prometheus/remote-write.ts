/**
 * Remote-write: carries the history on to a Prometheus-like server. The history is the buffer: how far it was sent is
 * kept in the data folder, and after an outage or a restart it goes on from there, in the order of time.
 */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { compress } from 'snappyjs';
import { z } from 'zod';
import type { RemoteWriteStatus } from '../../common/contract/outlet-calls.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { assertNever } from '../../common/model/result.ts';
import type { HistoryReader } from '../history/index.ts';
import { readFileIfThere, writeFileWhole } from '../settings/files.ts';
import { retryDelay } from '../ssh/retry-delay.ts';
import { askServer, shownUrl } from './http.ts';
import type { RemoteWriteSettings } from './settings.ts';
import { verdictOn, type Verdict } from './verdict.ts';
import {
  batchesOf,
  halvedBySeries,
  halvedByTime,
  LabelWriter,
  seriesOf,
  writeRequest,
  type Batch,
} from './write-request.ts';

/** Steps read from the history at once, and the seconds that they may cover; see the question `seconds`. */
const MOST_STEPS = 60;
const MOST_SECONDS = 299;

/** Samples of one request. */
const MOST_SAMPLES = 10_000;

const TIMEOUT_MILLISECONDS = 30_000;
const MOST_ANSWER_BYTES = 16_384;

/** A server's Retry-After is honoured up to this long, in seconds. */
const LONGEST_RETRY_AFTER = 300;

/** So many failures in a row are told as a notice; before that they are only in the status. */
const NOTICED_FAILURES = 3;

/** Refused samples are told as a notice at most this often, in milliseconds. */
const NOTICE_MILLISECONDS = 600_000;

/** The position is saved at most this often while nothing was sent, in milliseconds. */
const SAVE_MILLISECONDS = 5000;

/** A position so far ahead of the clock, in seconds, comes from a clock that was wrong. */
const WRONG_CLOCK_SECONDS = 7200;

const positionsSchema = z.record(z.string(), z.number().min(0).max(8.64e12));

export interface RemoteWriteOptions {
  readonly settings: RemoteWriteSettings;
  /** Labels put on every series. */
  readonly labels: Readonly<Record<string, string>>;
  readonly version: string;
  readonly dataFolder: string;
  readonly history: Pick<HistoryReader, 'ask'>;
  readonly onNotice: (problem: Problem) => void;
  /** Milliseconds before the next try after so many failures; only tests change it. */
  readonly retryDelay?: (failures: number) => number;
}

export class RemoteWriter {
  readonly #options: RemoteWriteOptions;
  readonly #step: number;
  readonly #file: string;
  readonly #labels: LabelWriter;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  /** Seconds since 1970: the last step that was sent, and the last second that is recorded whole. */
  #sent: number | undefined;
  #recorded: number | undefined;
  #wake: () => void = () => undefined;
  #problem: Problem | undefined;
  #refusal: Problem | undefined;
  #retryAt: number | undefined;
  #failures = 0;
  #taken = 0;
  #refused = 0;
  #refusalToldAt = -Infinity;
  #savedAt = -Infinity;

  private constructor(options: RemoteWriteOptions, sent: number | undefined) {
    this.#options = options;
    this.#step = options.settings.intervalSeconds;
    this.#file = join(options.dataFolder, 'remote-write.json');
    this.#labels = new LabelWriter(options.labels);
    this.#sent = sent;
    this.#running = this.#run();
  }

  /** Begins to send: from where it ended the last time, or for a new server from now on. */
  static async start(options: RemoteWriteOptions): Promise<RemoteWriter> {
    const positions = await readPositions(join(options.dataFolder, 'remote-write.json'));
    return new RemoteWriter(options, positions[options.settings.url]);
  }

  /** A second was recorded; milliseconds since 1970. */
  second(time: number): void {
    // The moment may have been recorded under the second before or after it.
    this.#recorded = Math.floor(time / 1000) - 1;
    this.#sent ??= this.#lastStep(this.#recorded);
    if (this.#sent > this.#recorded + WRONG_CLOCK_SECONDS) this.#sent = this.#lastStep(this.#recorded);
    this.#wake();
  }

  get status(): RemoteWriteStatus {
    const sent = this.#sent ?? Math.floor(Date.now() / 1000);
    return {
      url: shownUrl(this.#options.settings.url),
      intervalSeconds: this.#step,
      sentTo: sent * 1000,
      behindSeconds: Math.max(0, (this.#recorded ?? sent) - sent),
      samplesTaken: this.#taken,
      samplesRefused: this.#refused,
      problem: this.#problem ?? null,
      refusal: this.#refusal ?? null,
      retryAt: this.#retryAt ?? null,
    };
  }

  /** Ends it; what was not sent is sent at the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#running;
    await this.#save();
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #lastStep(second: number): number {
    return Math.floor(second / this.#step) * this.#step;
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const [sent, end] = [this.#sent, this.#lastStep(this.#recorded ?? -Infinity)];
      if (sent === undefined || end <= sent) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const steps = Math.min(MOST_STEPS, Math.max(1, Math.floor(MOST_SECONDS / this.#step)));
      const to = Math.min(end, sent + steps * this.#step);
      if (!(await this.#send(sent, to)) || this.#isClosed) continue;
      this.#sent = to;
      if (performance.now() - this.#savedAt >= SAVE_MILLISECONDS) await this.#save();
    }
  }

  /** Sends the steps after `from` up to `to`; false when they could not be read or the program ends. */
  async #send(from: number, to: number): Promise<boolean> {
    const answer = await this.#options.history.ask('seconds', {
      from: from * 1000,
      to: to * 1000 + 1,
      step: this.#step,
    });
    if (!answer.ok) {
      await this.#failed(answer.problem, 0);
      return false;
    }
    const { times } = answer.value;
    for (const batch of batchesOf(times, seriesOf(answer.value, this.#labels), MOST_SAMPLES)) {
      const begun = performance.now();
      await this.#deliver(batch);
      if (this.#isClosed) return false;
      // At most half of the time is spent on it, also while hours are caught up.
      await this.#pause(Math.min(1000, performance.now() - begun));
    }
    return true;
  }

  /** Sends a batch until it is taken or refused for good. */
  async #deliver(batch: Batch): Promise<void> {
    const { bytes, samples } = writeRequest(batch);
    if (samples === 0) return;
    const body = new Uint8Array(compress(bytes));
    while (!this.#isClosed) {
      const verdict = await this.#post(body);
      switch (verdict.kind) {
        case 'taken':
          this.#taken += samples;
          this.#succeeded();
          return;
        case 'again':
          await this.#failed(verdict.problem, verdict.after);
          break;
        case 'too-late':
        case 'too-large':
        case 'refused':
          await this.#refuse(batch, verdict, samples);
          return;
        default:
          assertNever(verdict);
      }
    }
  }

  /** A server refuses a request as a whole for one sample: what may be good is sent in halves, the rest given up. */
  async #refuse(
    batch: Batch,
    { kind, problem: trouble }: Exclude<Verdict, { kind: 'taken' | 'again' }>,
    samples: number,
  ) {
    const halves =
      kind === 'refused'
        ? undefined
        : (halvedByTime(batch) ?? (kind === 'too-large' ? halvedBySeries(batch) : undefined));
    if (halves !== undefined) {
      for (const half of halves) await this.#deliver(half);
      return;
    }
    this.#succeeded();
    this.#refused += samples;
    this.#refusal = trouble;
    const now = performance.now();
    if (now - this.#refusalToldAt < NOTICE_MILLISECONDS) return;
    this.#refusalToldAt = now;
    const words = `${trouble.message} So far ${this.#refused} samples were refused; the local history has them.`;
    this.#options.onNotice(problem(trouble.code, words));
  }

  async #post(body: Uint8Array<ArrayBuffer>): Promise<Verdict> {
    const { settings, version } = this.#options;
    const answer = await askServer(settings, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-protobuf',
        'Content-Encoding': 'snappy',
        'X-Prometheus-Remote-Write-Version': '0.1.0',
        'User-Agent': `mosview/${version}`,
      },
      body,
      timeout: TIMEOUT_MILLISECONDS,
      mostBytes: MOST_ANSWER_BYTES,
      signal: this.#closing.signal,
    });
    return answer.ok
      ? verdictOn(settings, answer.value)
      : { kind: 'again', problem: answer.problem, after: 0 };
  }

  #succeeded(): void {
    if (this.#failures >= NOTICED_FAILURES && this.#problem !== undefined) {
      const words = `${shownUrl(this.#options.settings.url)} takes samples again; ${this.status.behindSeconds} s are sent to it now.`;
      this.#options.onNotice(problem(this.#problem.code, words));
    }
    this.#failures = 0;
    this.#problem = undefined;
    this.#retryAt = undefined;
  }

  /** Keeps why it failed, and waits until the next try; `after` are the seconds that the server wants to be left alone. */
  async #failed(trouble: Problem, after: number): Promise<void> {
    if (this.#isClosed) return;
    this.#failures += 1;
    this.#problem = trouble;
    if (this.#failures === NOTICED_FAILURES) {
      const words = `${trouble.message} Values are kept in the history, and sent when it answers.`;
      this.#options.onNotice(problem(trouble.code, words, trouble.detail));
    }
    const delay = this.#options.retryDelay ?? ((failures) => retryDelay(failures, Math.random()));
    const pause = Math.max(delay(this.#failures), Math.min(after, LONGEST_RETRY_AFTER) * 1000);
    this.#retryAt = Date.now() + pause;
    await this.#pause(pause);
  }

  /** Waits; ends at once when the program does. */
  async #pause(milliseconds: number): Promise<void> {
    await wait(milliseconds, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }

  async #save(): Promise<void> {
    if (this.#sent === undefined) return;
    this.#savedAt = performance.now();
    const positions = { ...(await readPositions(this.#file)), [this.#options.settings.url]: this.#sent };
    const written = await writeFileWhole(this.#file, `${JSON.stringify(positions)}\n`);
    // The history says that the disk is full; what is sent twice then is refused by the server.
    if (!written.ok && written.problem.code !== 'disk-full') this.#problem ??= written.problem;
  }
}

/** Seconds since 1970 up to which was sent, by URL; nothing where the file is missing or damaged. */
async function readPositions(file: string): Promise<Readonly<Record<string, number>>> {
  const text = await readFileIfThere(file);
  try {
    return positionsSchema.parse(JSON.parse((text.ok ? text.value : undefined) ?? '{}'));
  } catch {
    return {};
  }
}
