/**
 * What is known about a host before connecting to it, made from the words of the OpenSSH configuration. Pure; the words
 * come from `ssh -G` or, where there is no such program, from reading the files.
 */
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { DEFAULT_ALGORITHMS, type AllowedAlgorithms } from './algorithms.ts';
import type { HostKeyStrictness } from './host-key-policy.ts';

/** Directives in lower case with their values, in the order of the output. */
export type ConfigWords = ReadonlyMap<string, readonly string[]>;

/** A jump host as written in `ProxyJump`. */
export interface JumpHost {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** A host, ready to be connected to. */
export interface HostConfig {
  /** As the operator calls it: the argument `ssh` would be given. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly addressFamily: 0 | 4 | 6;
  /** Default key files are passed over silently where they do not exist. */
  readonly identityFiles: readonly { readonly path: string; readonly isDefault: boolean }[];
  /** Socket of ssh-agent; undefined where none is to be used. */
  readonly agentSocket: string | undefined;
  readonly identitiesOnly: boolean;
  readonly knownHostsFiles: readonly string[];
  readonly hostKeyAlias: string | undefined;
  readonly strictness: HostKeyStrictness;
  readonly jump: readonly JumpHost[];
  readonly methods: {
    readonly publicKey: boolean;
    readonly keyboardInteractive: boolean;
    readonly password: boolean;
  };
  /** For the connection to be made, and again for handshake and authentication. */
  readonly timeoutMilliseconds: number;
  readonly keepAlive: { readonly milliseconds: number; readonly count: number };
  readonly algorithms: AllowedAlgorithms;
}

/** What stands around a configuration: whose it is, and what the operator said on top of it. */
export interface ConfigContext {
  readonly name: string;
  readonly home: string;
  readonly localUser: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Replace what the configuration says. */
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly jump?: string | undefined;
  readonly identityFiles?: readonly string[] | undefined;
  readonly knownHostsFiles?: readonly string[] | undefined;
}

const DEFAULT_TIMEOUT_MILLISECONDS = 20_000;
const KEEP_ALIVE = { milliseconds: 15_000, count: 3 } as const;
const DEFAULT_KEY_FILE = /\/\.ssh\/id_(?:rsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss|dsa)$/;

/** Parses what `ssh -G` prints: one directive and its value per line. */
export function parseConfigWords(output: string): ConfigWords {
  const words = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const match = /^(\S+)\s+(.*\S)\s*$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const directive = match[1].toLowerCase();
    const values = words.get(directive);
    if (values === undefined) words.set(directive, [match[2]]);
    else values.push(match[2]);
  }
  return words;
}

/** Parses `[user@]host[:port],...` (also `ssh://` addresses and `[IPv6]:port`); `none` is no jump. */
export function parseJump(text: string): Result<readonly JumpHost[]> {
  if (text.trim() === '' || text.trim().toLowerCase() === 'none') return success([]);
  const hosts: JumpHost[] = [];
  for (const part of text.split(',')) {
    const match =
      /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(?:\[([0-9A-Fa-f:.%\w]+)\]|([A-Za-z0-9_][\w.%-]*))(?::(\d+))?\/?$/.exec(
        part.trim(),
      );
    const host = match?.[2] ?? match?.[3];
    const port = match?.[4] === undefined ? undefined : Number(match[4]);
    if (host === undefined || (port !== undefined && (port < 1 || port > 65_535))) {
      return failure(problem('bad-input', `"${part.trim()}" is no jump host; write [user@]host[:port].`));
    }
    hosts.push({
      host,
      ...(match?.[1] === undefined ? {} : { user: match[1] }),
      ...(port === undefined ? {} : { port }),
    });
  }
  return success(hosts);
}

