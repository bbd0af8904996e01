/**
 * A cluster's own authority: its key, the cluster's key and map, and which ids were ever given. One private file for each
 * cluster in mosview's data folder; whoever has it decides who is in the cluster.
 */
import {
  createHash,
  createPublicKey,
  randomBytes,
  sign as signWith,
  verify as verifyWith,
  X509Certificate,
} from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { nodeEntrySchema, type NodeEntry } from '../../common/contract/contract.ts';
import { problem } from '../../common/contract/problem.ts';
import { jsonOf } from '../../common/model/json.ts';
import { nodeIdSchema } from '../../common/model/node.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import {
  clusterKeySchema,
  requestWords,
  type Enrolment,
  type EnrolmentRequest,
} from '../../common/trust/enrolment.ts';
import { clusterMapSchema, clusterNameSchema, writeMap, type ClusterMember } from '../../common/trust/map.ts';
import { fileProblem, makeDataFolder, readFileIfThere, writeFileWhole } from '../settings/files.ts';

/** How long a node's certificate is good; every installation gives a new one. */
const CERTIFICATE_MILLISECONDS = 10 * 365.25 * 86_400_000;

const authoritySchema = z.object({
  cluster: clusterNameSchema,
  /** Its private key (PKCS#8) and certificate, in PEM. */
  key: z.string(),
  certificate: z.string(),
  clusterKey: clusterKeySchema,
  map: clusterMapSchema,
  /** Every id that was ever given, with the last node that had it and how it was reached. */
  given: z.array(z.object({ id: nodeIdSchema, name: z.string(), entry: nodeEntrySchema })),
});
/** An authority as it is now; a change makes a new one, which counts when it is saved. */
export type Authority = Readonly<z.infer<typeof authoritySchema>>;

/** A member before it has its certificate. */
export type NewMember = Omit<ClusterMember, 'certificate'>;

/** The authority's files of a data folder. */
export function authorityFolder(dataFolder: string): string {
  return join(dataFolder, 'clusters');
}

/** The names of the clusters whose authority this data folder has, sorted. Problems: those of reading the folder. */
export async function clusterNames(dataFolder: string): Promise<Result<readonly string[]>> {
  const folder = authorityFolder(dataFolder);
  try {
    const files = await readdir(folder);
    return success(
      files.flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : [])).toSorted(),
    );
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return success([]);
    return failure(fileProblem(error, `${folder} could not be read`));
  }
}

/** Makes the authority of a new cluster; it is nowhere yet. */
export async function newAuthority(cluster: string): Promise<Authority> {
  // Loaded only where a certificate is made, which few commands do.
  const { makeAuthority } = await import('./certificates.ts');
  return {
    cluster,
    ...(await makeAuthority(cluster)),
    clusterKey: randomBytes(32).toString('hex'),
    map: { cluster, version: 1, nodes: [] },
    given: [],
  };
}

/** Reads a cluster's authority; undefined where there is none. Problems: those of the file, bad-input (damaged). */
export async function readAuthority(
  dataFolder: string,
  cluster: string,
): Promise<Result<Authority | undefined>> {
  const file = join(authorityFolder(dataFolder), `${cluster}.json`);
  const text = await readFileIfThere(file);
  if (!text.ok || text.value === undefined) return text.ok ? success(undefined) : text;
  const parsed = authoritySchema.safeParse(jsonOf(text.value));
  if (parsed.success && parsed.data.cluster === cluster) return success(parsed.data);
  const words = parsed.success ? 'it is of another cluster' : z.prettifyError(parsed.error);
  return failure(
    problem('bad-input', `${file} is not the authority of cluster ${cluster}. Put its copy back.`, words),
  );
}

/** Writes an authority (0600 in a folder 0700). Problems: those of the file. */
export async function saveAuthority(dataFolder: string, authority: Authority): Promise<Result<void>> {
  const folder = authorityFolder(dataFolder);
  const made = makeDataFolder(folder);
  if (!made.ok) return made;
  return writeFileWhole(
    join(folder, `${authority.cluster}.json`),
    `${JSON.stringify(authority, undefined, 1)}\n`,
  );
}

/** The authority's map, signed. */
export function signedMap({ map, key }: Authority): string {
  return writeMap(map, (words) => signWith('sha256', Buffer.from(words), key).toString('base64'));
}

/**
 * Takes a node into the map, in the place of one that has its id, and gives what is to be handed to the node. Problems:
 * bad-input (a request without proof of its key).
 */
export async function enrolNode(
  authority: Authority,
  member: NewMember,
  entry: NodeEntry,
  request: EnrolmentRequest,
): Promise<Result<{ readonly authority: Authority; readonly enrolment: Enrolment }>> {
  if (!hasKey(request)) {
    return failure(
      problem('bad-input', `${member.name} did not prove that it has the key it asks a certificate for`),
    );
  }
  const { cluster, map, given } = authority;
  const { makeNodeCertificate } = await import('./certificates.ts');
  const certificate = await makeNodeCertificate(authority, {
    cluster,
    id: member.id,
    publicKey: request.publicKey,
    until: Date.now() + CERTIFICATE_MILLISECONDS,
  });
  const fingerprint = fingerprintOf(new X509Certificate(certificate));
  const others = map.nodes.filter(({ id }) => id !== member.id);
  const grown: Authority = {
    ...authority,
    map: clusterMapSchema.parse({
      cluster,
      version: map.version + 1,
      nodes: [...others, { ...member, certificate: fingerprint }].toSorted((one, other) => one.id - other.id),
    }),
    given: [...given.filter(({ id }) => id !== member.id), { id: member.id, name: member.name, entry }],
  };
  const enrolment = {
    certificate,
    authority: authority.certificate,
    clusterKey: authority.clusterKey,
    map: signedMap(grown),
  };
  return success({ authority: grown, enrolment });
}

/** A certificate's SHA-256 as a map names it. */
export function fingerprintOf({ raw }: X509Certificate): string {
  return createHash('sha256').update(raw).digest('hex');
}

/** Whether a certificate is of this authority. */
export function isAuthority({ certificate }: Authority, other: X509Certificate): boolean {
  return new X509Certificate(certificate).fingerprint256 === other.fingerprint256;
}

/** Takes a node out of the map; its id stays given. */
export function withoutNode(authority: Authority, id: number): Authority {
  const { map } = authority;
  return {
    ...authority,
    map: { ...map, version: map.version + 1, nodes: map.nodes.filter((node) => node.id !== id) },
  };
}

function hasKey({ publicKey, signature }: EnrolmentRequest): boolean {
  try {
    const key = createPublicKey(publicKey);
    const isUsual = key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
    return (
      isUsual &&
      verifyWith('sha256', Buffer.from(requestWords(publicKey)), key, Buffer.from(signature, 'base64'))
    );
  } catch {
    return false;
  }
}
