/** A node's state, connection and settings in words; the same words are shown, filtered and read aloud. */
import type { NodeState } from '../../common/contract/block.ts';
import type { ConnectionState, NodeInfo } from '../../common/model/node.ts';
import { assertNever } from '../../common/model/result.ts';
import { PROBLEMS, type Problem, type ProblemCode } from '../../common/contract/problem.ts';
import { NODE_SETTINGS, settingsOf } from '../../common/model/status.ts';
import { plainText, span, timeOfDay } from './format.ts';

/** A problem code as words: `changed host key`. */
export function codeWords(code: ProblemCode): string {
  return code.replaceAll('-', ' ');
}

/** The state with how long ago its numbers were measured, where they are not of this second: `stale, 42 s old`. */
export function stateWords(state: NodeState, age: number): string {
  return ageMatters(state, age) ? `${state}, ${span(age)} old` : state;
}

/** Whether a node's numbers are old ones, shown only because there are none newer. */
export function ageMatters(state: NodeState, age: number): boolean {
  return state !== 'up' && Number.isFinite(age);
}

/** The connection in a few words, for a cell. `now` is the time in milliseconds since 1970. */
export function connectionWords(info: NodeInfo, now: number): string {
  const own = ownConnectionWords(info.connection, now);
  const words = info.observer ? `${own}, observer` : own;
  return info.reason === '' || saysTheReason(info.connection) ? words : `${words}: ${info.reason}`;
}

/** Whether the connection's own words are the reason of the state already. */
function saysTheReason({ kind }: ConnectionState): boolean {
  return kind !== 'connected' && kind !== 'none';
}

function ownConnectionWords(connection: ConnectionState, now: number): string {
  switch (connection.kind) {
    case 'none':
      return 'seen by other nodes';
    case 'queued':
      return 'waits for its turn';
    case 'connecting':
      return plainText(connection.step) || 'connecting';
    case 'asking':
      return `needs your answer: ${plainText(connection.step)}`;
    case 'connected':
      return 'connected';
    case 'waiting':
      return `${codeWords(connection.problem.code)}, again in ${span((connection.retryAt - now) / 1000)}`;
    case 'failed':
      return `failed: ${codeWords(connection.problem.code)}`;
    default:
      return assertNever(connection);
  }
}

/** The problem a connection waits or failed with. */
export function connectionProblem(connection: ConnectionState): Problem | undefined {
  return connection.kind === 'waiting' || connection.kind === 'failed' ? connection.problem : undefined;
}

/** The connection in full sentences: what is going on, why, and what can be done. */
export function connectionExplanation(info: NodeInfo): string {
  const connection = info.connection;
  const trouble = connectionProblem(connection);
  const sentences =
    trouble === undefined
      ? [`${capitalised(ownConnectionWords(connection, 0))}${sinceWords(connection)}.`]
      : [sentence(trouble.message), PROBLEMS[trouble.code]];
  if (info.reason !== '' && !saysTheReason(info.connection)) sentences.push(sentence(info.reason));
  if (info.observer) sentences.push('It is one of the observers that feed the overview.');
  if (info.disagreement !== '') sentences.push(sentence(info.disagreement));
  return sentences.join(' ');
}

function sinceWords(connection: ConnectionState): string {
  return connection.kind === 'connected' ? ` since ${timeOfDay(connection.since)}` : '';
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Foreign words as a sentence that ends. */
function sentence(text: string): string {
  const plain = plainText(text).trim();
  return /[.!?]$/.test(plain) ? plain : `${plain}.`;
}

/** The switches that are on, by their names; a dash where the node reports none at all. */
export function settingsWords(status: number): string {
  return Number.isNaN(status) ? '–' : settingsOf(status).join(', ');
}

/** The switches that are on, each with its meaning. */
export function settingsExplanation(status: number): string {
  if (Number.isNaN(status)) return 'This node reports no settings.';
  const settings = settingsOf(status);
  return settings.length === 0
    ? 'No switch is set: the node gives processes away and takes guests.'
    : settings.map((setting) => `${setting}: ${NODE_SETTINGS[setting]}`).join('; ');
}
