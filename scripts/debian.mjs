/** What the tests and scripts need of the system: Debian's packages, installed when we may, named in one sentence when we may not. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Program and the package that has it. */
const NEEDED = {
  'chromium-headless-shell': 'chromium-headless-shell',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  dash: 'dash',
  bash: 'bash',
  busybox: 'busybox',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  ip: 'iproute2',
  tc: 'iproute2',
  python3: 'python3',
  sudo: 'sudo',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  pdftotext: 'poppler-utils',
};

/**
 * Ends with a sentence when something is missing that cannot be installed. What is needed is a program and its package
 * each, and the sentence tells for what.
 */
export function ensurePrograms(needed = NEEDED, purpose = 'the tests') {
  const missing = Object.keys(needed).filter((program) => !isThere(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((program) => needed[program]))];
  const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  if (mayInstall) {
    process.stderr.write(`Installing Debian's ${packages.join(', ')} for ${purpose} ...\n`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const steps = [
      ['update', '-qq'],
      ['install', '-y', '-qq', '--no-install-recommends', ...packages],
    ];
    for (const step of steps) {
      const done = spawnSync('apt-get', step, { env, encoding: 'utf8' });
      if (done.status !== 0)
        process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? done.error?.message ?? ''}\n`);
    }
  }
  const still = missing.filter((program) => !isThere(program));
  if (still.length === 0) return;
  process.stderr.write(
    `Needed for ${purpose}: ${still.join(', ')}. Install Debian's ${packages.join(', ')} or the like, then try again.\n`,
  );
  process.exit(1);
}

function isThere(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
