/**
 * Compiles ssh2's own ciphers where a C++ compiler is there: with them a packet costs half as much. Without one, or in a
 * Node they were not made for, ssh2 uses Node's ciphers and everything works as well.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { root } from './node.mjs';

/** Compiles once; a failure is said and not tried again. */
export function ensureCiphers() {
  const folder = join(root, 'node_modules', 'ssh2', 'lib', 'protocol', 'crypto');
  const tool = join(root, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const node = dirname(dirname(process.execPath));
  const here = existsSync(join(folder, 'binding.gyp')) && existsSync(tool);
  if (!here || existsSync(join(folder, 'build')) || !existsSync(join(node, 'include', 'node', 'node.h')))
    return;
  if (!['g++', 'make', 'python3'].every(isInstalled)) return;
  process.stderr.write("Compiling ssh2's ciphers (once) ...\n");
  const [openssl] = process.versions.openssl.split('.');
  const compiled = spawnSync(
    process.execPath,
    [tool, 'rebuild', `--nodedir=${node}`, `--real_openssl_major=${openssl}`],
    { cwd: folder, stdio: 'ignore', timeout: 120_000 },
  );
  if (compiled.status !== 0) process.stderr.write("They could not be compiled; Node's ciphers are used.\n");
}

function isInstalled(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}
