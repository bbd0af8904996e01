/**
 * Carries an installation out on one node, step by step. What fails is put back: a new installation is removed whole, a
 * renewed one gets its files back.
 */
import { problem } from '../../common/contract/problem.ts';
import { jsonOf } from '../../common/model/json.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { enrolmentRequestSchema } from '../../common/trust/enrolment.ts';
import { agentStatusSchema } from '../../common/trust/status.ts';
import { enrolNode, withoutNode, type NewMember } from './authority.ts';
import type { NodeInstall } from './plan-install.ts';
import { copyFile, enrolStep, runScript, SCRIPT_MILLISECONDS, type RemoteNode } from './remote.ts';
import {
  foldersScript,
  keepScript,
  NODE_FILES,
  removeScript,
  settleScript,
  startScript,
  undoScript,
  waitScript,
} from './script.ts';
import { sentences } from './sentences.ts';
import type { AuthorityBook } from './authority-book.ts';

/** What carrying out needs besides the plan. */
export interface InstallTools {
  readonly book: AuthorityBook;
  /** An agent that does not answer so long after its start has failed. */
  readonly startSeconds: number;
  /** Is told what is being done. */
  readonly step: (words: string) => void;
}

/** Does it; gives the words of the end. Problems: those of each step, with what was undone. */
export async function installNode(
  node: RemoteNode,
  plan: NodeInstall,
  tools: InstallTools,
): Promise<Result<string>> {
  const { book, step } = tools;
  const { member, copies } = plan;
  if (member === undefined) return failure(problem('bad-input', plan.shown.refusal));
  const files = copies.map(({ file }) => file);
  const copied = await copyAll(node, plan, step);
  if (!copied.ok) return undone(node, copied, undoScript(files, 'copied'), step);
  const before = book.authority.map.nodes.find(({ id }) => id === member.id);
  const started = await settleAndStart(node, plan, member, tools);
  if (!started.ok) {
    // The end of a new installation leaves nothing; a node that was a member before keeps its place in the map.
    if (plan.enrols && before === undefined)
      await book.change((authority) => withoutNode(authority, member.id));
    return undone(node, started, plan.renews ? undoScript(files, 'settled') : removeScript(), step);
  }
  const kept = await runScript(node, keepScript(files));
  return kept.ok ? success(`Node ${member.id} is up.`) : kept;
}

async function copyAll(
  node: RemoteNode,
  { copies }: NodeInstall,
  step: (words: string) => void,
): Promise<Result<void>> {
  step('making folders');
  const folders = await runScript(node, foldersScript());
  if (!folders.ok) return folders;
  for (const { file, read } of copies) {
    step(`copying ${NODE_FILES[file].path}`);
    const copied = await copyFile(node, file, read());
    if (!copied.ok) return copied;
  }
  return success(undefined);
}

async function settleAndStart(
  node: RemoteNode,
  { copies, enrols }: NodeInstall,
  member: NewMember,
  tools: InstallTools,
): Promise<Result<void>> {
  const { startSeconds, step } = tools;
  if (copies.length > 0) {
    step('checking what was copied, and putting it in place');
    const settled = await runScript(node, settleScript(copies));
    if (!settled.ok) return settled;
  }
  if (enrols) {
    const enrolled = await enrol(node, member, tools);
    if (!enrolled.ok) return enrolled;
  }
  step('starting the agent');
  const started = await runScript(node, startScript());
  if (!started.ok) return started;
  step(`waiting until the agent answers as node ${member.id}`);
  const answer = await runScript(node, waitScript(startSeconds), startSeconds * 1000 + SCRIPT_MILLISECONDS);
  if (!answer.ok) return answer;
  const status = agentStatusSchema.safeParse(jsonOf(answer.value));
  if (!status.success) {
    return failure(
      problem(
        'protocol-error',
        `${member.name}: the agent answers something else than its status`,
        answer.value,
      ),
    );
  }
  return status.data.id === member.id
    ? success(undefined)
    : failure(problem('protocol-error', `${member.name}: the agent says that it is node ${status.data.id}`));
}

async function enrol(
  node: RemoteNode,
  member: NewMember,
  { book, step }: InstallTools,
): Promise<Result<void>> {
  step('making its key');
  const asked = await enrolStep(node, 'request');
  if (!asked.ok) return asked;
  const request = enrolmentRequestSchema.safeParse(jsonOf(asked.value));
  if (!request.success) {
    return failure(
      problem('protocol-error', `${member.name} gave no request for a certificate`, asked.value),
    );
  }
  step(`enrolling it as node ${member.id}`);
  const enrolment = await book.changeWith((authority) =>
    enrolNode(authority, member, node.entry, request.data),
  );
  if (!enrolment.ok) return enrolment;
  const accepted = await enrolStep(node, 'accept', JSON.stringify(enrolment.value));
  return accepted.ok ? success(undefined) : accepted;
}

/** Runs what undoes; the problem says what became of that. */
async function undone(
  node: RemoteNode,
  { problem: cause }: { readonly problem: ReturnType<typeof problem> },
  script: string,
  step: (words: string) => void,
): Promise<Result<never>> {
  step('undoing what was done');
  const back = await runScript(node, script);
  const words = back.ok
    ? 'What was done there was undone.'
    : `It could not be undone (${back.problem.message}); install or remove it again.`;
  return failure(problem(cause.code, sentences(cause.message, words), cause.detail));
}
