/**
 * Who asks at the local socket. The caller makes a file in a folder that all may write to, and its owner tells the user; a
 * process that this user fully controls tells the groups and limits. (Node cannot ask the socket itself.)
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { parseLimits, type Caller } from '../job/start.ts';
import { parseStat } from '../proc/stat.ts';
import { parseStatus } from '../proc/status.ts';

/** Where the command `mos` says how many files its caller may open, before Node raised that for itself. */
const OPEN_FILES = 'MOSVIEW_OPEN_FILES';

/** Anybody may make files in it, see none of others and remove none of others. */
const CLAIMS_MODE = 0o1733;

/** A caller that has proved its user, as its process was at that moment: nothing of it is taken on its word. */
export interface Identified extends Caller {
  readonly pid: number;
}

export function makeClaims(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  chmodSync(folder, CLAIMS_MODE);
}

/** A name that nobody can know before. */
export function newClaim(folder: string): string {
  return join(folder, randomBytes(16).toString('hex'));
}

/** The caller that made the file and is, or fully controls, the process. Problem: permission-denied. */
export function identify(claim: string, pid: number): Result<Identified> {
  const denied = (why: string): Result<never> => failure(problem('permission-denied', why));
  try {
    const file = lstatSync(claim);
    rmSync(claim, { force: true });
    if (!file.isFile()) return denied('The proof of the caller is no file.');
    const { uids, gids, groups, umask = '077' } = parseStatus(readFileSync(`/proc/${pid}/status`, 'latin1'));
    // A program with set-id bits has more rights than the user who started it.
    const isOwn = uids.every((uid) => uid === file.uid) && new Set(gids).size === 1;
    if (!isOwn) return denied(`Process ${pid} is not wholly that of user ${file.uid}.`);
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    if (stat === undefined) return denied(`Process ${pid} has ended.`);
    const own = parseLimits(readFileSync('/proc/self/limits', 'latin1'));
    const { [OPEN_FILES]: openFiles, ...environment } = environmentIn(
      readFileSync(`/proc/${pid}/environ`, 'latin1'),
    );
    const raised = parseLimits(readFileSync(`/proc/${pid}/limits`, 'latin1'));
    const theirs = openFiles === undefined ? raised : withSoft(raised, 'nofile', openFiles);
    return success({
      pid,
      uid: file.uid,
      gid: gids[0] ?? file.gid,
      groups,
      nice: stat.nice,
      oomScoreAdjust: Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'latin1')),
      limits: Object.fromEntries(Object.entries(theirs).filter(([name, value]) => own[name] !== value)),
      folder: readlinkSync(`/proc/${pid}/cwd`),
      umask,
      environment,
    });
  } catch {
    return denied('The caller has not shown who it is.');
  }
}

/** With another soft limit, which the caller may choose up to the hard one anyway. */
function withSoft(limits: Caller['limits'], name: string, soft: string): Caller['limits'] {
  const hard = limits[name]?.split(':')[1];
  return hard === undefined ? limits : { ...limits, [name]: `${soft}:${hard}` };
}

/** As bytes in latin1, which keeps what is no UTF-8. */
function environmentIn(text: string): Caller['environment'] {
  const entries = text.split('\0').map((entry) => /^([^=]+)=([^]*)$/.exec(entry));
  return Object.fromEntries(
    entries.flatMap((entry) => (entry === null ? [] : [[entry[1] ?? '', entry[2] ?? '']])),
  );
}
