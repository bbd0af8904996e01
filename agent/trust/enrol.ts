/** How a node joins its cluster: a new key and the request for its certificate, then what the authority gives for it. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { problem } from '../../common/contract/problem.ts';
import { jsonOf } from '../../common/model/json.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { enrolmentSchema, requestWords, type EnrolmentRequest } from '../../common/trust/enrolment.ts';
import { readMap } from '../../common/trust/map.ts';
import { IDENTITY_FILES, identityOf, loadIdentity, verifierOf, type Identity } from './identity.ts';

/** The key of a request; it takes the present one's place when the request was answered. */
const NEW_KEY = 'node.key.new';

/**
 * Makes a new key, which never leaves this node, and gives the request for its certificate as JSON. The present identity
 * stays good until the answer is accepted. Throws what the file system says.
 */
export async function createRequest(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // An older folder may have had other rights.
  await chmod(folder, 0o700);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writePrivate(join(folder, NEW_KEY), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const publicText = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const signature = sign('sha256', Buffer.from(requestWords(publicText)), privateKey).toString('base64');
  return `${JSON.stringify({ publicKey: publicText, signature } satisfies EnrolmentRequest)}\n`;
}

/**
 * Takes the answer to the latest request: everything in it is checked before anything is written. Problems: bad-input (no
 * answer, or not to this request), not-found (there was no request). Throws what the file system says in writing.
 */
export async function acceptEnrolment(folder: string, text: string): Promise<Result<Identity>> {
  const parsed = enrolmentSchema.safeParse(jsonOf(text));
  if (!parsed.success) return failure(problem('bad-input', 'What came is no answer to a request.'));
  const { certificate, authority, clusterKey, map } = parsed.data;
  const key = await readFile(join(folder, NEW_KEY), 'utf8').catch(() => undefined);
  if (key === undefined) {
    return failure(problem('not-found', `There is no request to answer in ${folder}; make one first.`));
  }
  const texts = { key, certificate, authority, clusterKey: `${clusterKey}\n`, map };
  const identity = identityOf(texts, 'the answer');
  if (!identity.ok) return identity;
  for (const [name, file] of Object.entries(IDENTITY_FILES)) {
    await writePrivate(join(folder, file), texts[name as keyof typeof texts]);
  }
  await rm(join(folder, NEW_KEY));
  return identity;
}

/**
 * Takes a newer map, from the desktop or from another node, into the folder. The map that is there already is not written
 * again. Problems: those of `loadIdentity`, bad-input (not signed by this authority, or older). Throws as above.
 */
export async function acceptMap(folder: string, text: string): Promise<Result<Identity>> {
  const identity = await loadIdentity(folder);
  if (!identity.ok) return identity;
  const { authority, map: present } = identity.value;
  const map = readMap(text, verifierOf(authority), present.version);
  if (!map.ok) return map;
  if (map.value.version > present.version) await writePrivate(join(folder, IDENTITY_FILES.map), text);
  return success({ ...identity.value, map: map.value });
}

/** Writes a file (0600) in one step, so that a crash leaves the old one. */
async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}
