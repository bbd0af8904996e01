/**
 * TLS between agents: version 1.3, both sides with certificates of the cluster's authority. A peer that has none is cut
 * off before it gets or gives a byte of ours; all it can see of a node is its certificate, which names a number.
 */
import { constants, X509Certificate } from 'node:crypto';
import type { ConnectionOptions, TLSSocket, TlsOptions } from 'node:tls';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { ClusterMap } from '../../common/trust/map.ts';
import { memberOf, type Identity } from './identity.ts';

/** Options of the server. Its `secureConnection` gives sockets whose `peerNode` is to be asked before anything else. */
export function serverOptions(identity: Identity): TlsOptions {
  // No tickets: who comes again shows its certificate again.
  return { ...sharedOptions(identity), requestCert: true, secureOptions: constants.SSL_OP_NO_TICKET };
}

/**
 * Options of a connection to a node. The node's certificate is checked before the first byte is sent. A node that refuses
 * ours ends the connection after `secureConnect`, without a word: only what it sends says that it has let us in.
 */
export function clientOptions(identity: Identity, node: number): ConnectionOptions {
  return {
    ...sharedOptions(identity),
    servername: '',
    // Instead of a host's name the certificate has the node's number.
    checkServerIdentity: (_name, { raw }) => {
      const member = memberOf(identity.map, new X509Certificate(raw));
      if (!member.ok) return new Error(member.problem.message);
      return member.value.id === node ? undefined : new Error(`node ${member.value.id} answered for ${node}`);
    },
  };
}

/** The node at the other end, as its certificate says. Problems: permission-denied (none, or not in this map). */
export function peerNode(socket: TLSSocket, map: ClusterMap): Result<number> {
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined) {
    return failure(problem('permission-denied', 'The peer has no certificate of this cluster.'));
  }
  const member = memberOf(map, certificate);
  return member.ok
    ? success(member.value.id)
    : failure(problem('permission-denied', `The peer is refused: ${member.problem.message}.`));
}

function sharedOptions({ key, certificate, authority }: Identity) {
  return {
    key,
    cert: certificate,
    ca: authority,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    rejectUnauthorized: true,
  } as const;
}
