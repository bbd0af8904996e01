/**
 * Roll-ups: the number, the lowest, the highest and the mean of the values in each span of time, made from seconds or
 * from finer roll-ups, and their bytes. All in stored integers; the mean has fractions. Of status bits a bucket holds
 * those set all the time, those ever set, and the last value.
 *
 * The bytes of a run of buckets, absent when all are empty: 1 byte of flags, then bits: where not every bucket is full
 * its count; the means as whole numbers of 1, 1/10 or 1/100; what the lowest and highest lie below and above them.
 * Means have a tenth of the quantum in 10 s and a hundredth above where the quantum is 1, which is coarse for counts;
 * elsewhere the quantum itself, which lies far below what can be measured. A metric that moves with another one of the
 * same node is written as its distance from that where this is shorter.
 */
import type { Metric } from '../../common/model/metric.ts';
import { BitReader, BitWriter, riceWidth } from './bits.ts';
import { DamagedData } from './codec.ts';
import { MAX_STORED, MISSING } from './format.ts';

/** What no status bit takes away from. */
const ALL_BITS = -1;

/** A run of buckets; those with a count of 0 have no values. */
export class Buckets {
  readonly count: Int32Array;
  readonly min: Int32Array;
  readonly max: Int32Array;
  readonly mean: Float64Array;

  constructor(length: number) {
    this.count = new Int32Array(length);
    this.min = new Int32Array(length);
    this.max = new Int32Array(length);
    this.mean = new Float64Array(length);
  }

  get length(): number {
    return this.count.length;
  }

  /** Makes buckets [at, at + n) from seconds, `width` values each. */
  rollSeconds(series: Int32Array, start: number, width: number, bits: boolean, at: number, n: number): void {
    for (let bucket = at, place = start; bucket < at + n; bucket += 1) {
      let count = 0;
      let sum = 0;
      let low = bits ? ALL_BITS : MAX_STORED;
      let high = bits ? 0 : MISSING;
      let last = 0;
      for (const end = place + width; place < end; place += 1) {
        const value = series[place] as number;
        if (value === MISSING) continue;
        if (bits) {
          low &= value;
          high |= value;
        } else {
          if (value < low) low = value;
          if (value > high) high = value;
        }
        count += 1;
        sum += value;
        last = value;
      }
      this.#put(bucket, count, low, high, bits ? last : sum / count);
    }
  }

  /** Makes bucket `at` of the buckets [from, to) of a finer run. */
  rollBuckets(finer: Buckets, from: number, to: number, bits: boolean, at: number): void {
    let count = 0;
    let sum = 0;
    let low = bits ? ALL_BITS : MAX_STORED;
    let high = bits ? 0 : MISSING;
    let last = 0;
    for (let place = from; place < to; place += 1) {
      const own = finer.count[place] as number;
      if (own === 0) continue;
      const ownLow = finer.min[place] as number;
      const ownHigh = finer.max[place] as number;
      last = finer.mean[place] as number;
      if (bits) {
        low &= ownLow;
        high |= ownHigh;
      } else {
        if (ownLow < low) low = ownLow;
        if (ownHigh > high) high = ownHigh;
      }
      count += own;
      // Whole numbers were summed up: what the mean's rounding took away comes back.
      sum += Math.round(own * last);
    }
    this.#put(at, count, low, high, bits ? last : sum / count);
  }

  #put(bucket: number, count: number, low: number, high: number, mean: number): void {
    const isEmpty = count === 0;
    this.count[bucket] = count;
    this.min[bucket] = isEmpty ? 0 : low;
    this.max[bucket] = isEmpty ? 0 : high;
    this.mean[bucket] = isEmpty ? 0 : mean;
  }

  /** Takes those of the n buckets of another run from `from` on that have more values than ours from `at` on. */
  keepFuller(other: Buckets, from: number, at: number, n: number): void {
    for (let index = 0; index < n; index += 1) {
      if ((other.count[from + index] as number) <= (this.count[at + index] as number)) continue;
      this.count[at + index] = other.count[from + index] as number;
      this.min[at + index] = other.min[from + index] as number;
      this.max[at + index] = other.max[from + index] as number;
      this.mean[at + index] = other.mean[from + index] as number;
    }
  }
}

/** Flags of a run. */
const COUNTS = 1;
const SPREAD = 2;
const STEPS_SHIFT = 2;
const RELATIVE = 16;
const ALL_FLAGS = 31;
/** Bits of a count: of the seconds of an hour, or of all nodes. */
const COUNT_BITS = 18;

/** The numbers of a run as they are written; those of empty buckets are left out. */
interface Numbers {
  used: number;
  steps: number;
  spread: boolean;
  whole: Int32Array;
  below: Int32Array;
  above: Int32Array;
}

