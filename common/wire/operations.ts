/**
 * The line protocol of everything that is done on a node, spoken by resources/operator.sh and by the demo cluster in its
 * place. Each batch is one command of its own over SSH, and `operatorInput` what it gets on standard input: two
 * assignments (`nonce=NONCE root=/proc`) on the first line, the program text, the operations as one quoted text, a line
 * each, and the call; so a shell that gets only a part of it does nothing. ASCII, fields parted by one blank; nothing in
 * a line comes from a node.
 *
 *   read SEQ FILE                            the first line of a file
 *   write SEQ FILE NUMBER                    one write of the number and a line feed
 *   count SEQ guests|away                    how many guests are here, how many own processes are away
 *   move|migrate|lock SEQ PID START NUMBER   writes /proc/PID/goto, migrate or lock when the process began at START
 *   place SEQ PID START                      where it is, as its files where, nmigs, lock and cantmove say
 *   signal SEQ PID START STOP|CONT|TERM|KILL
 *   renice SEQ PID START NICE
 *   list SEQ                                 every process
 *   where SEQ PID START ADDRESS              of openMosix for 2.6: writes /proc/PID/om/where, an IPv4 address or home
 *   settings SEQ                             of MattX: what the node says of itself
 *   admin SEQ COMMAND NUMBER                 of MattX: one command in one write, balancer|debug|mattxfs|affinity
 *   pins SEQ exclude|include BEFORE AFTER    of MattX: writes the list AFTER where BEFORE stands now
 *   send SEQ PID START NODE                  of MattX: migrate to NODE, 0 for home, with the last look at the process
 *
 * FILE is a name below the cluster's folder (`admin/block`). The node answers
 *   mosview-operator 1 NONCE                 once; whatever came before is a banner
 *   root FOLDER                              the cluster's folder, or - where there is none
 *   SEQ text WORDS                           what was read; of `place` four such lines, in that order, empty where there
 *                                            is no such file; several lines of cantmove are parted by a comma and a blank
 *                                            of `settings` eight: id, affinity in its own row, YES or NO of balancer
 *                                            and mattxfs, ON or OFF of debug, the affinity that was set, both lists, each
 *                                            as LENGTH WORDS
 *   SEQ done                                 written, or counted: `SEQ done NUMBER`
 *   SEQ missing                              there is no such file
 *   SEQ refused WORDS                        the kernel, the shell or kill said no, in its words
 *   SEQ gone                                 there is no process of that number
 *   SEQ other START                          the number belongs to another process now, which began at START
 *   SEQ file PATH:LINE                       of `list`: one line of a file below /proc, PATH without it (`12/stat`)
 *   SEQ clock SECONDS TICKS                  of `list`, its end: seconds since the node's start (? where unknown), ticks
 *                                            of a second
 *
 * BEFORE and AFTER are `=` and a list of names in the strict alphabet of common/model/mattx.ts; BEFORE may be `?LENGTH`, a
 * list with other characters of so many bytes. MattX answers a write with success whatever comes of it. `place`, `count`
 * and `list` speak of MattX' remote and guests as if they were openMosix' files.
 *
 * On openMosix for 2.6 `place` and `list` call om/where (or pms/where) where, om/stay takes the place of cantmove, and there are no
 * nmigs and lock. A process on its way takes no write for a moment (EAGAIN); the node tries again by itself, within 2 seconds.
 *
 * The agent's tree is openMosix', with the folders of its jobs in it (PID/goto, PID/where ...). A write that it does not take is
 * answered in admin/last_error, and the file reads as before.
 *
 * PATH is PID/FILE with FILE stat, cmdline, status (its lines Uid:, Threads: and NSpid: only), where, nmigs, lock, cantmove, stay or debug; remote/PID/FILE
 * with from, stats or identity; passwd with NAME:x:UID; and of MattX and openMosix for 2.6
 * own, one line with the numbers of the operator's shell and all its parents. A file of several lines has several such lines, in order.
 */
import { LIST_TEXT, MOST_AFFINITY, MOST_LIST_BYTES, type MattxList } from '../model/mattx.ts';
import { assertNever } from '../model/result.ts';

export const OPERATIONS_VERSION = 1;

/** Files below the cluster's folder that may be read and written. */
export type AdminFile =
  | 'admin/block'
  | 'admin/stay'
  | 'admin/lstay'
  | 'admin/quiet'
  | 'admin/nomfs'
  | 'admin/expel'
  | 'admin/bring'
  | 'admin/speed'
  | 'admin/decayinterval'
  | 'admin/slowdecay'
  | 'admin/fastdecay';

/** Files below the cluster's folder that may only be read; the last one is the agent's. */
type ReadFile = AdminFile | `nodes/${number}/status` | `nodes/${number}/speed` | 'admin/last_error';

/** A process with its start, so that no other one is touched. */
interface OfProcess {
  readonly pid: number;
  /** Clock ticks since the node's start, field 22 of /proc/PID/stat. */
  readonly started: number;
}

