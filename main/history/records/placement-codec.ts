/**
 * Where processes were that were not at home, as bytes: all of them, or what changed. JSON, column after column, and
 * compressed where that is shorter.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { placementSchema, type Placement } from '../../../common/model/migration.ts';
import { DamagedData } from '../codec.ts';

/** A full list comes at least so often, so that a moment is read from few rows. */
export const FULL_PLACEMENTS_SECONDS = 300;

/** What is new or different, and the keys (see placementKey) of what ended or came home; of a full list all are new. */
export interface PlacementChange {
  readonly ended: readonly number[];
  readonly placed: readonly Placement[];
}

const FIELDS = [
  'home',
  'pid',
  'started',
  'at',
  'guestPid',
  'guestStarted',
  'command',
] as const satisfies readonly (keyof Placement)[];

/** The first byte: what follows is the text itself, or compressed. */
const [PLAIN, DEFLATED] = [0, 1] as const;

/** Shorter texts do not become shorter. */
const LEAST_DEFLATED = 100;

/** A change never inflates to more. */
const MOST_BYTES = 64 * 1024 * 1024;

/** More than the largest number of a process. */
const PID_SPAN = 2 ** 23;

/** What tells processes apart: home and number there; below zero, host and number there, where only the host knows it. */
export function placementKey({ home, pid, at, guestPid }: Placement): number {
  return pid > 0 ? home * PID_SPAN + pid : -(at * PID_SPAN + guestPid);
}

export function encodePlacements({ ended, placed }: PlacementChange): Uint8Array {
  const columns = FIELDS.map((field) => placed.map((placement) => placement[field]));
  const text = Buffer.from(JSON.stringify([ended, ...columns]));
  const deflated = text.length < LEAST_DEFLATED ? text : deflateRawSync(text);
  return deflated.length < text.length
    ? Buffer.concat([Buffer.of(DEFLATED), deflated])
    : Buffer.concat([Buffer.of(PLAIN), text]);
}

/** Throws DamagedData. */
export function decodePlacements(bytes: Uint8Array): PlacementChange {
  try {
    const rest = bytes.subarray(1);
    const text = bytes[0] === DEFLATED ? inflateRawSync(rest, { maxOutputLength: MOST_BYTES }) : rest;
    const [ended, ...columns] = JSON.parse(Buffer.from(text).toString()) as readonly (readonly unknown[])[];
    const placed = (columns[0] ?? []).map((_, row) =>
      placementSchema.parse(
        Object.fromEntries(FIELDS.map((field, column) => [field, columns[column]?.[row]])),
      ),
    );
    return { ended: (ended ?? []).map(Number), placed };
  } catch (error) {
    throw new DamagedData(`a list of places cannot be read (${error instanceof Error ? error.name : ''})`);
  }
}