function numbersFor(n: number): Numbers {
  const room = (): Int32Array => new Int32Array(n);
  return { used: 0, steps: 1, spread: false, whole: room(), below: room(), above: room() };
}

/** The run being written or read, and the one it is relative to. */
let own = numbersFor(512);
let other = numbersFor(512);
const writer = new BitWriter();
const reader = new BitReader();

function reserve(n: number): void {
  if (own.whole.length >= n) return;
  own = numbersFor(n);
  other = numbersFor(n);
}

/** Most bytes that n buckets take. */
export function bucketRoom(n: number): number {
  return 16 + n * 4 * 7;
}

/** How finely means are kept; see above. Means beyond the range of 32 bits are kept in whole quanta. */
function meanSteps(metric: Metric, full: number): number {
  if (metric.quantum !== 1 || metric.unit === 'bits') return 1;
  return full <= 10 ? 10 : 100;
}

/** Takes the numbers of buckets [from, from + n). */
function takeNumbers(
  { count, min, max, mean }: Buckets,
  from: number,
  n: number,
  steps: number,
  into: Numbers,
): void {
  into.steps = steps;
  into.spread = false;
  let next = 0;
  for (let bucket = from; bucket < from + n; bucket += 1) {
    if (count[bucket] === 0) continue;
    const value = Math.round((mean[bucket] as number) * steps);
    if (value > MAX_STORED || value < -MAX_STORED) {
      takeNumbers({ count, min, max, mean } as Buckets, from, n, 1, into);
      return;
    }
    const base = Math.floor(value / steps);
    const [low, high] = [min[bucket] as number, max[bucket] as number];
    if (low !== high) into.spread = true;
    into.whole[next] = value;
    into.below[next] = base - low;
    into.above[next] = high - base;
    next += 1;
  }
  into.used = next;
}

/**
 * Writes buckets [from, from + n), of which a full one counts `full`, at out[at...]; returns where they ended.
 * `reference` are the buckets of a metric it moves with, which the reader must have too.
 */
export function encodeBuckets(
  buckets: Buckets,
  from: number,
  n: number,
  metric: Metric,
  full: number,
  out: Uint8Array,
  at: number,
  reference?: Buckets,
): number {
  reserve(n);
  takeNumbers(buckets, from, n, meanSteps(metric, full), own);
  if (own.used === 0) return at;
  const plain = writeNumbers(buckets.count, from, n, full, out, at, 0);
  if (reference === undefined || own.steps !== 1 || !sameCounts(buckets, reference, from, n)) return plain;
  takeNumbers(reference, from, n, 1, other);
  subtract(own, other);
  const relative = writeNumbers(buckets.count, from, n, full, out, plain, RELATIVE);
  if (relative - plain >= plain - at) return plain;
  out.copyWithin(at, plain, relative);
  return at + relative - plain;
}

/** Reads n buckets from bytes[from, to) into buckets [at, at + n). Throws DamagedData. */
export function decodeBuckets(
  bytes: Uint8Array,
  from: number,
  to: number,
  buckets: Buckets,
  at: number,
  n: number,
  full: number,
  reference?: Buckets,
): void {
  reserve(n);
  const { count, min, max, mean } = buckets;
  const flags = bytes[from] as number;
  const steps = 10 ** ((flags >> STEPS_SHIFT) & 3);
  const relative = (flags & RELATIVE) !== 0;
  if (flags > ALL_FLAGS || (relative && reference === undefined)) {
    throw new DamagedData(`a roll-up with the flags ${flags}`);
  }
  reader.start(bytes, from + 1, to);
  own.used = n;
  if ((flags & COUNTS) === 0) count.fill(full, at, at + n);
  else {
    own.used = 0;
    for (let bucket = at; bucket < at + n; bucket += 1) {
      count[bucket] = reader.take(1) === 1 ? full : reader.take(COUNT_BITS);
      if (count[bucket] !== 0) own.used += 1;
    }
  }
  own.spread = (flags & SPREAD) !== 0;
  takeRun(own.whole, own.used, true);
  if (own.spread) {
    takeRun(own.below, own.used, relative);
    takeRun(own.above, own.used, relative);
  } else {
    own.below.fill(0, 0, own.used);
    own.above.fill(0, 0, own.used);
  }
  reader.finish();
  if (relative && reference !== undefined) {
    takeNumbers(reference, at, n, 1, other);
    if (other.used !== own.used) throw new DamagedData('a roll-up relative to one of other times');
    add(own, other);
  }
  let next = 0;
  for (let bucket = at; bucket < at + n; bucket += 1) {
    if (count[bucket] === 0) continue;
    const value = own.whole[next] as number;
    const base = steps === 1 ? value : Math.floor(value / steps);
    mean[bucket] = steps === 1 ? value : value / steps;
    min[bucket] = base - (own.below[next] as number);
    max[bucket] = base + (own.above[next] as number);
    next += 1;
  }
}