/** Makes a host from its words. Problems: bad-input, not-available (ProxyCommand). */
export function hostConfig(words: ConfigWords, context: ConfigContext): Result<HostConfig> {
  const first = (directive: string): string | undefined => words.get(directive)?.[0];
  const yes = (directive: string): boolean => !['no', 'false'].includes(first(directive) ?? 'yes');
  const host = first('hostname') ?? context.name;
  const port = context.port ?? Number(first('port') ?? 22);
  const user = context.user ?? first('user') ?? context.localUser;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return failure(problem('bad-input', `The port of ${context.name} is not a number from 1 to 65535.`));
  }

  const jump = parseJump(context.jump ?? first('proxyjump') ?? 'none');
  if (!jump.ok) return jump;
  const proxyCommand = first('proxycommand');
  const hasCommand = proxyCommand !== undefined && proxyCommand !== 'none';
  if (hasCommand && jump.value.length === 0 && context.jump === undefined) {
    return failure(
      problem(
        'not-available',
        `The SSH configuration reaches ${context.name} with ProxyCommand, which mosview does not run. ` +
          'Use ProxyJump there, or name the jump hosts in the settings.',
        proxyCommand,
      ),
    );
  }

  const expand = (text: string): string => expandTokens(text, { ...context, host, port, user });
  const identityFiles =
    context.identityFiles ?? (words.get('identityfile') ?? []).filter((file) => file !== 'none');
  const knownHostsFiles =
    context.knownHostsFiles ??
    ['userknownhostsfile', 'globalknownhostsfile'].flatMap((name) => (first(name) ?? '').split(/\s+/));
  const aliveSeconds = Number(first('serveraliveinterval') ?? 0);
  const timeoutSeconds = Number(first('connecttimeout') ?? 0);

  return success({
    name: context.name,
    host,
    port,
    user,
    addressFamily: first('addressfamily') === 'inet' ? 4 : first('addressfamily') === 'inet6' ? 6 : 0,
    identityFiles: identityFiles.map(expand).map((path) => ({
      path,
      isDefault: context.identityFiles === undefined && DEFAULT_KEY_FILE.test(path.replaceAll('\\', '/')),
    })),
    agentSocket: agentSocket(first('identityagent'), expand, context.environment),
    identitiesOnly: first('identitiesonly') === 'yes',
    knownHostsFiles: knownHostsFiles.filter((file) => file !== '' && file !== 'none').map(expand),
    hostKeyAlias: first('hostkeyalias')?.toLowerCase(),
    strictness: strictness(first('stricthostkeychecking')),
    jump: jump.value,
    methods: {
      publicKey: yes('pubkeyauthentication'),
      keyboardInteractive: yes('kbdinteractiveauthentication'),
      password: yes('passwordauthentication'),
    },
    timeoutMilliseconds: timeoutSeconds > 0 ? timeoutSeconds * 1000 : DEFAULT_TIMEOUT_MILLISECONDS,
    keepAlive:
      aliveSeconds > 0
        ? { milliseconds: aliveSeconds * 1000, count: Number(first('serveralivecountmax') ?? 3) }
        : KEEP_ALIVE,
    algorithms: {
      kex: first('kexalgorithms') ?? DEFAULT_ALGORITHMS.kex,
      serverHostKey: first('hostkeyalgorithms') ?? DEFAULT_ALGORITHMS.serverHostKey,
      cipher: first('ciphers') ?? DEFAULT_ALGORITHMS.cipher,
      hmac: first('macs') ?? DEFAULT_ALGORITHMS.hmac,
    },
  });
}

function strictness(word: string | undefined): HostKeyStrictness {
  switch (word?.toLowerCase() ?? '') {
    case 'yes':
    case 'true':
      return 'yes';
    case 'no':
    case 'false':
    case 'off':
      return 'no';
    case 'accept-new':
      return 'accept-new';
    default:
      return 'ask';
  }
}

function agentSocket(
  identityAgent: string | undefined,
  expand: (text: string) => string,
  environment: ConfigContext['environment'],
): string | undefined {
  if (identityAgent === 'none') return undefined;
  if (identityAgent === undefined || identityAgent === 'SSH_AUTH_SOCK') {
    return environment['SSH_AUTH_SOCK'] || undefined;
  }
  const variable = /^\$(\w+)$/.exec(identityAgent)?.[1];
  return (variable === undefined ? expand(identityAgent) : environment[variable]) || undefined;
}

function expandTokens(
  text: string,
  host: ConfigContext & { readonly host: string; readonly port: number; readonly user: string },
): string {
  const tokens: Record<string, string> = {
    '%': '%',
    d: host.home,
    h: host.host,
    n: host.name,
    p: String(host.port),
    r: host.user,
    u: host.localUser,
  };
  return text
    .replace(/^~(?=\/|$)/, host.home)
    .replace(/%(.)/g, (whole, letter: string) => tokens[letter] ?? whole)
    .replace(/\$\{(\w+)\}/g, (_whole, name: string) => host.environment[name] ?? '');
}
