/**
 * Finds out how to reach a host: asks `ssh -G`, so that Include, Match, tokens and canonical names are all OpenSSH's own,
 * and reads the files itself only where there is no such program.
 */
import { spawn } from 'node:child_process';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { parse as parseConfig } from 'ssh-config';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { readConfigFiles, splitDirective, splitWords, type ConfigFiles } from './config-files.ts';
import { plainText } from './failure.ts';
import { patternMatcher } from './patterns.ts';
import {
  hostConfig,
  parseConfigWords,
  type ConfigWords,
  type HostConfig,
  type JumpHost,
} from './host-config.ts';

/** Where the configuration comes from. */
export interface ResolverOptions {
  /** A configuration file in place of the user's and the system's. */
  readonly configFile?: string | undefined;
  /** In place of the files that the configuration names. */
  readonly knownHostsFiles?: readonly string[] | undefined;
  readonly home?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** The `ssh` program; default `ssh`. */
  readonly sshProgram?: string | undefined;
}

/** A host with the jump hosts before it, in the order they are passed. */
export interface Route {
  readonly hops: readonly HostConfig[];
  readonly target: HostConfig;
}

/** A change of the files is noticed after this time. */
const FILES_KEPT_MILLISECONDS = 5000;
const SSH_TIMEOUT_MILLISECONDS = 15_000;
const MOST_HOPS = 8;
const DEFAULT_KEY_FILES = ['id_rsa', 'id_ecdsa', 'id_ed25519', 'id_dsa'] as const;

interface Snapshot {
  readonly files: ConfigFiles;
  /** Whether each Host line matches a name; undefined where answers depend on more than these. */
  readonly sections: readonly ((name: string) => boolean)[] | undefined;
  readonly answers: Map<string, Promise<Result<ConfigWords>>>;
}

/** Resolves hosts; remembers answers as long as the files stay as they are. */
export class HostResolver {
  readonly #options: ResolverOptions;
  readonly #home: string;
  /** The one file to read, or undefined for the user's and the system's. */
  readonly #configFile: string | undefined;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #localUser = localUserName();
  #snapshot: Promise<Snapshot> | undefined;
  #snapshotAge = 0;
  #withoutProgram = false;

  constructor(options: ResolverOptions) {
    this.#options = options;
    this.#home = options.home ?? homedir();
    // ssh itself takes the home folder from the password file only.
    this.#configFile =
      options.configFile ?? (options.home === undefined ? undefined : join(options.home, '.ssh', 'config'));
    this.#environment = options.environment ?? process.env;
  }

  /** The way to a node. Problems: bad-input, not-available. */
  async route(entry: NodeEntry, signal: AbortSignal): Promise<Result<Route>> {
    const target = await this.#host(entry, entry.host, signal);
    if (!target.ok) return target;
    const hops = await this.#hops(target.value, [entry.host], signal);
    return hops.ok ? success({ hops: hops.value, target: target.value }) : hops;
  }

  /** True once `ssh` was found missing, so that the log can say what is read instead. */
  get withoutProgram(): boolean {
    return this.#withoutProgram;
  }

  /** Makes the next question look at the files again. */
  lookAgain(): void {
    this.#snapshotAge = 0;
  }

