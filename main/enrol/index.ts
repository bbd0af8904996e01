/**
 * The agent on nodes over SSH: what is planned, carrying it out, removing it, and how it is. Everything else in this
 * folder is behind this class.
 */
import { randomBytes } from 'node:crypto';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { problem } from '../../common/contract/problem.ts';
import type {
  AgentNodePlan,
  AgentOutcome,
  AgentPlan,
  AgentProgress,
} from '../../common/model/agent-install.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { clusterNameSchema } from '../../common/trust/map.ts';
import { Limiter } from '../control/limiter.ts';
import {
  authorityFolder,
  clusterNames,
  newAuthority,
  readAuthority,
  signedMap,
  type Authority,
} from './authority.ts';
import { AuthorityBook } from './authority-book.ts';
import { readFacts } from './facts.ts';
import { installNode } from './install.ts';
import { readPackage, type PackageFiles } from './package.ts';
import { planInstall, type CheckedNode, type NodeInstall } from './plan-install.ts';
import { planRemoval, statusWords, type NodeRemoval } from './plan-remove.ts';
import { enrolStep, reachedAddress, runScript, type RemoteNode } from './remote.ts';
import { forgetNode, removeNode } from './remove.ts';
import { checkScript } from './script.ts';
import { wordsOf } from './sentences.ts';

/** Nodes worked on at the same time. */
const PARALLEL = 8;
const DEFAULT_CLUSTER = 'mosview';
const START_SECONDS = 30;

export interface EnrolOptions {
  readonly dataFolder: string;
  readonly files: PackageFiles;
  /** Connects a node, or says why not. Sessions are the caller's to end. */
  readonly connect: (entry: NodeEntry) => Promise<Result<RemoteNode>>;
  /** An agent that does not answer so long after its start has failed; 30 s by default. */
  readonly startSeconds?: number;
}

/** What an operator asks for. */
export interface InstallRequest {
  readonly entries: readonly NodeEntry[];
  /** The only one there is, or a new one, where it is not given. */
  readonly cluster: string | undefined;
  /** For the entries in their order. */
  readonly ids?: readonly number[] | undefined;
  readonly addresses?: readonly string[] | undefined;
  readonly port?: number | undefined;
}

/** A plan, with what carrying it out needs. */
export type EnrolPlan =
  | {
      readonly shown: AgentPlan;
      readonly kind: 'install';
      readonly book: AuthorityBook;
      readonly nodes: readonly NodeInstall[];
    }
  | {
      readonly shown: AgentPlan;
      readonly kind: 'remove';
      readonly book: AuthorityBook;
      readonly nodes: readonly NodeRemoval[];
    };

/** A member, and what it says of itself. */
export interface MemberStatus {
  readonly id: number;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly up: boolean;
  readonly words: string;
}

export class Enroller {
  readonly #options: EnrolOptions;
  readonly #limiter = new Limiter(PARALLEL);

  constructor(options: EnrolOptions) {
    this.#options = options;
  }

