/**
 * Messages with typed arrays as one binary frame, for hosts without a structured clone (the WebSocket): a header of
 * JSON in which each Float64Array is a reference, and so is a number that JSON has not (NaN and the infinities), then
 * the arrays' bytes, 8-aligned, those of equal arrays once. Little endian throughout.
 *
 *   u32 length of the JSON | JSON, padded with blanks | arrays
 */

const PLACE = '$f64';
const NUMBER = '$number';

/** An array and where its numbers are among those of all arrays. */
interface Placed {
  readonly array: Float64Array;
  readonly offset: number;
}

/** Packs a JSON value whose arrays of numbers may be Float64Arrays. */
export function encodeFrame(message: unknown): Uint8Array<ArrayBuffer> {
  const arrays: Placed[] = [];
  /** The newest array of its length and ends. */
  const alike = new Map<string, Placed>();
  let length = 0;
  const json = JSON.stringify(message, (_key, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) return { [NUMBER]: String(value) };
    if (!(value instanceof Float64Array)) return value;
    // Series of one answer mostly have the same times.
    const likeness = `${value.length} ${value[0]} ${value.at(-1)}`;
    let placed = alike.get(likeness);
    if (placed === undefined || !placed.array.every((each, index) => Object.is(each, value[index]))) {
      placed = { array: value, offset: length };
      arrays.push(placed);
      alike.set(likeness, placed);
      length += value.length;
    }
    return { [PLACE]: [placed.offset, value.length] };
  });
  const text = new TextEncoder().encode(json);
  const head = Math.ceil((4 + text.length) / 8) * 8;
  const frame = new Uint8Array(head + length * 8);
  frame.fill(0x20, 4, head);
  frame.set(text, 4);
  new DataView(frame.buffer).setUint32(0, head - 4, true);
  for (const { array, offset } of arrays) {
    frame.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), head + offset * 8);
  }
  return frame;
}

/** Unpacks a frame; `undefined` where the bytes are none. The arrays are views into the given buffer. */
export function decodeFrame(buffer: ArrayBuffer): unknown {
  if (buffer.byteLength < 8) return undefined;
  const length = new DataView(buffer).getUint32(0, true);
  const head = 4 + length;
  if (head % 8 !== 0 || head > buffer.byteLength) return undefined;
  try {
    const text = new TextDecoder().decode(new Uint8Array(buffer, 4, length));
    const message: unknown = JSON.parse(text);
    // Most large messages have no reference; looking for them in each value would cost more than the rest.
    return text.includes(PLACE) || text.includes(NUMBER) ? resolved(message, buffer, head) : message;
  } catch {
    return undefined;
  }
}

/** A value of JSON with its references replaced by what they mean, which changes the value itself. */
function resolved(value: unknown, buffer: ArrayBuffer, head: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (NUMBER in value && typeof value[NUMBER] === 'string') return Number(value[NUMBER]);
  const place = arrayPlace(value);
  if (place !== undefined) return new Float64Array(buffer, head + place[0] * 8, place[1]);
  const fields = value as Record<string, unknown>;
  for (const key of Object.keys(fields)) {
    const field = fields[key];
    if (typeof field === 'object') fields[key] = resolved(field, buffer, head);
  }
  return fields;
}

function arrayPlace(value: object): readonly [number, number] | undefined {
  if (!(PLACE in value)) return undefined;
  const place: unknown = value[PLACE];
  if (!Array.isArray(place) || place.length !== 2) return undefined;
  const [start, length] = place as unknown[];
  if (Number(start) < 0) throw new RangeError('An array cannot begin inside the header');
  return Number.isSafeInteger(start) && Number.isSafeInteger(length)
    ? [start as number, length as number]
    : undefined;
}