  /** The hosts before `host`; the first one's own ProxyJump comes before it, as with ssh. */
  async #hops(
    host: HostConfig,
    passed: readonly string[],
    signal: AbortSignal,
  ): Promise<Result<readonly HostConfig[]>> {
    const hops: HostConfig[] = [];
    for (const [index, jump] of host.jump.entries()) {
      if (passed.length > MOST_HOPS || (index === 0 && passed.includes(jump.host))) {
        return failure(problem('bad-input', `The jump hosts of ${passed[0] ?? host.name} lead in a circle.`));
      }
      const hop = await this.#host(jump, jump.host, signal);
      if (!hop.ok) return hop;
      if (index === 0) {
        const before = await this.#hops(hop.value, [...passed, jump.host], signal);
        if (!before.ok) return before;
        hops.push(...before.value);
      }
      hops.push(hop.value);
    }
    return success(hops);
  }

  async #host(from: NodeEntry | JumpHost, name: string, signal: AbortSignal): Promise<Result<HostConfig>> {
    const words = await this.#words(name, from.user, from.port, signal);
    if (!words.ok) return words;
    return hostConfig(words.value, {
      name,
      home: this.#home,
      localUser: this.#localUser,
      environment: this.#environment,
      user: from.user,
      port: from.port,
      jump: 'jump' in from ? from.jump : undefined,
      identityFiles: 'identityFiles' in from ? from.identityFiles : undefined,
      knownHostsFiles: this.#options.knownHostsFiles,
    });
  }

  async #words(
    name: string,
    user: string | undefined,
    port: number | undefined,
    signal: AbortSignal,
  ): Promise<Result<ConfigWords>> {
    const { files, sections, answers } = await this.#files();
    if (sections === undefined) return this.#ask(name, user, port, files, signal);
    // Hosts that the same Host lines match differ in nothing but their own name; without Match lines user and port
    // change nothing else, and those of the entry win later.
    const key = sections.flatMap((matches, index) => (matches(name) ? [index] : [])).join();
    // Shared with others, so that it does not end with this caller's signal.
    const asked =
      answers.get(key) ??
      this.#ask(name, undefined, undefined, files, new AbortController().signal).then(generalise(name));
    answers.set(key, asked);
    const answer = await asked;
    if (!answer.ok) {
      answers.delete(key);
      return answer;
    }
    return answer.value.has('hostname')
      ? answer
      : success(new Map([...answer.value, ['hostname', [name.toLowerCase()]]]));
  }

  async #ask(
    name: string,
    user: string | undefined,
    port: number | undefined,
    files: ConfigFiles,
    signal: AbortSignal,
  ): Promise<Result<ConfigWords>> {
    if (this.#withoutProgram) return success(this.#read(name, files));
    const answer = await this.#askProgram(name, user, port, files, signal);
    if (answer !== 'no program') return answer;
    this.#withoutProgram = true;
    return success(this.#read(name, files));
  }

  #askProgram(
    name: string,
    user: string | undefined,
    port: number | undefined,
    files: ConfigFiles,
    signal: AbortSignal,
  ): Promise<Result<ConfigWords> | 'no program'> {
    const { configFile, sshProgram = 'ssh' } = this.#options;
    const file = configFile ?? (files.found ? this.#configFile : this.#configFile && 'none');
    return new Promise((resolve) => {
      const child = spawn(
        sshProgram,
        [
          '-G',
          ...(file === undefined ? [] : ['-F', file]),
          ...(user === undefined ? [] : ['-l', user]),
          ...(port === undefined ? [] : ['-p', String(port)]),
          '--',
          name,
        ],
        {
          stdio: ['ignore', 'pipe', 'pipe'],
          env: { ...this.#environment },
          signal,
          timeout: SSH_TIMEOUT_MILLISECONDS,
          killSignal: 'SIGKILL',
        },
      );
      let output = '';
      let errors = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text.slice(0, 4000)));
      child.on('error', (error) => {
        if (signal.aborted) resolve(failure(problem('cancelled', `${name} was closed.`)));
        else if ('code' in error && error.code === 'ENOENT') resolve('no program');
        else resolve(failure(problem('not-available', `ssh -G could not be run: ${error.message}`)));
      });
      child.on('close', (status, killedBy) => {
        if (status === 0) return resolve(success(parseConfigWords(output)));
        const why =
          killedBy === null ? `ended with status ${status}` : 'took too long (a Match exec, or name lookups)';
        resolve(
          failure(
            problem(
              'bad-input',
              `The SSH configuration for ${name} cannot be used: ssh -G ${why}.`,
              plainText(errors, 4000),
            ),
          ),
        );
      });
    });
  }

  /** The same words without the program. Match exec is never run, no names are looked up. */
  #read(name: string, files: ConfigFiles): ConfigWords {
    const lines = files.lines.filter((line) => splitDirective(line)[0] !== 'canonicalizehostname');
    const computed = parseConfig(lines.join('\n')).compute(name, { ignoreCase: true, matchExec: false });
    const words = new Map<string, readonly string[]>();
    for (const [directive, value] of Object.entries(computed)) {
      const list = Array.isArray(value) ? value : [value];
      words.set(directive, directive === 'identityfile' ? list : [list.join(' ')]);
    }
    const hostName = words.get('hostname')?.[0]?.replaceAll('%h', name).replaceAll('%%', '%');
    words.set('hostname', [hostName ?? name]);
    const folder = join(this.#home, '.ssh');
    if (!words.has('identityfile')) {
      words.set(
        'identityfile',
        DEFAULT_KEY_FILES.map((file) => join(folder, file)),
      );
    }
    if (!words.has('userknownhostsfile')) words.set('userknownhostsfile', [join(folder, 'known_hosts')]);
    if (!words.has('globalknownhostsfile')) words.set('globalknownhostsfile', ['/etc/ssh/ssh_known_hosts']);
    // Lists that add to or take from OpenSSH's defaults need the program to know these.
    for (const directive of ['kexalgorithms', 'hostkeyalgorithms', 'ciphers', 'macs']) {
      if (/^[+^-]/.test(words.get(directive)?.[0] ?? '')) words.delete(directive);
    }
    return words;
  }

  #files(): Promise<Snapshot> {
    const now = Date.now();
    if (this.#snapshot === undefined || now - this.#snapshotAge > FILES_KEPT_MILLISECONDS) {
      this.#snapshotAge = now;
      this.#snapshot = this.#readSnapshot(this.#snapshot);
    }
    return this.#snapshot;
  }

  async #readSnapshot(before: Promise<Snapshot> | undefined): Promise<Snapshot> {
    const files = await readConfigFiles(
      this.#configFile === undefined
        ? [join(this.#home, '.ssh', 'config'), '/etc/ssh/ssh_config']
        : [this.#configFile],
      this.#home,
    );
    const old = await before;
    const text = files.lines.join('\n');
    if (old !== undefined && old.files.lines.join('\n') === text) return old;
    return { files, sections: hostSections(files.lines), answers: new Map() };
  }
}

/** Matchers of the Host lines; undefined where Match, canonical names or tokens make the answer depend on more. */
function hostSections(lines: readonly string[]): readonly ((name: string) => boolean)[] | undefined {
  const sections: ((name: string) => boolean)[] = [];
  for (const line of lines) {
    const [directive, value] = splitDirective(line);
    if (directive === 'host') sections.push(patternMatcher(splitWords(value)));
    const dependsOnMore =
      directive === 'match' || directive.startsWith('canonical') || (directive !== '' && value.includes('%'));
    if (dependsOnMore) return undefined;
  }
  return sections;
}

/** Takes out the host name where it is nothing but the name asked for. */
function generalise(name: string): (answer: Result<ConfigWords>) => Result<ConfigWords> {
  return (answer) => {
    if (!answer.ok || answer.value.get('hostname')?.[0] !== name.toLowerCase()) return answer;
    return success(
      new Map([...answer.value].filter(([directive]) => directive !== 'hostname' && directive !== 'host')),
    );
  };
}

function localUserName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'root';
  }
}
