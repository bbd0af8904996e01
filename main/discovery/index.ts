/**
 * Discovery: from one node to the whole cluster. It asks the node over an SSH session that is there already, joins what
 * its files say, and offers entries for the settings; it changes nothing.
 */
import { randomBytes } from 'node:crypto';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { shownText } from '../nodes/node-text.ts';
import { readSshConfigCandidates, writtenOutEntry, type SshSession } from '../ssh/index.ts';
import { candidatesOf, type Candidates, type ConfigView } from './candidates.ts';
import { clusterFrom } from './cluster.ts';
import { discoveryScript, readSections } from './script.ts';

const ANSWER_MILLISECONDS = 20_000;
const ANSWER_BYTES = 4 * 1024 * 1024;
const NOTE_LENGTH = 1000;
const MOST_NOTES = 50;

export interface DiscoveryOptions {
  /** The entry of the node that is asked, and its connection, which is up. */
  readonly entry: NodeEntry;
  readonly session: SshSession;
  readonly sshConfigFile?: string | undefined;
  /** What the settings have, with the ids of those nodes where they are known. */
  readonly known: readonly { readonly entry: NodeEntry; readonly id: number | undefined }[];
}

/** What was found. */
export interface Discovery extends Candidates {
  /** What the operator should know before adding them, in sentences; bounded, without control characters. */
  readonly notes: readonly string[];
}

/**
 * Asks a node for its cluster. Problems: connection-lost and the other ones of the connection, no-shell, timeout,
 * protocol-error, not-found (it knows no other node).
 */
export async function discover(options: DiscoveryOptions): Promise<Result<Discovery>> {
  const { entry, session, known } = options;
  const nonce = `m${randomBytes(9).toString('hex')}`;
  const answer = await session.exec('/bin/sh', {
    input: discoveryScript(nonce, entry.root ?? '/proc'),
    timeoutMilliseconds: ANSWER_MILLISECONDS,
    maxBytes: ANSWER_BYTES,
  });
  if (!answer.ok) return answer;
  const sections = readSections(nonce, answer.value.stdout.toString('latin1'));
  if (sections === undefined) {
    const words = shownText(answer.value.stderr.toString('latin1'), 500);
    return failure(problem('no-shell', `${entry.name} did not run /bin/sh to its end`, words));
  }
  const { config, way } = await configOf(options);
  const cluster = clusterFrom(sections);
  const candidates = candidatesOf(cluster, { asked: entry, way, config, known });
  if (candidates.nodes.length + candidates.beside.length + cluster.notes.length === 0) {
    return failure(
      problem(
        'not-found',
        `${entry.name} knows no other node: there is no openmosix.map, setpe, node folder of openMosix, table of MattX or agent that can be read there`,
      ),
    );
  }
  const notes = cluster.notes.map((note) => shownText(Buffer.from(note).toString('latin1'), NOTE_LENGTH));
  return success({ ...candidates, notes: notes.slice(0, MOST_NOTES) });
}

/** The operator's SSH configuration; without one there is nothing in it. */
async function configOf({
  entry,
  sshConfigFile,
}: DiscoveryOptions): Promise<{ readonly config: ConfigView; readonly way: NodeEntry }> {
  const [config, way] = await Promise.all([
    readSshConfigCandidates({ path: sshConfigFile, isKnown: () => false }),
    writtenOutEntry(entry, { configFile: sshConfigFile }, new AbortController().signal),
  ]);
  const none: ConfigView = { candidates: [], addresses: new Map(), patternOf: () => undefined };
  return { config: config.ok ? config.value : none, way: way.ok ? way.value : entry };
}
