/** What the check of a node found out, read from the lines that its script printed. */
import { X509Certificate } from 'node:crypto';
import { problem } from '../../common/contract/problem.ts';
import { jsonOf } from '../../common/model/json.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { fingerprintSchema } from '../../common/trust/map.ts';
import { agentStatusSchema, type AgentStatus } from '../../common/trust/status.ts';
import { shownText } from '../nodes/node-text.ts';
import { NODE_FILES, type NodeFile } from './script.ts';

/** The oldest Node that runs the agent. */
export const OLDEST_NODE = 22;
const WORD_LENGTH = 200;

/** A node before anything is done on it. */
export interface NodeFacts {
  readonly system: string;
  /** As uname names it: x86_64. */
  readonly machine: string;
  readonly kernel: string;
  /** `Debian GNU/Linux 13 (trixie)`; empty where it does not say. */
  readonly release: string;
  readonly isRoot: boolean;
  readonly hasSystemd: boolean;
  /** Version of criu; empty where there is none. */
  readonly criu: string;
  /** A Node of its own that is new enough. */
  readonly node: { readonly path: string; readonly version: string } | undefined;
  readonly missingTools: readonly string[];
  /** SHA-256 of the files of an installation that are there. */
  readonly sums: ReadonlyMap<NodeFile, string>;
  /** Its certificate and that of the authority it belongs to, in PEM. */
  readonly certificate: X509Certificate | undefined;
  readonly authority: X509Certificate | undefined;
  /** What its agent says; undefined where none answers. */
  readonly status: AgentStatus | undefined;
  /** Jobs that are there, or have their home there. */
  readonly jobs: number;
  /** TCP ports where something listens. */
  readonly listening: ReadonlySet<number>;
  /** Bytes that are free where the files go; NaN where it does not say. */
  readonly free: number;
}

/** Reads what the check printed. Problems: no-shell (it did not come to its end). */
export function readFacts(name: string, nonce: string, output: string): Result<NodeFacts> {
  const values = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const [mark, key = '', ...words] = line.split(' ');
    if (mark !== nonce) continue;
    values.set(key, [...(values.get(key) ?? []), words.join(' ')]);
  }
  if (!values.has('end')) {
    return failure(problem('no-shell', `${name} did not run the check to its end`, shownText(output, 1000)));
  }
  const first = (key: string): string => values.get(key)?.[0] ?? '';
  const words = (key: string): string => shownText(first(key), WORD_LENGTH);
  return success({
    system: words('system'),
    machine: words('machine'),
    kernel: words('kernel'),
    release: words('release'),
    isRoot: first('user') === '0',
    hasSystemd: first('systemd') === 'yes',
    criu: /^\d[\d.]*$/.test(first('criu')) ? first('criu') : '',
    node: nodeOf(first('node')),
    missingTools: (values.get('missing') ?? []).map((tool) => shownText(tool, WORD_LENGTH)),
    sums: sumsOf(values.get('sum') ?? []),
    certificate: certificateOf(first('certificate')),
    authority: certificateOf(first('authority')),
    status: agentStatusSchema.safeParse(jsonOf(first('status'))).data,
    jobs: Number(first('jobs')) || 0,
    listening: new Set(
      first('listening')
        .split(' ')
        .filter(Boolean)
        .map((port) => Number.parseInt(port, 16)),
    ),
    free: first('free') === '' ? NaN : Number(first('free')) * 1024,
  });
}

/** `/usr/bin/node v22.1.0`, where it is new enough and its path can stand in a script as it is. */
function nodeOf(text: string): NodeFacts['node'] {
  const [, path = '', version = '', major] = /^(\/[A-Za-z0-9_.+/-]+) v((\d+)[.\d]*)$/.exec(text) ?? [];
  return Number(major) >= OLDEST_NODE ? { path, version } : undefined;
}

function sumsOf(lines: readonly string[]): ReadonlyMap<NodeFile, string> {
  const sums = new Map<NodeFile, string>();
  for (const line of lines) {
    const [file = '', sum = ''] = line.split(' ');
    if (Object.hasOwn(NODE_FILES, file) && fingerprintSchema.safeParse(sum).success) {
      sums.set(file as NodeFile, sum);
    }
  }
  return sums;
}

function certificateOf(base64: string): X509Certificate | undefined {
  try {
    return base64 === '' ? undefined : new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}
