/**
 * The bytes of one output stream of a job that its reader has not confirmed yet. Every byte has its place in the stream
 * from the job's start on, whichever node it ran on, so that none is lost and none is told twice.
 */

export class Outlet {
  #chunks: Buffer[] = [];
  /** Place of the first byte that is kept. */
  #base: number;
  #length = 0;
  /** Place of the next byte to send. */
  #sent: number;

  constructor(base: number, kept: Buffer = Buffer.alloc(0)) {
    this.#base = base;
    this.#sent = base;
    if (kept.length > 0) this.push(kept);
  }

  /** Place of the first byte that is not confirmed. */
  get base(): number {
    return this.#base;
  }

  /** Place behind the last byte that the job has written. */
  get end(): number {
    return this.#base + this.#length;
  }

  get length(): number {
    return this.#length;
  }

  push(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  /** The reader has everything before `place`; what is confirmed already, or was never written, changes nothing. */
  confirm(place: number): void {
    let drop = Math.min(place, this.end) - this.#base;
    while (drop > 0) {
      const [first] = this.#chunks;
      if (first === undefined) return;
      const part = Math.min(drop, first.length);
      if (part === first.length) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(part);
      this.#base += part;
      this.#length -= part;
      drop -= part;
    }
    this.#sent = Math.max(this.#sent, this.#base);
  }

  /** Sending goes on at `place`: the reader has what is before it and nothing else. */
  rewind(place: number): void {
    this.confirm(place);
    this.#sent = this.#base;
  }

  /** The next bytes to send with their place, at most `most`; undefined when all is sent. */
  next(most: number): { readonly place: number; readonly bytes: Buffer } | undefined {
    let skip = this.#sent - this.#base;
    for (const chunk of this.#chunks) {
      if (skip >= chunk.length) {
        skip -= chunk.length;
        continue;
      }
      const bytes = chunk.subarray(skip, skip + most);
      const place = this.#sent;
      this.#sent += bytes.length;
      return { place, bytes };
    }
    return undefined;
  }

  /** Everything that is kept, in one piece. */
  kept(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