/** One operation. */
export type Operation =
  | { readonly kind: 'read'; readonly file: ReadFile }
  | { readonly kind: 'write'; readonly file: AdminFile; readonly value: number }
  | { readonly kind: 'count'; readonly what: 'guests' | 'away' }
  | ({ readonly kind: 'move' | 'migrate' | 'lock'; readonly value: number } & OfProcess)
  | ({ readonly kind: 'place' } & OfProcess)
  /** `target` is an IPv4 address or `home`. */
  | ({ readonly kind: 'where'; readonly target: string } & OfProcess)
  | ({ readonly kind: 'signal'; readonly signal: 'STOP' | 'CONT' | 'TERM' | 'KILL' } & OfProcess)
  | ({ readonly kind: 'renice'; readonly nice: number } & OfProcess)
  | { readonly kind: 'list' }
  | { readonly kind: 'settings' }
  | { readonly kind: 'admin'; readonly command: MattxCommand; readonly value: number }
  | { readonly kind: 'pins'; readonly list: MattxList; readonly before: string; readonly after: string }
  | ({ readonly kind: 'send'; readonly to: number } & OfProcess);

/** Commands of MattX' admin file that take a number: 0 or 1, of affinity the number with 0 for automatic. */
export type MattxCommand = 'balancer' | 'debug' | 'mattxfs' | 'affinity';

/** What came of an operation. Texts are the node's own words, untrusted. */
export type OperationReply =
  /** What was read; `place` gives four: where, nmigs, lock, cantmove, each empty where there is none; `settings` eight. */
  | { readonly kind: 'text'; readonly texts: readonly string[] }
  /** Written, or with a number: counted. */
  | { readonly kind: 'done'; readonly value?: number }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly words: string }
  | { readonly kind: 'gone' }
  | { readonly kind: 'other'; readonly started: number }
  /** The lines of `list`, PATH:LINE each, as bytes of Latin-1; uptime in seconds and ticks of a second. */
  | {
      readonly kind: 'list';
      readonly lines: readonly string[];
      readonly uptime: number;
      readonly ticksPerSecond: number;
    }
  /** No answer: the connection or the shell ended first. Whether it was done is not known. */
  | { readonly kind: 'unanswered' };

/** The line of an operation. All numbers must be whole; anything else is a fault of the caller and thrown. */
export function operationLine(sequence: number, operation: Operation): string {
  const words: readonly (string | number)[] = (() => {
    switch (operation.kind) {
      case 'read':
        return [operation.file];
      case 'write':
        return [operation.file, operation.value];
      case 'count':
        return [operation.what];
      case 'move':
      case 'migrate':
      case 'lock':
        return [operation.pid, operation.started, operation.value];
      case 'place':
        return [operation.pid, operation.started];
      case 'where':
        return [operation.pid, operation.started, operation.target];
      case 'signal':
        return [operation.pid, operation.started, operation.signal];
      case 'renice':
        return [operation.pid, operation.started, operation.nice];
      case 'list':
      case 'settings':
        return [];
      case 'admin':
        return [operation.command, operation.value];
      case 'pins':
        return [operation.list, operation.before, operation.after];
      case 'send':
        return [operation.pid, operation.started, operation.to];
      default:
        return assertNever(operation);
    }
  })();
  const line = [operation.kind, sequence, ...words].join(' ');
  const isSound =
    operation.kind === 'pins'
      ? /^\d{1,9}$/.test(String(sequence)) && isPins(operation)
      : operation.kind === 'where'
        ? /^where \d{1,9} \d{1,9} \d{1,16} (?:home|\d{1,3}(?:\.\d{1,3}){3})$/.test(line)
        : /^[a-z]+ \d{1,9}(?: [A-Za-z0-9/_-]{1,60}){0,3}$/.test(line) && !isTooMuch(operation);
  if (!isSound) throw new Error(`no operation: ${line}`);
  return `${line}\n`;
}

/** Whether every word of the lists is one that a shell may get, and the new list one that MattX keeps whole. */
function isPins({ list, before, after }: Extract<Operation, { kind: 'pins' }>): boolean {
  const isList = (word: string): boolean => word.startsWith('=') && LIST_TEXT.test(word.slice(1));
  return (
    /^(?:exclude|include)$/.test(list) &&
    (isList(before) || /^\?\d{1,9}$/.test(before)) &&
    isList(after) &&
    after.length <= MOST_LIST_BYTES + 1
  );
}

/** MattX wraps a large affinity silently. */
function isTooMuch(operation: Operation): boolean {
  return (
    operation.kind === 'admin' &&
    (operation.value < 0 || operation.value > (operation.command === 'affinity' ? MOST_AFFINITY : 1))
  );
}

/** Everything a node's shell gets: the operations are numbered from 1 in their order. Throws as `operationLine`. */
export function operatorInput(
  nonce: string,
  root: string,
  operatorText: string,
  operations: readonly Operation[],
): string {
  const lines = operations.map((operation, index) => operationLine(index + 1, operation));
  return `nonce=${nonce} root=${root}\n${operatorText}operations='\n${lines.join('')}'\noperate\n`;
}
