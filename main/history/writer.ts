/**
 * The one writer of a history file: commits each second as it comes, seals what is past in small portions, and goes on
 * by itself when the disk was full or the file turned out damaged. Runs in the history's worker thread.
 */
import type { HistoryQueryName } from '../../common/contract/history-queries.ts';
import { type Problem, problem } from '../../common/contract/problem.ts';
import type { Checkpoint, PartUse, RecordedNode } from '../../common/model/history.ts';
import type { Metric } from '../../common/model/metric.ts';
import { type Result, failure, success } from '../../common/model/result.ts';
import type { Retention } from '../../common/model/retention.ts';
import { type WriterLock, attempt, historyFile, lockForWriting } from './file.ts';
import { SECONDS_END, WINDOW_SECONDS, secondOf, storedValues } from './format.ts';
import { MAX_PENDING, Outage } from './outage.ts';
import { fillSeconds, type PastSeconds } from './fill.ts';
import { HealingFile } from './healing-file.ts';
import { rollHour } from './hours.ts';
import { answer } from './queries/index.ts';
import { deletePortionOfRecords } from './records/keeping.ts';
import { RecordingClock } from './records/recordings.ts';
import type { RowKind, RowKinds } from './records/rows.ts';
import { WaitingRows } from './records/waiting.ts';
import { TrustedClock, deletePortion } from './retention.ts';
import { Sealing, byNumber, sealLeftovers } from './seal.ts';
import type { Tables } from './tables.ts';
import { type Segment, Tail, type Tick } from './tail.ts';
import { useOf } from './use.ts';

/** Ticks of one transaction when many wait, so that a try on a full disk costs little. */
const TICKS_AT_A_TIME = 60;

/** Sealing a segment is spread over this part of the time until the next one ends, so that no second costs a spike. */
const SEALING_SHARE = 1 / 5;

/** Seconds between checkpoints, which is what a power failure may cost. */
const CHECKPOINT_SECONDS = 60;

/** Seconds between looks for what is not to be kept any more, while there is nothing of it. */
const RETENTION_SECONDS = 10;

/** Free pages given back at a time, those kept for what comes, and those given back at the end. */
const PAGES_AT_A_TIME = 200;
const SPARE_PAGES = 2000;
const PAGES_AT_THE_END = 10_000;

export class HistoryWriter {
  readonly #file: HealingFile;
  readonly #lock: WriterLock;
  readonly #onProblem: (problem: Problem) => void;
  readonly #tail: Tail;
  #nodes: readonly RecordedNode[] = [];
  #nodesChanged = false;
  /** The number of each row's node, and the rows in the order of these numbers. */
  #numbers: readonly number[] = [];
  #order: readonly number[] = [];
  /** Ticks of the tail that are not on disk, by second. */
  readonly #pending = new Map<number, Tick>();
  readonly #rows: WaitingRows;
  readonly #recording = new RecordingClock();
  readonly #outage: Outage;
  #current: Segment | undefined;
  /** Segments to seal, oldest first, the sealing of the first one, and how much of that is done. */
  #closing: readonly Segment[] = [];
  #sealing: Sealing | undefined;
  #sealed = 0;
  #previous: { readonly time: number; readonly second: number } | undefined;
  #checkpointed = 0;
  #retention: Retention | undefined;
  #clock: TrustedClock | undefined;
  #retainNext = 0;
  readonly #reported = new Set<string>();

  private constructor(
    file: string,
    lock: WriterLock,
    sealSeconds: number,
    onProblem: (problem: Problem) => void,
  ) {
    this.#file = new HealingFile(file, onProblem, () => this.#beginAnew());
    this.#lock = lock;
    this.#tail = new Tail(sealSeconds);
    this.#rows = new WaitingRows(file);
    this.#outage = new Outage(file, onProblem);
    this.#onProblem = onProblem;
  }