  /** Looks at the nodes and plans; nothing is changed. Problems: bad-input, those of the authority's and the copied files. */
  async planInstall(request: InstallRequest): Promise<Result<EnrolPlan>> {
    const { entries, ids, addresses, port } = request;
    const wishes = [ids, addresses].find((list) => list !== undefined && list.length !== entries.length);
    if (wishes !== undefined) {
      return bad(
        `${wishes.length} ids or addresses were given for ${entries.length} nodes; give one for each`,
      );
    }
    if (new Set(ids).size !== (ids ?? []).length) return bad('An id is given to two nodes');
    const cluster = await this.#clusterFor(request.cluster);
    if (!cluster.ok) return cluster;
    const kept = await readAuthority(this.#options.dataFolder, cluster.value);
    if (!kept.ok) return kept;
    const agentPackage = await readPackage(this.#options.files);
    if (!agentPackage.ok) return agentPackage;
    const authority = kept.value ?? (await newAuthority(cluster.value));
    const checked = await Promise.all(
      entries.map(async (entry, place): Promise<CheckedNode> => ({
        entry,
        wishes: { id: ids?.[place], address: addresses?.[place] },
        checked: await this.#check(entry),
      })),
    );
    const nodes = planInstall(checked, { authority, agentPackage: agentPackage.value, port });
    const others = authority.map.nodes.filter(({ id }) => !nodes.some(({ shown }) => shown.id === id));
    const beside = [
      ...(kept.value === undefined && nodes.some(({ member }) => member !== undefined)
        ? [`make the authority of cluster ${cluster.value} in ${authorityFolder(this.#options.dataFolder)}`]
        : []),
      ...newMapWords(others.length),
    ];
    const shown = {
      kind: 'install' as const,
      cluster: cluster.value,
      nodes: nodes.map((node) => node.shown),
      beside,
    };
    const book = new AuthorityBook(this.#options.dataFolder, authority);
    return success({ kind: 'install', shown, book, nodes });
  }

  /**
   * Looks at the nodes and plans to take the agent off them; `forget` those that cannot be reached. Problems: bad-input,
   * not-found (no such cluster), those of the authority's file.
   */
  async planRemove(
    entries: readonly NodeEntry[],
    wantedCluster: string | undefined,
    forget: boolean,
  ): Promise<Result<EnrolPlan>> {
    const authority = await this.authority(wantedCluster);
    if (!authority.ok) return authority;
    const nodes = await Promise.all(
      entries.map(async (entry) =>
        planRemoval({ entry, checked: await this.#check(entry) }, authority.value, forget),
      ),
    );
    const { cluster, map } = authority.value;
    const others = map.nodes.filter(({ id }) => !nodes.some(({ shown }) => shown.id === id));
    const shown = {
      kind: 'remove' as const,
      cluster,
      nodes: nodes.map((node) => node.shown),
      beside: newMapWords(others.length),
    };
    const book = new AuthorityBook(this.#options.dataFolder, authority.value);
    return success({ kind: 'remove', shown, book, nodes });
  }

  /** Carries a plan out, as far as it is not refused. Every node's end is in the outcome. */
  async carryOut(plan: EnrolPlan, onProgress: (progress: AgentProgress) => void): Promise<AgentOutcome> {
    const { book } = plan;
    const { startSeconds = START_SECONDS } = this.#options;
    const { version } = book.authority.map;
    const work = async (
      { name, id, refusal }: AgentNodePlan,
      deed: (step: (words: string) => void) => Promise<Result<string>>,
    ): Promise<AgentOutcome['nodes'][number]> => {
      const tell = (state: AgentProgress['state'], words: string): AgentProgress => {
        const progress = { name, state, words };
        onProgress(progress);
        return progress;
      };
      if (refusal !== '') return { ...tell('failed', refusal), id };
      tell('waiting', 'waiting for its turn');
      return this.#limiter.run(async () => {
        tell('working', 'connecting');
        const done = await deed((words) => void tell('working', words));
        const end = done.ok ? tell('done', done.value) : tell('failed', wordsOf(done.problem));
        return { ...end, id };
      });
    };
    const nodes =
      plan.kind === 'install'
        ? plan.nodes.map((node) =>
            work(node.shown, (step) =>
              this.#at(node.entry, (remote) => installNode(remote, node, { book, startSeconds, step })),
            ),
          )
        : plan.nodes.map(({ entry, shown, forgets }) =>
            work(shown, (step) =>
              forgets
                ? forgetNode(shown.id, book)
                : this.#at(entry, (remote) => removeNode(remote, shown.id, book, step)),
            ),
          );
    const ends = await Promise.all(nodes);
    const untold = book.authority.map.version > version ? await this.#tellMap(book.authority) : [];
    return { kind: plan.kind, cluster: plan.shown.cluster, nodes: ends, untold };
  }

  /** Every member of a cluster, asked over SSH. Problems: as `authority`. */
  async status(
    wantedCluster: string | undefined,
  ): Promise<Result<{ readonly cluster: string; readonly nodes: readonly MemberStatus[] }>> {
    const authority = await this.authority(wantedCluster);
    if (!authority.ok) return authority;
    const { cluster, map, given } = authority.value;
    const nodes = await Promise.all(
      map.nodes.map(async ({ id, name, address, port }): Promise<MemberStatus> => {
        const seen = await this.#check(given.find((one) => one.id === id)?.entry ?? { name, host: address });
        const words = 'refusal' in seen ? seen.refusal : statusWords(seen.facts, id);
        const up = 'facts' in seen && seen.facts.status?.id === id;
        return { id, name, address, port, up, words };
      }),
    );
    return success({ cluster, nodes });
  }

  /** The authority of a cluster, or of the only one. Problems: not-found, bad-input (several), those of the file. */
  async authority(wanted: string | undefined): Promise<Result<Authority>> {
    const cluster = await this.#clusterFor(wanted);
    if (!cluster.ok) return cluster;
    const authority = await readAuthority(this.#options.dataFolder, cluster.value);
    if (!authority.ok) return authority;
    return authority.value === undefined
      ? failure(
          problem(
            'not-found',
            `There is no cluster ${cluster.value} of agents in ${authorityFolder(this.#options.dataFolder)}; "mosview agent install" makes one`,
          ),
        )
      : success(authority.value);
  }

  async #clusterFor(wanted: string | undefined): Promise<Result<string>> {
    if (wanted !== undefined) {
      const name = clusterNameSchema.safeParse(wanted);
      return name.success ? success(name.data) : bad(`"${wanted}" ${name.error.issues[0]?.message ?? ''}`);
    }
    const names = await clusterNames(this.#options.dataFolder);
    if (!names.ok) return names;
    const [first = DEFAULT_CLUSTER, ...more] = names.value;
    return more.length === 0
      ? success(first)
      : bad(`There are several clusters (${names.value.join(', ')}); say which with --cluster`);
  }

  /** What is done on a node, where it is connected. */
  async #at<Value>(
    entry: NodeEntry,
    deed: (node: RemoteNode) => Promise<Result<Value>>,
  ): Promise<Result<Value>> {
    const node = await this.#options.connect(entry);
    return node.ok ? deed(node.value) : node;
  }

  #check(entry: NodeEntry): Promise<CheckedNode['checked']> {
    return this.#limiter.run(async () => {
      const nonce = `m${randomBytes(9).toString('hex')}`;
      const found = await this.#at(entry, async (node) => {
        const printed = await runScript(node, checkScript(nonce));
        const facts = printed.ok ? readFacts(entry.name, nonce, printed.value) : printed;
        if (!facts.ok) return facts;
        const address = await reachedAddress(node);
        return address.ok ? success({ facts: facts.value, address: address.value }) : address;
      });
      return found.ok ? found.value : { refusal: wordsOf(found.problem) };
    });
  }

  /** Gives every member the newest map; says which did not get it. */
  async #tellMap(authority: Authority): Promise<string[]> {
    const text = signedMap(authority);
    const told = await Promise.all(
      authority.map.nodes.map(({ id, name, address }) =>
        this.#limiter.run(async () => {
          const entry = authority.given.find((one) => one.id === id)?.entry ?? { name, host: address };
          const done = await this.#at(entry, (node) => enrolStep(node, 'map', text));
          return done.ok ? [] : [`${name}: ${wordsOf(done.problem)}`];
        }),
      ),
    );
    return told.flat();
  }
}

function newMapWords(others: number): string[] {
  return others === 0
    ? []
    : [`give the new map to the other ${others === 1 ? 'node' : `${others} nodes`} of the cluster`];
}

function bad(message: string): Result<never> {
  return failure(problem('bad-input', message));
}
