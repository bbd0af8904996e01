/** Groups of processes: kept in a file of the data folder, and found on the nodes whenever they are asked for. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { groupSchema, type Group } from '../../common/model/control.ts';
import { jsonOf } from '../../common/model/json.ts';
import type { ProcessInfo, ProcessRef } from '../../common/model/process.ts';
import { isGuest } from '../../common/model/process-words.ts';
import { assertNever, failure, success, type Result } from '../../common/model/result.ts';
import { readFileIfThere, writeFileWhole } from '../settings/files.ts';
import type { Limiter } from './limiter.ts';
import type { ControlNode, ControlNodes } from './types.ts';

const fileSchema = z.object({ groups: z.array(groupSchema).max(1000) });

function groupsFile(folder: string): string {
  return join(folder, 'groups.json');
}

/** The groups of a data folder; undefined where their file is none. Problems: those of reading a file. */
export async function readGroups(folder: string): Promise<Result<readonly Group[] | undefined>> {
  const text = await readFileIfThere(groupsFile(folder));
  if (!text.ok) return text;
  if (text.value === undefined) return success([]);
  return success(fileSchema.safeParse(jsonOf(text.value)).data?.groups);
}

export interface Member {
  readonly ref: ProcessRef;
  readonly nodeName: string;
  readonly info: ProcessInfo;
}

export interface Members {
  readonly members: readonly Member[];
  /** Nodes that could not be asked, with the reason. */
  readonly missing: readonly string[];
}

export class Groups {
  readonly #file: string;
  readonly #nodes: ControlNodes;
  readonly #limiter: Limiter;
  #groups: readonly Group[];

  private constructor(file: string, groups: readonly Group[], nodes: ControlNodes, limiter: Limiter) {
    this.#file = file;
    this.#groups = groups;
    this.#nodes = nodes;
    this.#limiter = limiter;
  }

  /** Reads the groups; a file that is none is set aside, which `onProblem` is told. Problems: those of reading a file. */
  static async open(
    folder: string,
    nodes: ControlNodes,
    limiter: Limiter,
    onProblem: (problem: Problem) => void,
  ): Promise<Result<Groups>> {
    const file = groupsFile(folder);
    const groups = await readGroups(folder);
    if (!groups.ok) return groups;
    if (groups.value !== undefined) return success(new Groups(file, groups.value, nodes, limiter));
    const aside = join(folder, `groups.damaged-${Date.now()}.json`);
    await rename(file, aside);
    onProblem(
      problem('file-unreadable', `The groups in ${file} could not be read; it was set aside as ${aside}.`),
    );
    return success(new Groups(file, [], nodes, limiter));
  }

  list(): readonly Group[] {
    return this.#groups;
  }

  /** Makes a group, or changes the one of that name. */
  save(group: Group): Promise<Result<void>> {
    const others = this.#groups.filter(({ name }) => name !== group.name);
    return this.#write([...others, group].toSorted((one, other) => one.name.localeCompare(other.name)));
  }

  async remove(name: string): Promise<Result<void>> {
    if (this.#find(name) === undefined) return failure(noGroup(name));
    return this.#write(this.#groups.filter((group) => group.name !== name));
  }

  /** The processes of a group now, on every node that can be asked. */
  async members(name: string): Promise<Result<Members>> {
    const group = this.#find(name);
    if (group === undefined) return failure(noGroup(name));
    const members: Member[] = [];
    const missing: string[] = [];
    await Promise.all(
      this.#nodes.all().map(async (node) => {
        if (!concerns(group, node.key)) return;
        const processes = await this.#limiter.run(() => processesOf(node));
        if (!processes.ok) {
          missing.push(`${node.name}: ${processes.problem.message}`);
          return;
        }
        for (const info of membersAmong(group, node.key, processes.value)) {
          const ref = { node: node.key, pid: info.pid, started: info.started };
          members.push({ ref, nodeName: node.name, info });
        }
      }),
    );
    return success({ members: members.toSorted(inOrder), missing: missing.toSorted() });
  }

  #find(name: string): Group | undefined {
    return this.#groups.find((group) => group.name === name);
  }

  async #write(groups: readonly Group[]): Promise<Result<void>> {
    const written = await writeFileWhole(this.#file, `${JSON.stringify({ groups }, null, 2)}\n`);
    if (written.ok) this.#groups = groups;
    return written;
  }
}

async function processesOf(node: ControlNode): Promise<Result<readonly ProcessInfo[]>> {
  return node.reachable ? node.processes() : failure(problem('connection-lost', node.why));
}

function noGroup(name: string): Problem {
  return problem('not-found', `There is no group ${name}.`);
}

function inOrder(one: Member, other: Member): number {
  return one.nodeName.localeCompare(other.nodeName, 'en', { numeric: true }) || one.ref.pid - other.ref.pid;
}

/** Whether a node has to be asked for a group. */
function concerns({ rule }: Group, key: string): boolean {
  switch (rule.kind) {
    case 'tree':
      return rule.root.node === key;
    case 'hand':
      return rule.processes.some(({ node }) => node === key);
    case 'user':
    case 'command':
      return true;
    default:
      return assertNever(rule);
  }
}

/** The processes of a node that a group's rule names. A guest belongs to the group at its home, not where it computes. */
export function membersAmong(
  { rule }: Group,
  key: string,
  processes: readonly ProcessInfo[],
): readonly ProcessInfo[] {
  switch (rule.kind) {
    case 'tree':
      return rule.root.node === key ? treeOf(rule.root, processes) : [];
    case 'hand':
      return processes.filter(({ pid, started }) =>
        rule.processes.some((ref) => ref.node === key && ref.pid === pid && ref.started === started),
      );
    case 'user':
      return processes.filter(
        ({ user, uid, place }) =>
          !isGuest({ place }) && (user === rule.user || (user === '' && String(uid) === rule.user)),
      );
    case 'command': {
      const matches = commandPattern(rule.pattern);
      return processes.filter(({ command, place }) => !isGuest({ place }) && matches(command));
    }
    default:
      return assertNever(rule);
  }
}

function treeOf(root: ProcessRef, processes: readonly ProcessInfo[]): readonly ProcessInfo[] {
  const top = processes.find(({ pid, started }) => pid === root.pid && started === root.started);
  if (top === undefined) return [];
  const children = Map.groupBy(processes, ({ parent }) => parent ?? 0);
  const found = new Set([top]);
  // A set is walked in the order of its growth, so that what is added here is reached too, and each only once.
  for (const process of found) for (const child of children.get(process.pid) ?? []) found.add(child);
  return [...found];
}

/**
 * Whether a command matches a group's pattern: the parts of it are looked for one after the other. No regular expression,
 * which text from outside could make slow.
 */
export function commandPattern(pattern: string): (command: string) => boolean {
  const parts = pattern.split('*').filter((part) => part !== '');
  return (command) => {
    let from = 0;
    return parts.every((part) => {
      const at = command.indexOf(part, from);
      from = at + part.length;
      return at >= 0;
    });
  };
}