function writeNumbers(
  count: Int32Array,
  from: number,
  n: number,
  full: number,
  out: Uint8Array,
  at: number,
  flag: number,
): number {
  const { used, steps, spread, whole, below, above } = own;
  let allFull = used === n;
  for (let bucket = from; allFull && bucket < from + n; bucket += 1) allFull = count[bucket] === full;
  out[at] = flag | (allFull ? 0 : COUNTS) | (spread ? SPREAD : 0) | (Math.log10(steps) << STEPS_SHIFT);
  writer.start(out, at + 1);
  if (!allFull) {
    for (let bucket = from; bucket < from + n; bucket += 1) {
      // A bit that says full, or the count behind it.
      if (count[bucket] === full) writer.put(1, 1);
      else writer.put(count[bucket] as number, 1 + COUNT_BITS);
    }
  }
  putRun(whole, used, true);
  if (spread) {
    putRun(below, used, flag === RELATIVE);
    putRun(above, used, flag === RELATIVE);
  }
  return writer.end();
}

function sameCounts(one: Buckets, two: Buckets, from: number, n: number): boolean {
  for (let bucket = from; bucket < from + n; bucket += 1)
    if (one.count[bucket] !== two.count[bucket]) return false;
  return true;
}

function subtract(one: Numbers, two: Numbers): void {
  one.spread ||= two.spread;
  for (let index = 0; index < one.used; index += 1) {
    one.whole[index] = (one.whole[index] as number) - (two.whole[index] as number);
    one.below[index] = (one.below[index] as number) - (two.below[index] as number);
    one.above[index] = (one.above[index] as number) - (two.above[index] as number);
  }
}

function add(one: Numbers, two: Numbers): void {
  for (let index = 0; index < one.used; index += 1) {
    one.whole[index] = (one.whole[index] as number) + (two.whole[index] as number);
    one.below[index] = (one.below[index] as number) + (two.below[index] as number);
    one.above[index] = (one.above[index] as number) + (two.above[index] as number);
  }
}

/** Bits that announce how a run of numbers is written: its width, and whether as steps from one to the next. */
const WIDTH_BITS = 5;
/** Stands for a run in which nothing follows: zeros, or steps of zero. */
const NOTHING = 31;

/** Writes a run of numbers: the first, then either each number or its step from the one before, whichever is shorter. */
function putRun(numbers: Int32Array, n: number, signed: boolean): void {
  let [plain, stepped] = [0, 0];
  for (let index = 1; index < n; index += 1) {
    const value = numbers[index] as number;
    plain += signed ? folded(value) : value >>> 0;
    stepped += folded((value - (numbers[index - 1] as number)) | 0);
  }
  const first = signed ? folded(numbers[0] as number) : (numbers[0] as number) >>> 0;
  const firstBits = 32 - Math.clz32(first);
  writer.put(firstBits, 6);
  if (firstBits > 16) writer.put(first >>> 16, firstBits - 16);
  writer.put(first, Math.min(16, firstBits));
  if (n === 1) return;
  const steps = stepped < plain;
  const sum = steps ? stepped : plain;
  const width = sum === 0 ? NOTHING : Math.min(NOTHING - 1, riceWidth(sum, n - 1));
  writer.put(((steps ? 1 : 0) << WIDTH_BITS) | width, WIDTH_BITS + 1);
  if (width === NOTHING) return;
  for (let index = 1; index < n; index += 1) {
    const value = numbers[index] as number;
    if (steps) writer.rice(folded((value - (numbers[index - 1] as number)) | 0), width);
    else writer.rice(signed ? folded(value) : value >>> 0, width);
  }
}

function takeRun(numbers: Int32Array, n: number, signed: boolean): void {
  if (n === 0) return;
  const firstBits = reader.take(6);
  if (firstBits > 32) throw new DamagedData('a number of more than 32 bits');
  const high = firstBits > 16 ? reader.take(firstBits - 16) << 16 : 0;
  const first = (high | reader.take(Math.min(16, firstBits))) >>> 0;
  let last = signed ? unfolded(first) : first | 0;
  numbers[0] = last;
  if (n === 1) return;
  const steps = reader.take(1) === 1;
  const width = reader.take(WIDTH_BITS);
  if (width === NOTHING) {
    numbers.fill(steps ? last : 0, 1, n);
    return;
  }
  for (let index = 1; index < n; index += 1) {
    const value = reader.rice(width);
    if (steps) last = (last + unfolded(value)) | 0;
    else last = signed ? unfolded(value) : value | 0;
    numbers[index] = last;
  }
}

/** Whole numbers of both signs as whole numbers without one: 0, -1, 1, -2 as 0, 1, 2, 3. */
function folded(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function unfolded(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}
