/** What control needs of the rest of the back end, and what it offers. */
import type { Problem } from '../../common/contract/problem.ts';
import type {
  Action,
  AuditEntry,
  ControlState,
  Group,
  Order,
  Plan,
  PlacementRule,
  ProgramRun,
} from '../../common/model/control.ts';
import type { Dialect } from '../../common/model/node.ts';
import type { ProcessInfo, ProcessRef } from '../../common/model/process.ts';
import type { Result } from '../../common/model/result.ts';
import type { Operation, OperationReply } from '../../common/wire/operations.ts';

/** A node as control sees it; read anew whenever it is needed. */
export interface ControlNode {
  readonly key: string;
  /** Its id in the cluster. */
  readonly id: number;
  readonly name: string;
  readonly dialect: Dialect | null;
  /** True where it is up and its own connection answers; otherwise `why` says in words what is wrong. */
  readonly reachable: boolean;
  readonly why: string;
  /** Latest figures; NaN where unknown. Status as in common/model/status.ts. */
  readonly load: number;
  readonly speed: number;
  readonly cpus: number;
  readonly status: number;
  /** The cluster's folder as the node last named it; /proc/hpc where it has not. */
  readonly root?: string | undefined;
  /** Addresses that others know it by, best first; untrusted. */
  readonly addresses?: readonly string[];
  /**
   * Does operations in their order, as one command on the node; every operation gets a reply. Changing ones go through the
   * entry's writePrefix. Problems: connection-lost (nothing was begun), permission-denied (the prefix was refused, with
   * sudo's own words), no-shell, timeout, protocol-error.
   */
  operate(operations: readonly Operation[]): Promise<Result<readonly OperationReply[]>>;
  /** Its processes. Problems as `operate`. */
  processes(): Promise<Result<readonly ProcessInfo[]>>;
  /** Starts a program; `onOutput` gets its output as it comes. Problems: connection-lost, refused placement. */
  run(command: string, placement: PlacementRule, listener: RunListener): Promise<Result<RunningProgram>>;
}

export interface RunListener {
  /** Standard output and standard error as they come; untrusted. */
  onOutput(text: string): void;
  /** Once, at the end; both are undefined when the connection was lost. `why`: placement that was refused, in words. */
  onEnd(end: {
    readonly exitCode: number | undefined;
    readonly signal: string | undefined;
    readonly why: string;
  }): void;
}

export interface RunningProgram {
  close(): void;
}

/** The nodes. */
export interface ControlNodes {
  find(key: string): ControlNode | undefined;
  ofId(id: number): ControlNode | undefined;
  all(): readonly ControlNode[];
}

/** A request that may show as a migration: told to the migration log, which gives it its cause. */
export type MoveRequest =
  | {
      readonly kind: 'process';
      /** Home node's id and the process there; for a guest whose pid at home is unknown, pid and started are 0. */
      readonly home: number;
      readonly pid: number;
      /** Where it ran, and where it is to go: a node's id, 0 where the cluster chooses. */
      readonly from: number;
      readonly to: number;
      readonly action: number;
      readonly time: number;
    }
  /** Everything that leaves node `id` (expel), or comes home to it (bring). */
  | { readonly kind: 'expel' | 'bring'; readonly id: number; readonly action: number; readonly time: number };

export interface ControlOptions {
  /** Where audit.sqlite and groups.json are. */
  readonly dataFolder: string;
  readonly nodes: ControlNodes;
  /** Login name and machine of whoever sits here, for the audit log: `anna@desk`. */
  readonly who: string;
  /** True for the command line, where typing the command is its own unlock. */
  readonly unlocked?: boolean;
  onState(state: ControlState): void;
  onAction(action: Action): void;
  onMoveRequest(request: MoveRequest): void;
  onRun(run: ProgramRun): void;
  /** What goes wrong beside any call: a file that was set aside, a record that could not be written. */
  onProblem?(problem: Problem): void;
}

/** Everything that changes nodes and processes. One per program; all of it is recorded. */
/** Which actions are asked for: before a number, begun in [from, to) in milliseconds since 1970. */
export interface ActionQuery {
  readonly before?: number | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit: number;
}

export interface Control {
  state(): ControlState;
  /** Problems: disk-full, history-damaged (the audit log cannot be written). */
  unlock(minutes: number): Promise<Result<ControlState>>;
  lock(): Promise<Result<ControlState>>;
  /**
   * Reads what other programs have recorded since the last time, and tells of it as if it were done here. To be called once
   * a second, before migrations are logged: what moves was recorded before it was written.
   */
  lookAtOthers(): void;
  /** Looks and plans; nothing is written. Problems: bad-input, not-found. */
  plan(order: Order): Promise<Result<Plan>>;
  /** Begins a plan and records that; goes on by itself, told through onAction. Problems: locked, not-found, disk-full. */
  apply(planId: string): Promise<Result<Action>>;
  /** Resolves with the action when none of its steps is waiting, written or unknown, or at the deadline. */
  finished(action: number, deadlineMilliseconds: number): Promise<Action>;
  /** Newest first; begun in [from, to) where given. */
  actions(query: ActionQuery): Result<readonly Action[]>;
  /** Newest first. */
  audit(query: {
    readonly before?: number | undefined;
    readonly limit: number;
  }): Result<{ readonly entries: readonly AuditEntry[]; readonly broken: string }>;
  groups(): readonly Group[];
  saveGroup(group: Group): Promise<Result<void>>;
  removeGroup(name: string): Promise<Result<void>>;
  groupMembers(name: string): Promise<
    Result<{
      readonly members: readonly {
        readonly ref: ProcessRef;
        readonly nodeName: string;
        readonly info: ProcessInfo;
      }[];
      readonly missing: readonly string[];
    }>
  >;
  run(key: string, command: string, placement: PlacementRule): Promise<Result<ProgramRun>>;
  runs(): readonly ProgramRun[];
  stopRun(number: number): Result<void>;
  /** Ends timers and programs; running actions are recorded as far as they are known. */
  close(): Promise<void>;
}