  /**
   * Takes the data folder and opens its history; a tail that a crash left is sealed, a damaged file set aside and
   * said. Problems: data-folder-in-use, history-newer, disk-full, file-unreadable.
   */
  static open(
    folder: string,
    onProblem: (problem: Problem) => void,
    sealSeconds: number = WINDOW_SECONDS,
  ): Result<HistoryWriter> {
    const lock = lockForWriting(folder);
    if (!lock.ok) return lock;
    const writer = new HistoryWriter(historyFile(folder), lock.value, sealSeconds, onProblem);
    const trouble = writer.#file.use((tables) => {
      tables.records.recordings.endLeftOpen();
      sealLeftovers(tables);
    });
    if (trouble === undefined) return success(writer);
    writer.#file.close();
    lock.value.release();
    return failure(trouble);
  }

  /** True while something appended is not on disk. */
  get behind(): boolean {
    return this.#pending.size > 0 || !this.#rows.isEmpty;
  }

  /** Seconds that are not on disk. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Names the rows of the coming ticks; earlier rows keep their keys. */
  setNodes(nodes: readonly RecordedNode[]): void {
    this.#nodes = nodes;
    this.#nodesChanged = true;
    this.#commit(0);
  }

  /** Records one second; see History.append. */
  append(time: number, values: Float64Array, rows: number): void {
    const second = secondOf(time, this.#previous);
    if (!(second >= 0 && second < SECONDS_END)) {
      this.#sayOnce(
        'time',
        `The clock of this machine shows an impossible time (${time} ms); nothing is recorded.`,
      );
      return;
    }
    if (this.#previous !== undefined && time < this.#previous.time - 2000) {
      const seconds = Math.round((this.#previous.time - time) / 1000);
      this.#onProblem(
        problem(
          'bad-input',
          `The clock of this machine went back by ${seconds} s. What was recorded stays as it is; seconds that come a second time only fill its gaps.`,
        ),
      );
    }
    this.#previous = { time, second };
    this.#recorded(this.#recording.take(second));
    if (rows > 0) {
      const stored = storedValues(values, rows, (metric, row, value) => this.#sayOutside(metric, row, value));
      const { tick, segment } = this.#tail.add({ second, rows, values: stored });
      this.#pending.set(second, tick);
      this.#makeCurrent(segment);
    }
    const pace = this.#tail.segmentSeconds * SEALING_SHARE;
    if (!this.#commit(Math.ceil((2 * this.#order.length * this.#closing.length) / pace))) this.#dropOldest();
    this.#file.maintain((tables) => {
      this.#rollHours(tables, 1);
      this.#retain(tables, second);
    });
    if (Math.abs(second - this.#checkpointed) >= CHECKPOINT_SECONDS) {
      this.#checkpointed = second;
      this.#file.maintain((tables) => tables.checkpoint(false));
    }
  }

  /** Keeps from now on what a retention keeps. */
  setRetention(retention: Retention): void {
    this.#retention = retention;
    this.#retainNext = 0;
  }

  /** What the values take; see History.use. */
  use(): Result<readonly PartUse[]> {
    return attempt(this.#file.path, () => useOf(this.#file.tables));
  }

  /** Stores rows of a plain table; see History.record. `done` may be called much later. */
  record<Kind extends RowKind>(
    kind: Kind,
    rows: readonly RowKinds[Kind][],
    done: (result: Result<readonly RowKinds[Kind][]>) => void,
  ): void {
    this.#rows.add(kind, rows, done);
    if (!this.#commit(0)) this.#outage.loseRows(this.#rows.dropOldest());
  }

  /** Adds past seconds of a node where it has none; see History.fill. */
  fill(node: RecordedNode, past: PastSeconds): Result<void> {
    const row = this.#nodes.findIndex(({ key }) => key === node.key);
    const trouble = this.#file.use((tables) =>
      tables.transaction(() =>
        fillSeconds(tables, { tail: this.#tail, row }, node, past, (...it) => this.#sayOutside(...it)),
      ),
    );
    return trouble === undefined ? success(undefined) : failure(trouble);
  }

  /** Checkpoints that were set since the last call, by whomever. */
  newCheckpoints(): readonly Checkpoint[] {
    let news: readonly Checkpoint[] = [];
    this.#file.maintain((tables) => {
      news = tables.records.checkpoints.news();
    });
    return news;
  }

  /** Answers a question in steps, between which appends may come. What waits for the disk is not in the answer. */
  *ask(name: HistoryQueryName, input: unknown): Generator<void, Result<unknown>, void> {
    try {
      return yield* answer(name, input, () => ({
        tables: this.#file.tables,
        tail: this.#tail,
        rows: this.#nodes,
      }));
    } catch (error) {
      return failure(this.#file.readingTrouble(error, this.#outage.problem));
    }
  }

  /** To be called when nothing was appended for a while: writes what is left to write and empties the log. */
  rest(): void {
    if (!this.#finish()) return;
    this.#file.maintain((tables) => {
      this.#rollHours(tables, Infinity);
      tables.checkpoint(true);
    });
  }

  /** Seals everything, closes the file and gives the data folder free. */
  close(): void {
    if (this.#current !== undefined) this.#closing = [...this.#closing, this.#current];
    this.#current = undefined;
    this.#recorded(this.#recording.end());
    this.#finish();
    this.#outage.loseSeconds(this.#pending.size);
    this.#outage.loseRows(this.#rows.dropAll());
    this.#outage.close();
    this.#file.maintain((tables) => {
      this.#rollHours(tables, Infinity);
      tables.shrink(PAGES_AT_THE_END, 0);
      tables.checkpoint(true);
    });
    this.#file.close();
    this.#lock.release();
  }

  /** Begins and ends of recordings go with what is written next. */
  #recorded(rows: readonly RowKinds['recordings'][]): void {
    if (rows.length > 0) this.#rows.add('recordings', rows, () => undefined);
  }

  #makeCurrent(segment: Segment): void {
    if (segment === this.#current) {
      return;
    }
    // A clock that went back: what is recorded again for this segment is sealed with it, from the beginning.
    if (this.#closing[0] === segment) this.#sealing = undefined;
    this.#closing = this.#closing.filter((other) => other !== segment);
    if (this.#current !== undefined) this.#closing = [...this.#closing, this.#current];
    this.#current = segment;
  }

  /** Writes everything that waits; false when that is not possible now. */
  #finish(): boolean {
    do {
      if (!this.#commit(Infinity)) return false;
    } while (this.#closing.length > 0);
    return true;
  }

  /**
   * Writes the ticks that are not on disk, then seals up to `portion` rows of the first segment to seal. False when
   * something could not be written.
   */
  #commit(portion: number): boolean {
    for (;;) {
      const batch = [...this.#pending.values()].slice(0, TICKS_AT_A_TIME);
      const last = batch.length === this.#pending.size;
      if (!this.#commitBatch(batch, last ? portion : 0)) return false;
      if (!this.behind) return true;
    }
  }

  /**
   * One transaction: changed nodes, rows of plain tables, some ticks, a portion of sealing; the last portion takes the segment's
   * ticks away.
   */
  #commitBatch(batch: readonly Tick[], portion: number): boolean {
    let numbers = this.#numbers;
    let sealing: Sealing | undefined;
    let sealed = 0;
    let tell = (): void => {};
    const write = (tables: Tables): void => {
      sealing = undefined;
      tables.transaction(() => {
        const renewed = this.#nodesChanged;
        numbers = renewed ? this.#nodes.map((node) => tables.putNode(node)) : this.#numbers;
        if (renewed) tables.putSlots(numbers);
        tell = this.#rows.write(tables.records);
        for (const tick of batch) tables.putTick(tick);
        const segment = this.#closing[0];
        // A file that was just set aside leaves more to write first.
        if (segment === undefined || portion === 0 || this.#pending.size > batch.length) return;
        const begun = renewed ? undefined : this.#sealing;
        sealing = begun ?? new Sealing(segment, numbers, renewed ? byNumber(numbers) : this.#order);
        sealed = sealing.run(tables.values, begun === undefined ? 0 : this.#sealed, portion);
        if (sealed >= sealing.size) {
          tables.deleteTicks(segment.start, segment.start + this.#tail.segmentSeconds);
        }
      });
    };
    let trouble = this.#file.use(write);
    if (trouble?.code === 'disk-full' && this.#outage.problem === undefined) {
      // The log may hold room that a checkpoint sets free.
      this.#file.maintain((tables) => tables.checkpoint(false));
      trouble = this.#file.use(write);
    }
    if (trouble !== undefined) {
      this.#outage.begin(trouble);
      return false;
    }
    this.#nodesChanged = false;
    if (numbers !== this.#numbers) {
      this.#numbers = numbers;
      this.#order = byNumber(numbers);
      this.#sealing = undefined;
    }
    for (const { second } of batch) this.#pending.delete(second);
    if (sealing !== undefined) this.#advance(sealing, sealed);
    tell();
    if (!this.behind) this.#outage.end();
    return true;
  }

  /** The first segment to seal is done so far; as a whole it is forgotten. */
  #advance(sealing: Sealing, sealed: number): void {
    this.#sealed = sealed;
    this.#sealing = sealing;
    if (sealed < sealing.size) return;
    this.#tail.remove(sealing.segment);
    this.#closing = this.#closing.slice(1);
    this.#sealing = undefined;
  }

  /** Deletes a portion of what is not to be kept, and gives a portion of the free pages back. */
  #retain(tables: Tables, second: number): void {
    this.#clock ??= new TrustedClock(tables.values.lastSecond());
    const now = this.#clock.take(second);
    const retention = this.#retention;
    this.#retainNext -= 1;
    if (retention === undefined || this.#retainNext > 0) return;
    const { values, records } = tables;
    const more = tables.transaction(() => {
      const ofValues = deletePortion(values, retention, now);
      return deletePortionOfRecords(records, values, retention, now) || ofValues;
    });
    const shrunk = tables.shrink(PAGES_AT_A_TIME, SPARE_PAGES);
    this.#retainNext = more || shrunk ? 1 : RETENTION_SECONDS;
  }

  /** Rolls hours of which nothing is left to seal, up to so many metrics of them. */
  #rollHours(tables: Tables, metrics: number): void {
    const open = [...this.#closing, ...(this.#current === undefined ? [] : [this.#current])];
    const before = Math.min(this.#previous?.second ?? 0, ...open.map(({ start }) => start));
    for (let rolled = 0; rolled < metrics; rolled += 1) {
      if (!tables.transaction(() => rollHour(tables.values, before))) return;
    }
  }

  /** A new file is to hold all that the memory still has. */
  #beginAnew(): void {
    for (const { ticks } of this.#tail.segments()) {
      for (const tick of ticks.values()) this.#pending.set(tick.second, tick);
    }
    this.#recorded(this.#recording.again());
    this.#nodesChanged = this.#nodes.length > 0;
    this.#sealing = undefined;
  }

  #dropOldest(): void {
    for (const second of this.#pending.keys()) {
      if (this.#pending.size <= MAX_PENDING) return;
      this.#pending.delete(second);
      this.#tail.drop(second);
      this.#outage.loseSeconds(1);
    }
  }

  #sayOutside(metric: Metric, row: number, value: number): void {
    const name = this.#nodes[row]?.name ?? `row ${row}`;
    this.#sayOnce(
      `metric ${metric.name}`,
      `${metric.name} of ${name} is ${value}, more than the history can hold; such values are recorded as missing.`,
    );
  }

  #sayOnce(subject: string, words: string): void {
    if (this.#reported.has(subject)) return;
    this.#reported.add(subject);
    this.#onProblem(problem('bad-input', words));
  }
}
