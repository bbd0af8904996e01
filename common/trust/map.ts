/** The cluster's map: which nodes belong to it and where their agents listen, signed by the cluster's own authority. */
import { z } from 'zod';
import { problem } from '../contract/problem.ts';
import { jsonOf } from '../model/json.ts';
import { nodeIdSchema } from '../model/node.ts';
import { failure, success, type Result } from '../model/result.ts';

/** TCP and UDP port of an agent where none is given: that of openMosix' information daemon. */
export const AGENT_PORT = 5428;

/** Longer texts are no map. */
export const MAP_BYTES = 4 * 1024 * 1024;

/** Signed with the map, so that no other signature of the authority can be taken for one over a map. */
const PURPOSE = 'mosview cluster map 1\n';

/** A cluster's name: lower-case letters, digits and hyphens. */
export const clusterNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and hyphens, at most 40');

/** Name or address at which the other nodes reach an agent. */
export const agentAddressSchema = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9:][A-Za-z0-9_.:%-]*$/, 'is no host name or address');

/** SHA-256 in lower-case hex. */
export const fingerprintSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** A node of the cluster. */
export const clusterMemberSchema = z.object({
  id: nodeIdSchema,
  /** What people call it. */
  name: z.string().min(1).max(253),
  address: agentAddressSchema,
  port: z.int().min(1).max(65_535),
  /** SHA-256 of its certificate: no other one is taken for this node, also not an older one of the same id. */
  certificate: fingerprintSchema,
});
export type ClusterMember = z.infer<typeof clusterMemberSchema>;

/** The nodes of a cluster; a newer map has a higher version. */
export const clusterMapSchema = z
  .object({
    cluster: clusterNameSchema,
    version: z.int().min(1),
    nodes: z.array(clusterMemberSchema).max(10_000),
  })
  .refine(({ nodes }) => new Set(nodes.map(({ id }) => id)).size === nodes.length, 'has a node twice')
  .refine(
    ({ nodes }) => new Set(nodes.map(({ address, port }) => `${address} ${port}`)).size === nodes.length,
    'has two nodes at one address and port',
  );
export type ClusterMap = z.infer<typeof clusterMapSchema>;

const signedSchema = z.object({ map: z.unknown(), signature: z.base64() });

/** Whether a signature in base64 is the authority's over these words. */
export type Verify = (words: string, signature: string) => boolean;

/** A map as text: JSON with the authority's signature. `sign` gives it in base64. */
export function writeMap(map: ClusterMap, sign: (words: string) => string): string {
  const checked = clusterMapSchema.parse(map);
  return `${JSON.stringify({ map: checked, signature: sign(signedWords(checked)) }, undefined, 1)}\n`;
}

/**
 * Reads a map, wherever it came from. Problems: bad-input (no map, a signature that is not the authority's, or a version
 * older than `newest`).
 */
export function readMap(text: string, verify: Verify, newest = 0): Result<ClusterMap> {
  if (text.length > MAP_BYTES) return bad(`It is longer than ${MAP_BYTES} characters`);
  const signed = signedSchema.safeParse(jsonOf(text));
  if (!signed.success) return bad('It is no signed map');
  const { map, signature } = signed.data;
  // What was signed is the map as it came, so that a later mosview may put more into it.
  if (!verify(signedWords(map), signature)) return bad('Its signature is not that of this cluster');
  const parsed = clusterMapSchema.safeParse(map);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return bad(`${issue?.path.join('.') || 'It'} ${issue?.message ?? 'is wrong'}`);
  }
  const { version } = parsed.data;
  return version < newest
    ? bad(`It has version ${version}, and version ${newest} is known`)
    : success(parsed.data);
}

function signedWords(map: unknown): string {
  return PURPOSE + JSON.stringify(map);
}

function bad(words: string): Result<never> {
  return failure(problem('bad-input', `The cluster's map cannot be used. ${words}.`));
}
