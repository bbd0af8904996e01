/** What agents tell each other once a second: loads, and which map of the cluster they go by. The form of a datagram. */
import { z } from 'zod';
import type { BalanceNode, LoadEntry } from '../../common/balance/index.ts';
import { jsonOf } from '../../common/model/json.ts';
import { nodeIdSchema } from '../../common/model/node.ts';

const VERSION = 1;

/** What a node says of itself: what balancing goes by, and what a monitor shows beside it. */
export interface NodeState extends BalanceNode {
  /** Percent, 0..100. */
  readonly util: number;
  /** Bytes. */
  readonly memoryTotal: number;
  readonly memoryFree: number;
  readonly memoryAvailable: number;
}

export type StateEntry = LoadEntry<NodeState>;

const KB = 1024;
const amount = z.number().min(0);

/** `id, load, speed, cpus, status, util, total, free, available (KB), sequence, age (s)`. */
const entrySchema = z.tuple([
  nodeIdSchema,
  amount,
  z.number().min(1),
  z.int().min(1),
  z.int().min(0),
  amount.max(100),
  amount,
  amount,
  amount,
  amount,
  amount,
]);
const messageSchema = z.tuple([z.literal(VERSION), z.array(entrySchema).max(64), z.int().min(0).optional()]);

export interface Message {
  readonly entries: readonly StateEntry[];
  /** Version of the sender's map; 0 where it does not say. */
  readonly mapVersion: number;
}

export function encodeMessage({ entries, mapVersion }: Message): Buffer {
  const rows = entries.map(({ node, sequence, age }) => [
    node.id,
    Math.round(node.load * 10) / 10,
    node.speed,
    node.cpus,
    node.status,
    Math.round(node.util),
    Math.round(node.memoryTotal / KB),
    Math.round(node.memoryFree / KB),
    Math.round(node.memoryAvailable / KB),
    sequence,
    Math.round(age * 100) / 100,
  ]);
  return Buffer.from(JSON.stringify([VERSION, rows, mapVersion]));
}

/** Undefined for what is no message of this version. */
export function decodeMessage(plain: Buffer): Message | undefined {
  const parsed = messageSchema.safeParse(jsonOf(plain.toString()));
  if (!parsed.success) return undefined;
  const [, rows, mapVersion = 0] = parsed.data;
  const entries = rows.map(
    ([id, load, speed, cpus, status, util, memoryTotal, memoryFree, memoryAvailable, sequence, age]) => ({
      node: {
        id,
        load,
        speed,
        cpus,
        status,
        util,
        memoryTotal: memoryTotal * KB,
        memoryFree: memoryFree * KB,
        memoryAvailable: memoryAvailable * KB,
      },
      sequence,
      age,
    }),
  );
  return { entries, mapVersion };
}
