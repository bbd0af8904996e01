/** At the node that a job wants to come to: whether everything the job needs is here, and is the same. */
import { errorCode } from '../error-code.ts';
import { contentOf } from './content.ts';
import { identityAt, type FileIdentity } from './files.ts';
import { parseMountInfo, type Mount } from '../proc/mountinfo.ts';
import { placeOf, type FileNeed, type Needs } from './needs.ts';
import { nodeFacts } from './node-facts.ts';
import { Proc } from '../proc/proc.ts';
import { reason, type Reason } from './reason.ts';

/** File systems that several nodes can have mounted from one server. */
const NETWORK =
  /^(nfs4?|cifs|smb3|ceph|fuse\.(sshfs|glusterfs|ceph|ceph-fuse|juicefs|cephfs)|lustre|9p|afs|ocfs2|gfs2|beegfs|gpfs|virtiofs)$/;

/** Of these each client numbers the files by itself, so that only the path tells. */
const OWN_NUMBERS = /^(fuse\.sshfs|9p)$/;

/** What the kernel itself makes up: it has the same files on every node and no content to compare. */
const KERNEL = /^(proc|sysfs|cgroup2?|devtmpfs|devpts|securityfs|debugfs|tracefs|configfs)$/;

const WRITES = 'its writes would go to another disk';

type Found =
  | { readonly kind: 'same' }
  /** A file that is only read, of the same size: its content decides. */
  | { readonly kind: 'content'; readonly identity: FileIdentity }
  | { readonly kind: 'reason'; readonly reason: Reason };

const SAME: Found = { kind: 'same' };

function because(...[word, text]: Parameters<typeof reason>): Found {
  return { kind: 'reason', reason: reason(word, text) };
}

/** A file of the job's own processes in /proc, which is there as soon as they are. */
function isOfTheJob({ path, fileSystem }: FileNeed, { insidePids }: Needs): boolean {
  const pid = /^\/proc\/(\d+)(\/|$)/.exec(path)?.[1];
  return fileSystem === 'proc' && pid !== undefined && insidePids.includes(Number(pid));
}

/** The same file of the same server; a file that is only read must also have the size that the source saw. */
function onOneServer(need: FileNeed, here: FileIdentity, mounts: readonly Mount[]): Found | undefined {
  const { path, fileSystem, source, pathInSource, inode, use, size } = need;
  if (!NETWORK.test(fileSystem)) return undefined;
  const place = placeOf(path, mounts);
  const isOne =
    place.fileSystem === fileSystem && place.source === source && place.pathInSource === pathInSource;
  if (!isOne) return undefined;
  if (!OWN_NUMBERS.test(fileSystem) && here.inode !== inode) {
    return because('file_differs', `${path} on ${source} is another file here than where the job is.`);
  }
  if (use === 'read' && here.size !== size) {
    return because(
      'file_differs',
      `${path} on ${source} has ${here.size} bytes here and ${size} where the job is.`,
    );
  }
  return SAME;
}

async function compare(
  need: FileNeed,
  needs: Needs,
  sameKernel: boolean,
  mounts: readonly Mount[],
): Promise<Found> {
  const { path, kind, use, size, device, inode, number, fileSystem } = need;
  if (isOfTheJob(need, needs)) return SAME;
  const here = await identityAt(path);
  if (here === undefined) return because('file_missing', `${path} does not exist here.`);
  if (here.kind !== kind)
    return because('file_differs', `${path} is a ${here.kind} here, and a ${kind} where the job is.`);
  if (sameKernel && here.device === device && here.inode === inode) return SAME;
  if (kind === 'character' || kind === 'block') {
    if (here.number === number) return SAME;
    return because(
      'file_differs',
      `${path} is the device ${here.number} here, and ${number} where the job is.`,
    );
  }
  if (kind !== 'file') return SAME;
  const served = onOneServer(need, here, mounts);
  if (served !== undefined) return served;
  if (use !== 'read') return because('file_local', `${path} is written and is another file here: ${WRITES}.`);
  if (KERNEL.test(fileSystem)) return SAME;
  if (here.size !== size) {
    return because('file_differs', `${path} has ${here.size} bytes here and ${size} where the job is.`);
  }
  return { kind: 'content', identity: here };
}

async function compareAll(needs: Needs, proc: Proc): Promise<readonly (readonly [FileNeed, Found])[]> {
  const sameKernel = nodeFacts(proc).bootId === needs.bootId;
  const mounts = parseMountInfo(proc.text('self/mountinfo') ?? '');
  return Promise.all(
    needs.files.map(async (need): Promise<readonly [FileNeed, Found]> => {
      try {
        return [need, await compare(need, needs, sameKernel, mounts)];
      } catch (error) {
        return [need, because('file_missing', `${need.path} cannot be looked at here: ${errorCode(error)}.`)];
      }
    }),
  );
}

/** The paths whose content the target has to know, as nothing else shows that they are the same; often none. */
export async function contentWanted(needs: Needs, proc?: string): Promise<readonly string[]> {
  const found = await compareAll(needs, new Proc(proc));
  return found.filter(([, { kind }]) => kind === 'content').map(([{ path }]) => path);
}

/**
 * At the source: the needs with the sha256 of the files that `contentWanted` named. A file that is not the one the job
 * uses any more gets none, and is refused at the target.
 */
export async function withContent(needs: Needs, wanted: readonly string[]): Promise<Needs> {
  const paths = new Set(wanted);
  const files: FileNeed[] = [];
  for (const need of needs.files) {
    files.push(paths.has(need.path) ? await readContent(need) : need);
  }
  return { ...needs, files };
}

async function readContent(need: FileNeed): Promise<FileNeed> {
  try {
    const identity = await identityAt(need.path);
    if (identity?.kind !== 'file' || identity.device !== need.device || identity.inode !== need.inode)
      return need;
    return { ...need, sha256: await contentOf(need.path, identity) };
  } catch {
    // What cannot be read here is not known to be the same there: the target says so.
    return need;
  }
}

async function contentReason(
  { path, sha256 }: FileNeed,
  identity: FileIdentity,
): Promise<Reason | undefined> {
  if (sha256 === undefined) return reason('file_differs', `The content of ${path} could not be compared.`);
  try {
    if ((await contentOf(path, identity)) === sha256) return undefined;
    return reason('file_differs', `${path} has another content here than where the job is.`);
  } catch (error) {
    return reason('file_missing', `${path} cannot be read here: ${errorCode(error)}.`);
  }
}

function machineReasons(needs: Needs, proc: Proc): readonly Reason[] {
  const { architecture, cpuFlags } = nodeFacts(proc);
  if (architecture !== needs.architecture) {
    const text = `The processor here is ${architecture}, and ${needs.architecture} where the job is.`;
    return [reason('architecture', text)];
  }
  const flags = new Set(cpuFlags);
  const missing = needs.cpuFlags.filter((flag) => !flags.has(flag));
  if (missing.length === 0) return [];
  return [reason('cpu_features', `The processor here lacks ${missing.join(', ')}, which the job may use.`)];
}

/** At the target: everything that stands against the job's coming; empty when it may. */
export async function missingHere(needs: Needs, proc?: string): Promise<readonly Reason[]> {
  const here = new Proc(proc);
  const reasons = [...machineReasons(needs, here)];
  for (const [need, found] of await compareAll(needs, here)) {
    if (found.kind === 'reason') reasons.push(found.reason);
    if (found.kind === 'content') {
      const differs = await contentReason(need, found.identity);
      if (differs !== undefined) reasons.push(differs);
    }
  }
  return reasons;
}
