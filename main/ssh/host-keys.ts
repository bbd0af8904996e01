/**
 * The host keys of one service: what the known_hosts files say (only read), what the operator has accepted (our own file),
 * and the question at first contact. Makes the decision without which no connection can be built.
 */
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { AcceptedKeys } from './accepted-keys.ts';
import type { Attempt } from './attempt.ts';
import { describeFileError, failed, isAbsent, type Failure } from './failure.ts';
import { FileCache } from './file-cache.ts';
import type { HostConfig } from './host-config.ts';
import { decideHostKey } from './host-key-policy.ts';
import {
  fingerprintOf,
  keyTypeOf,
  knownHostName,
  parseKnownHosts,
  type KnownHosts,
  type KnownKey,
} from './known-hosts.ts';
import type { SharedQuestions } from './shared-questions.ts';

type Decide = (key: Buffer, signal: AbortSignal) => Promise<Failure | undefined>;

const MADE_HERE = Symbol('host key decision');

/**
 * The decision about one host's key. Only this module makes one, and a connection cannot be constructed without it: ssh2
 * accepts any key when it is given no verifier.
 */
export class HostKeyDecision {
  readonly #decide: Decide;
  /** Keys known for the host, for the order of the algorithms. */
  readonly known: readonly KnownKey[];

  constructor(madeHere: typeof MADE_HERE, known: readonly KnownKey[], decide: Decide) {
    if (madeHere !== MADE_HERE) throw new TypeError('A host key decision is made by HostKeyBook only.');
    this.known = known;
    this.#decide = decide;
  }

  /** Resolves with why the key is refused, or undefined when it is trusted. The signal ends a question. */
  decide(key: Buffer, signal: AbortSignal): Promise<Failure | undefined> {
    return this.#decide(key, signal);
  }
}

/** Looks keys up, asks, and stores. */
export class HostKeyBook {
  readonly #store: AcceptedKeys;
  readonly #questions: SharedQuestions;
  readonly #files = new FileCache(parseKnownHosts);
  /** Accepted since the program began, by name; holds too what is not to be stored, or could not be. */
  readonly #accepted = new Map<string, KnownKey[]>();

  constructor(store: AcceptedKeys, questions: SharedQuestions) {
    this.#store = store;
    this.#questions = questions;
  }

  /** The decision about a host's key for one attempt. Problems: file-unreadable (the own store). */
  async decisionFor(host: HostConfig, attempt: Attempt): Promise<Result<HostKeyDecision>> {
    const stored = await this.#store.known();
    if (!stored.ok) return stored;
    await this.#fromFiles(host, (text) => attempt.report(text));
    const { named } = await this.#lookUp(host, stored.value);
    return success(
      new HostKeyDecision(MADE_HERE, named, (key, signal) =>
        this.#decide(host, key, stored.value, attempt, signal),
      ),
    );
  }

  /** Makes the next decision look at the known_hosts files again. */
  lookAgain(): void {
    this.#files.lookAgain();
    this.#store.lookAgain();
  }

