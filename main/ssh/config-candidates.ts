/** Finds nodes in an OpenSSH client configuration, for the operator to choose from. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { nodeEntrySchema, type Candidate, type NodeEntry } from '../../common/contract/contract.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { namedHosts, readConfigFiles } from './config-files.ts';
import type { HostConfig } from './host-config.ts';
import { HostResolver, type Route } from './host-resolver.ts';

/** Where to look. */
export interface CandidateOptions {
  /** Another file than ~/.ssh/config; its entries are written out in full, for ssh would not find them by name. */
  readonly path?: string | undefined;
  readonly home?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  readonly sshProgram?: string | undefined;
  /** Whether the settings have it already. */
  isKnown(entry: NodeEntry): boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What was found. */
export interface CandidateList {
  readonly path: string;
  readonly candidates: readonly Candidate[];
  /** What could not be used, and why. */
  readonly notices: readonly Problem[];
}

const PARALLEL = 8;
const MOST_CANDIDATES = 2000;

/** Reads the hosts that `Host` lines name without wildcards, Includes followed. Problems: file-unreadable. */
export async function readSshConfigCandidates(options: CandidateOptions): Promise<Result<CandidateList>> {
  const home = options.home ?? homedir();
  const path = options.path?.replace(/^~(?=\/)/, home) ?? join(home, '.ssh', 'config');
  const files = await readConfigFiles([path], home);
  if (!files.found) {
    const why = files.complaints[0] ?? 'it does not exist';
    return failure(problem('file-unreadable', `${path} cannot be read: ${why}.`));
  }
  const names = namedHosts(files.lines);
  const notices = files.complaints.map((text) => problem('file-unreadable', text));
  if (names.length > MOST_CANDIDATES) {
    notices.push(
      problem('bad-input', `${path} names ${names.length} hosts; the first ${MOST_CANDIDATES} are shown.`),
    );
  }

  const resolver = new HostResolver({
    ...options,
    ...(options.path === undefined ? {} : { configFile: path }),
  });
  const signal = options.signal ?? new AbortController().signal;
  const found: (Candidate | Problem)[] = [];
  const queue = names.slice(0, MOST_CANDIDATES).entries();
  const work = async (): Promise<void> => {
    for (const [index, name] of queue) {
      const route = await candidate(name, resolver, options, signal);
      found[index] = route.ok ? route.value : route.problem;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return success({
    path,
    candidates: found.filter((each) => 'entry' in each),
    notices: [...notices, ...found.filter((each) => 'code' in each)],
  });
}

async function candidate(
  name: string,
  resolver: HostResolver,
  options: CandidateOptions,
  signal: AbortSignal,
): Promise<Result<Candidate>> {
  const plain = nodeEntrySchema.safeParse({ name, host: name });
  if (!plain.success)
    return failure(problem('bad-input', `Host ${name} has a name that cannot be used here.`));
  const route = await resolver.route(plain.data, signal);
  if (!route.ok) return route;
  const full = options.path === undefined ? plain : nodeEntrySchema.safeParse(writtenOut(name, route.value));
  if (!full.success) {
    return failure(
      problem('bad-input', `Host ${name} leads to ${route.value.target.host}, which cannot be used here.`),
    );
  }
  const { target, hops } = route.value;
  const through = hops.length === 0 ? '' : ` through ${hops.map((hop) => hop.name).join(', ')}`;
  return success({
    entry: full.data,
    about: `${target.user}@${address(target)}${through}`,
    known: options.isKnown(full.data),
  });
}

function writtenOut(name: string, { target, hops }: Route): NodeEntry {
  const files = target.identityFiles.filter((file) => !file.isDefault).map((file) => file.path);
  return {
    name,
    host: target.host,
    user: target.user,
    port: target.port,
    ...(hops.length === 0 ? {} : { jump: hops.map((hop) => `${hop.user}@${address(hop)}`).join(',') }),
    ...(files.length === 0 ? {} : { identityFiles: files }),
  };
}

function address(host: HostConfig): string {
  return `${host.host.includes(':') ? `[${host.host}]` : host.host}:${host.port}`;
}
