/** Who this node is in its cluster: its key and certificate, the authority's, the cluster's key and map, read and checked. */
import { createHash, createPrivateKey, verify, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { problem, type ProblemCode } from '../../common/contract/problem.ts';
import { nodeIdSchema } from '../../common/model/node.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { clusterKeySchema } from '../../common/trust/enrolment.ts';
import { readMap, type ClusterMap, type ClusterMember } from '../../common/trust/map.ts';
import { errorCode } from '../error-code.ts';

/** The files of an identity, all in one folder of root's (0700). */
export const IDENTITY_FILES = {
  key: 'node.key',
  certificate: 'node.crt',
  authority: 'authority.crt',
  clusterKey: 'cluster.key',
  map: 'cluster.map',
} as const;

/** Files that nobody else may read. */
const SECRETS: readonly string[] = [IDENTITY_FILES.key, IDENTITY_FILES.clusterKey];

/** Who this node is. Everything in it was checked against everything else. */
export interface Identity {
  /** This node's id, as its certificate says it. */
  readonly node: number;
  /** In PEM. */
  readonly key: string;
  readonly certificate: string;
  readonly authority: string;
  /** 32 bytes, the same on every node of the cluster. */
  readonly clusterKey: Buffer;
  readonly map: ClusterMap;
  /** The end of the certificate, in milliseconds since 1970. */
  readonly until: number;
}

/** The texts of an identity's files, by what they are. */
export type IdentityTexts = Readonly<Record<keyof typeof IDENTITY_FILES, string>>;

/**
 * Reads the identity of this node. Problems: not-found (not enrolled), permission-denied (others may read or change it),
 * file-unreadable, bad-input (damaged, expired, not of this authority).
 */
export async function loadIdentity(folder: string): Promise<Result<Identity>> {
  const closed = await isClosed(folder, 0o077);
  if (!closed.ok) return closed;
  const texts: Record<string, string> = {};
  for (const [name, fileName] of Object.entries(IDENTITY_FILES)) {
    const file = join(folder, fileName);
    const allowed = await isClosed(file, SECRETS.includes(fileName) ? 0o077 : 0o022);
    if (!allowed.ok) return allowed;
    try {
      texts[name] = await readFile(file, 'utf8');
    } catch (error) {
      return failure(unreadable(file, error));
    }
  }
  return identityOf(texts as IdentityTexts, folder);
}

/** The identity that texts make, which came from `place`. Problems: bad-input, with what does not go with what. */
export function identityOf(texts: IdentityTexts, place: string): Result<Identity> {
  const bad = (words: string): Result<never> =>
    failure(problem('bad-input', `This node's identity in ${place} cannot be used: ${words}.`));
  const certificate = certificateOf(texts.certificate);
  const authority = certificateOf(texts.authority);
  if (certificate === undefined) return bad(`${IDENTITY_FILES.certificate} is no certificate`);
  if (authority === undefined) return bad(`${IDENTITY_FILES.authority} is no certificate`);
  if (!isOfAuthority(certificate, authority)) {
    return bad(`${IDENTITY_FILES.certificate} was not given by the authority of ${IDENTITY_FILES.authority}`);
  }
  const node = nodeOf(certificate);
  if (node === undefined) return bad(`${IDENTITY_FILES.certificate} does not name a node`);
  if (!isKeyOf(texts.key, certificate)) {
    return bad(`${IDENTITY_FILES.key} is not the key of ${IDENTITY_FILES.certificate}`);
  }
  const until = certificate.validToDate.getTime();
  const now = Date.now();
  if (now > until)
    return bad(`its certificate has expired on ${certificate.validTo}; install the agent again`);
  if (now < certificate.validFromDate.getTime()) {
    return bad(`its certificate is good from ${certificate.validFrom} on; set the clock of this node`);
  }
  const clusterKey = clusterKeySchema.safeParse(texts.clusterKey.trim());
  if (!clusterKey.success) return bad(`${IDENTITY_FILES.clusterKey} does not hold 64 hexadecimal digits`);
  const map = readMap(texts.map, verifierOf(texts.authority));
  if (!map.ok) return map;
  const member = memberOf(map.value, certificate);
  if (!member.ok) return bad(member.problem.message);
  return success({
    node,
    key: texts.key,
    certificate: texts.certificate,
    authority: texts.authority,
    clusterKey: Buffer.from(clusterKey.data, 'hex'),
    map: map.value,
    until,
  });
}

/** This node as the map has it. */
export function ownMember({ map, node }: Identity): ClusterMember {
  const member = map.nodes.find(({ id }) => id === node);
  if (member === undefined) throw new Error(`Node ${node} is not in its own map.`);
  return member;
}

/** The member of the map whose certificate this is. Problems: not-found, in words that go on after a colon. */
export function memberOf({ nodes }: ClusterMap, certificate: X509Certificate): Result<ClusterMember> {
  const node = nodeOf(certificate);
  const member = nodes.find(({ id }) => id === node);
  if (node === undefined || member === undefined) {
    return failure(problem('not-found', `node ${node ?? 'without a number'} is not in the cluster's map`));
  }
  return member.certificate === createHash('sha256').update(certificate.raw).digest('hex')
    ? success(member)
    : failure(problem('not-found', `the cluster's map names another certificate for node ${node}`));
}

/** Checks signatures of maps with the authority's certificate in PEM. */
export function verifierOf(authority: string): (words: string, signature: string) => boolean {
  return (words, signature) =>
    verify(
      'sha256',
      Buffer.from(words),
      new X509Certificate(authority).publicKey,
      Buffer.from(signature, 'base64'),
    );
}

/** The node's id in a certificate's subject, `CN=mosview node 3`; undefined where it is another one's. */
function nodeOf(certificate: X509Certificate): number | undefined {
  const id = nodeIdSchema.safeParse(Number(/^CN=mosview node (\d{1,5})$/.exec(certificate.subject)?.[1]));
  return id.success ? id.data : undefined;
}

function isOfAuthority(certificate: X509Certificate, authority: X509Certificate): boolean {
  return authority.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

function isKeyOf(key: string, certificate: X509Certificate): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** As ssh does with its keys: what others may read or change is not used. */
async function isClosed(path: string, mask: number): Promise<Result<void>> {
  try {
    const { mode, uid } = await stat(path);
    if (uid !== 0 && uid !== process.getuid?.()) {
      return failure(problem('permission-denied', `${path} belongs to user ${uid}, so that it is not used.`));
    }
    if ((mode & mask) === 0) return success(undefined);
    const may = (mode & 0o022) === 0 ? 'read' : 'change';
    const rights = (mode & 0o777).toString(8).padStart(4, '0');
    return failure(
      problem(
        'permission-denied',
        `Others may ${may} ${path} (${rights}), so that it is not used. Take the rights away: chmod go= ${path}`,
      ),
    );
  } catch (error) {
    return failure(unreadable(path, error));
  }
}

function unreadable(path: string, error: unknown): ReturnType<typeof problem> {
  const code = errorCode(error);
  if (code === 'ENOENT') {
    return problem(
      'not-found',
      `This node belongs to no cluster: ${path} is not there. Run "mosview agent install" for it.`,
    );
  }
  const codes: Readonly<Record<string, ProblemCode>> = {
    EACCES: 'permission-denied',
    EPERM: 'permission-denied',
  };
  const words = error instanceof Error ? error.message : String(error);
  return problem(codes[code] ?? 'file-unreadable', `${path} could not be read: ${words}`);
}
