/** Throw-away keys for the demo. */
import ssh2 from 'ssh2';

/**
 * A new Ed25519 key pair in OpenSSH's format. ssh2 1.17 writes about one key in 180 with a leading zero byte too few,
 * which it then cannot read itself; such a pair is thrown away.
 */
export function newKeyPair(comment: string): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    const readable = !(ssh2.utils.parseKey(pair.private) instanceof Error);
    if (readable && !(ssh2.utils.parseKey(pair.public) instanceof Error)) return pair;
  }
}