  /**
   * Forgets what was accepted for a host. Problems: not-found where nothing was stored, changed-host-key where a
   * known_hosts file, which is never written, names a key too.
   */
  async forget(host: HostConfig): Promise<Result<void>> {
    const name = hostKeyName(host);
    this.lookAgain();
    this.#questions.forgetRefusals();
    const before = await this.#store.known();
    if (!before.ok) return before;
    const stored = before.value.keysFor(name).some((key) => key.marker === 'none');
    const accepted = this.#accepted.delete(name);
    if (stored) {
      const removed = await this.#store.remove(name);
      if (!removed.ok) return removed;
    }
    const elsewhere = (await this.#fromFiles(host)).keysFor(name).find((key) => key.marker === 'none');
    if (elsewhere !== undefined) {
      return failure(
        problem(
          'changed-host-key',
          `${elsewhere.source} names a key for ${name}; mosview does not change that file. ` +
            `If the host has a new key, run: ssh-keygen -R '${name}'`,
        ),
      );
    }
    if (!stored && !accepted) return failure(problem('not-found', `No key is stored for ${name}.`));
    return success(undefined);
  }

  async #decide(
    host: HostConfig,
    key: Buffer,
    stored: KnownHosts,
    attempt: Attempt,
    signal: AbortSignal,
  ): Promise<Failure | undefined> {
    const name = hostKeyName(host);
    const { named, unported } = await this.#lookUp(host, stored);
    // As with ssh, a line without the port vouches for the same key, but another key there is no alarm.
    const entries = [...named, ...unported.filter((entry) => entry.key.equals(key))];
    const { strictness } = host;
    const verdict = decideHostKey({ key, strictness, background: attempt.background }, entries);
    const shown = `${keyTypeOf(key) ?? 'unknown'} ${fingerprintOf(key)}`;
    if (verdict.kind === 'refuse') {
      return {
        ...failed(verdict.code, `${host.name} ${verdict.reason}.`, `${name} shows ${shown}`),
        refusedKeyOf: name,
      };
    }
    if (verdict.kind === 'trust') {
      if (verdict.known) return undefined;
      attempt.report(
        `the unknown key of ${host.name} is accepted (StrictHostKeyChecking ${strictness}): ${shown}`,
      );
    } else {
      if (entries.some((entry) => entry.marker === 'cert-authority')) {
        attempt.report(
          `known_hosts names a certificate authority for ${host.name}; host certificates are not checked`,
        );
      }
      if (!(await this.#askAbout(host, key, attempt, signal))) {
        return {
          ...failed('unknown-host-key', `The key of ${host.name} was not accepted.`, shown),
          refusedKeyOf: name,
        };
      }
      attempt.report(`the key of ${host.name} was accepted: ${shown}`);
    }
    // A copy: what ssh2 gives is a part of the packet it came in.
    const own = Buffer.from(key);
    const entry: KnownKey = {
      marker: 'none',
      keyType: keyTypeOf(key) ?? '',
      key: own,
      source: this.#store.file,
    };
    const before = this.#accepted.get(name) ?? [];
    if (before.some((other) => other.key.equals(key))) return undefined;
    if (verdict.kind === 'trust' && !verdict.store) {
      this.#accepted.set(name, [...before, { ...entry, source: 'accepted since mosview was started' }]);
      return undefined;
    }
    this.#accepted.set(name, [...before, entry]);
    const written = await this.#store.add(name, own);
    if (!written.ok) attempt.report(`${written.problem.message} The key is asked for again after a restart.`);
    return undefined;
  }

  async #askAbout(host: HostConfig, key: Buffer, attempt: Attempt, signal: AbortSignal): Promise<boolean> {
    const keyType = keyTypeOf(key) ?? '';
    const fingerprint = fingerprintOf(key);
    const answer = await attempt.asking(`asking about the host key of ${host.name}`, () =>
      this.#questions.ask(
        `host key ${hostKeyName(host)} ${fingerprint}`,
        {
          kind: 'host-key',
          name: host.name,
          address: `${host.host}:${host.port}`,
          keyType,
          fingerprint,
          command: `ssh-keygen -lf /etc/ssh/ssh_host_${keyFileWord(keyType)}_key.pub`,
        },
        signal,
      ),
    );
    return answer?.[0] === 'yes';
  }

  async #lookUp(
    host: HostConfig,
    stored: KnownHosts,
  ): Promise<{ named: readonly KnownKey[]; unported: readonly KnownKey[] }> {
    const name = hostKeyName(host);
    const files = await this.#fromFiles(host);
    return {
      named: [...files.keysFor(name), ...stored.keysFor(name), ...(this.#accepted.get(name) ?? [])],
      unported: host.hostKeyAlias === undefined ? files.keysFor(host.host.toLowerCase()) : [],
    };
  }

  async #fromFiles(
    host: HostConfig,
    report: (text: string) => void = () => {},
  ): Promise<Pick<KnownHosts, 'keysFor'>> {
    const all: KnownHosts[] = [];
    for (const file of host.knownHostsFiles) {
      try {
        const known = await this.#files.get(file);
        all.push(known);
        if (known.complaints.length > 0) {
          const more = known.complaints.length > 3 ? ` (and ${known.complaints.length - 3} more lines)` : '';
          report(`${known.complaints.slice(0, 3).join('; ')}${more}`);
        }
      } catch (error) {
        if (!isAbsent(error)) report(`${file}: ${describeFileError(error)}`);
      }
    }
    return { keysFor: (name) => all.flatMap((known) => known.keysFor(name)) };
  }
}

/** The name a host's keys stand under: its alias for that purpose, or where it really is. */
export function hostKeyName(host: HostConfig): string {
  return host.hostKeyAlias ?? knownHostName(host.host, host.port);
}

function keyFileWord(keyType: string): string {
  if (keyType.startsWith('ecdsa-')) return 'ecdsa';
  if (keyType === 'ssh-dss') return 'dsa';
  return keyType === 'ssh-rsa' ? 'rsa' : 'ed25519';
}
