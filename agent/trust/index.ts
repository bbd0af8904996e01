/** Who is in the cluster, and how nodes prove it to each other. Everything else in this folder is behind these. */
export { enrolCommand } from './command.ts';
export { DATAGRAM_BYTES, Opener, SEAL_BYTES, Sealer, type Opened } from './datagrams.ts';
export { loadIdentity, ownMember, type Identity } from './identity.ts';
export { NewerMaps } from './passed-on.ts';
export { watchIdentity } from './renewed.ts';
export { clientOptions, peerNode, serverOptions } from './tls.ts';
