/** Finds nodes in an OpenSSH client configuration, for the operator to choose from. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { nodeEntrySchema, type Candidate, type NodeEntry } from '../../common/contract/contract.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { namedHosts, readConfigFiles, splitDirective, splitWords } from './config-files.ts';
import type { HostConfig } from './host-config.ts';
import { HostResolver, type ResolverOptions, type Route } from './host-resolver.ts';
import { patternMatcher } from './patterns.ts';

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
  /** Where each of them leads in the end: the host name or address behind its name. */
  readonly addresses: ReadonlyMap<Candidate, string>;
  /** The `Host` pattern that is for a name or address; undefined where none is but `*`. */
  patternOf(host: string): string | undefined;
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
  const addresses = new Map<Candidate, string>();
  const queue = names.slice(0, MOST_CANDIDATES).entries();
  const work = async (): Promise<void> => {
    for (const [index, name] of queue) {
      const made = await candidate(name, resolver, options, signal);
      found[index] = made.ok ? made.value.candidate : made.problem;
      if (made.ok) addresses.set(made.value.candidate, made.value.address);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return success({
    path,
    candidates: found.filter((each) => 'entry' in each),
    notices: [...notices, ...found.filter((each) => 'code' in each)],
    addresses,
    patternOf: patternFinder(files.lines),
  });
}

/** An entry with all that the SSH configuration says of its host, for other hosts that are reached like it. */
export async function writtenOutEntry(
  entry: NodeEntry,
  options: ResolverOptions,
  signal: AbortSignal,
): Promise<Result<NodeEntry>> {
  const route = await new HostResolver(options).route(entry, signal);
  return route.ok ? success({ ...entry, ...writtenOut(entry.name, route.value) }) : route;
}

/** Finds the first Host line whose patterns are for a name; lines without a pattern or for every name are none. */
function patternFinder(lines: readonly string[]): (host: string) => string | undefined {
  const sections = lines.flatMap((line) => {
    const [directive, value] = splitDirective(line);
    const words = directive === 'host' ? splitWords(value) : [];
    return words.some((word) => /[*?]/.test(word)) && !words.includes('*')
      ? [{ text: words.join(' '), matches: patternMatcher(words) }]
      : [];
  });
  return (host) => sections.find((section) => section.matches(host))?.text;
}

async function candidate(
  name: string,
  resolver: HostResolver,
  options: CandidateOptions,
  signal: AbortSignal,
): Promise<Result<{ readonly candidate: Candidate; readonly address: string }>> {
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
    candidate: {
      entry: full.data,
      about: `${target.user}@${address(target)}${through}`,
      known: options.isKnown(full.data),
    },
    address: target.host,
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
