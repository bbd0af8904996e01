/** The socket at which `mos` asks this node's agent. All may connect; each user sees all jobs and orders only its own. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { Deputy } from '../home/home.ts';
import { Peer, type Answer, type Handlers, type Params } from '../wire/peer.ts';
import { identify, newClaim, type Identified } from './caller.ts';
import { DEPUTY_NOTICES, LOCAL_METHODS } from './protocol.ts';

type Local = typeof LOCAL_METHODS;

/** What a caller that is known may ask; each answers for that caller. */
export type LocalHandlers = {
  readonly [Name in Exclude<keyof Local, 'claim' | 'prove'>]: (
    caller: Identified,
    params: Params<Local, Name>,
    body: Buffer,
    deputy: Deputy,
  ) => Result<Answer<Local, Name>> | Promise<Result<Answer<Local, Name>>>;
};

/** Listens; `claims` is the folder of proofs. */
export async function serveLocal(
  socketPath: string,
  claims: string,
  handlers: LocalHandlers,
): Promise<Server> {
  const server = createServer((stream) => {
    let claim: string | undefined;
    let caller: Identified | undefined;
    const known = <Name extends keyof LocalHandlers>(name: Name) =>
      ((params: Params<Local, Name>, body: Buffer) =>
        caller === undefined
          ? failure(problem('permission-denied', 'The caller has not shown who it is.'))
          : handlers[name](caller, params, body, peer)) as Handlers<Local>[Name];
    const names = Object.keys(handlers) as (keyof LocalHandlers)[];
    const peer: Deputy = new Peer(
      'the deputy',
      stream,
      LOCAL_METHODS,
      {
        ...(Object.fromEntries(names.map((name) => [name, known(name)])) as Omit<
          Handlers<Local>,
          'claim' | 'prove'
        >),
        claim: () => {
          claim = newClaim(claims);
          return success({ file: claim });
        },
        prove: ({ pid }) => {
          const identified = identify(claim ?? '', pid);
          claim = undefined;
          if (!identified.ok) return identified;
          caller = identified.value;
          return success({ uid: caller.uid });
        },
      } satisfies Handlers<Local>,
      DEPUTY_NOTICES,
    );
  });
  rmSync(socketPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  chmodSync(socketPath, 0o666);
  return server;
}
