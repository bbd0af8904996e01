/** The end of `mos` of the connection to this node's agent. */
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { errorCode } from '../error-code.ts';
import { DEPUTY_NOTICES, LOCAL_METHODS } from '../local/protocol.ts';
import { PATHS } from '../paths.ts';
import { Peer, type Handlers } from '../wire/peer.ts';

export type Local = Peer<typeof DEPUTY_NOTICES, typeof LOCAL_METHODS>;

const DEAF: Handlers<typeof DEPUTY_NOTICES> = {
  output: () => success({}),
  inputTaken: () => success({}),
  inputAgain: () => success({}),
  inputClosed: () => success({}),
  finished: () => success({}),
  lost: () => success({}),
};

/** Connects to the agent and shows it who we are. Problems: not-available (no agent), permission-denied. */
export async function connectLocal(handlers: Handlers<typeof DEPUTY_NOTICES> = DEAF): Promise<Result<Local>> {
  const socket = connect(PATHS.socket);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  if (!(await promise))
    return failure(
      problem('not-available', `No agent answers at ${PATHS.socket}; is mosview-agent running on this node?`),
    );
  const peer = new Peer('the agent', socket, DEPUTY_NOTICES, handlers, LOCAL_METHODS);
  const claim = await peer.call('claim', {});
  if (!claim.ok) return claim;
  try {
    closeSync(openSync(claim.value.file, 'wx', 0o600));
  } catch (error) {
    const why = `${claim.value.file}, which shows the agent who asks, could not be made (${errorCode(error)}).`;
    return failure(problem('disk-full', why));
  }
  const proved = await peer.call('prove', { pid: process.pid });
  return proved.ok ? success(peer) : proved;
}
