/**
 * The line protocol of everything that is done on a node, spoken by resources/operator.sh and by the demo cluster in its
 * place. Each batch is one command of its own over SSH: main sends the program text and then the operations, a line each,
 * on standard input, which ends after them. ASCII, fields parted by one blank; nothing in a line comes from a node.
 *
 *   nonce=NONCE root=/proc                   first of all, in front of the program text, as with the sampler
 *   read SEQ FILE                            the first line of a file
 *   write SEQ FILE NUMBER                    one write of the number and a line feed
 *   count SEQ guests|away                    how many guests are here, how many own processes are away
 *   move|migrate|lock SEQ PID START NUMBER   writes /proc/PID/goto, migrate or lock when the process began at START
 *   place SEQ PID START                      where it is: the first lines of where, nmigs, lock and cantmove
 *   signal SEQ PID START STOP|CONT|TERM|KILL
 *   renice SEQ PID START NICE
 *   list SEQ                                 every process
 *
 * FILE is a name below the cluster's folder (`admin/block`). The node answers
 *   mosview-operator 1 NONCE                 once; whatever came before is a banner
 *   root FOLDER                              the cluster's folder, or - where there is none
 *   SEQ text WORDS                           what was read; of `place` four such lines, in that order
 *   SEQ done                                 written, or counted: `SEQ done NUMBER`
 *   SEQ missing                              there is no such file
 *   SEQ refused WORDS                        the kernel, the shell or kill said no, in its words
 *   SEQ gone                                 there is no process of that number
 *   SEQ other START                          the number belongs to another process now, which began at START
 *   SEQ file PATH:LINE                       of `list`: one line of a file below /proc, PATH without it (`12/stat`)
 *   SEQ clock SECONDS TICKS                  of `list`: seconds since the node's start, ticks of a second
 */
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

/** A process with its start, so that no other one is touched. */
interface OfProcess {
  readonly pid: number;
  /** Clock ticks since the node's start, field 22 of /proc/PID/stat. */
  readonly started: number;
}

/** One operation. `nodes/ID/status` may only be read. */
export type Operation =
  | { readonly kind: 'read'; readonly file: AdminFile | `nodes/${number}/status` | `nodes/${number}/speed` }
  | { readonly kind: 'write'; readonly file: AdminFile; readonly value: number }
  | { readonly kind: 'count'; readonly what: 'guests' | 'away' }
  | ({ readonly kind: 'move' | 'migrate' | 'lock'; readonly value: number } & OfProcess)
  | ({ readonly kind: 'place' } & OfProcess)
  | ({ readonly kind: 'signal'; readonly signal: 'STOP' | 'CONT' | 'TERM' | 'KILL' } & OfProcess)
  | ({ readonly kind: 'renice'; readonly nice: number } & OfProcess)
  | { readonly kind: 'list' };

/** What came of an operation. Texts are the node's own words, untrusted. */
export type OperationReply =
  /** What was read; `place` gives four: where, nmigs, lock, cantmove, each empty where it has no line. */
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
      case 'signal':
        return [operation.pid, operation.started, operation.signal];
      case 'renice':
        return [operation.pid, operation.started, operation.nice];
      case 'list':
        return [];
      default:
        return assertNever(operation);
    }
  })();
  const line = [operation.kind, sequence, ...words].join(' ');
  if (!/^[a-z]+ \d{1,9}(?: [A-Za-z0-9/-]{1,60}){0,3}$/.test(line)) throw new Error(`no operation: ${line}`);
  return `${line}\n`;
}
