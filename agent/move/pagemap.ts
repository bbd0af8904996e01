/**
 * criu's images of which pages of a process' memory are where. Source of the format: criu's images/pagemap.proto and
 * magic.h, in which a file is two magic numbers and messages, each behind its length.
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { PAGE_BYTES } from '../../common/model/metric.ts';

const MAGIC = [0x54564319, 0x56084025] as const;
const WORD = 4;

/** The page is in the images of the round before; in the file of pages; or was left to be read while the process runs. */
export const PARENT_PAGES = 1;
export const LAZY_PAGES = 2;
export const PRESENT_PAGES = 4;

/** Pages that follow each other. */
export interface Pages {
  readonly address: number;
  readonly pages: number;
}

export interface PageRun extends Pages {
  readonly flags: number;
}

interface Pagemap {
  /** The number in the name of its file of pages, which has those that are present, in their order. */
  readonly pagesId: number;
  readonly runs: readonly PageRun[];
}

/** Undefined for what is no such image, or not a whole one, or has flags that are not known here. */
export function readPagemap(bytes: Buffer): Pagemap | undefined {
  const [head, ...entries] = messagesOf(bytes) ?? [];
  if (head === undefined) return undefined;
  const runs = entries.map((fields): PageRun => ({
    address: fields.get(1) ?? 0,
    // Newer versions of criu count in field 5; older ones had a field for the one flag that there was.
    pages: fields.get(5) ?? fields.get(2) ?? 0,
    flags: fields.get(4) ?? (fields.get(3) === 1 ? PARENT_PAGES : PRESENT_PAGES),
  }));
  const isKnown = runs.every(({ flags }) => (flags & ~(PARENT_PAGES | LAZY_PAGES | PRESENT_PAGES)) === 0);
  return isKnown ? { pagesId: head.get(1) ?? 0, runs } : undefined;
}

export function pagemapBytes({ pagesId, runs }: Pagemap): Buffer {
  const magic = Buffer.alloc(MAGIC.length * WORD);
  MAGIC.forEach((word, at) => magic.writeUInt32LE(word, at * WORD));
  const messages = [
    messageOf({ 1: pagesId }),
    ...runs.map(({ address, pages, flags }) => messageOf({ 1: address, 2: pages, 4: flags })),
  ];
  return Buffer.concat([magic, ...messages]);
}

/** Adds pages, to the run before where they follow it. */
export function addRun(runs: PageRun[], run: PageRun): void {
  const last = runs.at(-1);
  if (last !== undefined && last.flags === run.flags && endOf(last) === run.address)
    runs[runs.length - 1] = { ...last, pages: last.pages + run.pages };
  else if (run.pages > 0) runs.push(run);
}

/**
 * Cuts pages wherever one of the others begins or ends, and so that none is longer than `most` pages, and tells which of the
 * others each is in. Both lists are in the order of their addresses, and nothing in one is over another of the same list.
 */
export function* cut<Other extends Pages>(
  all: readonly Pages[],
  others: readonly Other[],
  most = Infinity,
): Generator<Pages & { readonly within: Other | undefined }, void> {
  let at = 0;
  for (const whole of all)
    for (let { address } = whole; address < endOf(whole);) {
      let other = others[at];
      while (other !== undefined && endOf(other) <= address) other = others[(at += 1)];
      const within = other !== undefined && other.address <= address ? other : undefined;
      const border = within === undefined ? (other?.address ?? Infinity) : endOf(within);
      const end = Math.min(endOf(whole), border, address + most * PAGE_BYTES);
      yield { address, pages: (end - address) / PAGE_BYTES, within };
      address = end;
    }
}

function endOf({ address, pages }: Pages): number {
  return address + pages * PAGE_BYTES;
}

/** A message of numbers by their fields, behind its length. */
function messageOf(fields: Readonly<Record<number, number>>): Uint8Array {
  const writer = new BinaryWriter();
  for (const [field, value] of Object.entries(fields))
    writer.tag(Number(field), WireType.Varint).uint64(value);
  const message = writer.finish();
  const length = Buffer.alloc(WORD);
  length.writeUInt32LE(message.length);
  return Buffer.concat([length, message]);
}

/** The numbers of each message by their fields; undefined where these are no such messages. */
function messagesOf(bytes: Buffer): readonly ReadonlyMap<number, number>[] | undefined {
  const messages: ReadonlyMap<number, number>[] = [];
  try {
    if (MAGIC.some((magic, at) => bytes.readUInt32LE(at * WORD) !== magic)) return undefined;
    for (let at = MAGIC.length * WORD; at < bytes.length;) {
      const start = at + WORD;
      at = start + bytes.readUInt32LE(at);
      if (at > bytes.length) return undefined;
      const reader = new BinaryReader(bytes.subarray(start, at));
      const fields = new Map<number, number>();
      while (reader.pos < reader.len) {
        const [field] = reader.tag();
        fields.set(field, Number(reader.uint64()));
      }
      messages.push(fields);
    }
    return messages;
  } catch {
    // Read beyond its end, or no tag.
    return undefined;
  }
}
