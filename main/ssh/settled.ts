/** Waits until a session is connected or is not going to be by itself just now. */
import type { ConnectionState } from '../../common/model/node.ts';
import type { SshSession } from './index.ts';

/** The state of a session that neither connects nor asks just now. */
export function settled(session: SshSession): Promise<ConnectionState> {
  const isSettled = ({ kind }: ConnectionState): boolean =>
    kind === 'connected' || kind === 'waiting' || kind === 'failed' || kind === 'none';
  if (isSettled(session.state)) return Promise.resolve(session.state);
  return new Promise((resolve) => {
    const end = session.onState((state) => {
      if (!isSettled(state)) return;
      end();
      resolve(state);
    });
  });
}
