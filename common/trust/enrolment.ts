/** What passes between a node and the authority when the node joins: its request, and what it gets in return. */
import { z } from 'zod';
import { MAP_BYTES } from './map.ts';

const pemSchema = z.string().min(1).max(10_000);
/** 32 bytes in lower-case hex. */
export const clusterKeySchema = z.string().regex(/^[0-9a-f]{64}$/);

/** Signed with the new key, so that nothing else it signs can be taken for a request. */
const REQUEST_PURPOSE = 'mosview enrolment request 1\n';

/** A node's request: its public key, and the proof that it has the private one. */
export const enrolmentRequestSchema = z.object({
  /** SubjectPublicKeyInfo in PEM. */
  publicKey: pemSchema,
  /** By that key, in base64, over `requestWords`. */
  signature: z.base64().max(1000),
});
export type EnrolmentRequest = z.infer<typeof enrolmentRequestSchema>;

/** What a node gets: everything it needs to take part. The key is a secret of the cluster. */
export const enrolmentSchema = z.object({
  /** In PEM, as the authority's. */
  certificate: pemSchema,
  authority: pemSchema,
  clusterKey: clusterKeySchema,
  /** The signed map, as text. */
  map: z.string().max(MAP_BYTES),
});
export type Enrolment = z.infer<typeof enrolmentSchema>;

/** What a request's signature is over. */
export function requestWords(publicKey: string): string {
  return REQUEST_PURPOSE + publicKey;
}
