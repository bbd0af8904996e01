/** `mosview collect --install`: the collector as a service of the user's systemd. What is done is said before it is done. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { fileProblem } from '../settings/files.ts';

const UNIT = 'mosview-collect.service';

export interface ServiceOptions {
  /** Where the unit's text is. */
  readonly resourcesFolder: string;
  /** Takes what is said, line by line. */
  readonly say: (line: string) => void;
}

/** Installs and starts the service that runs a command. Problems: not-available (no systemd), those of the file. */
export function installService(
  command: readonly string[],
  { resourcesFolder, say }: ServiceOptions,
): Result<void> {
  const file = unitFile();
  const steps = [['daemon-reload'], ['enable', UNIT], ['restart', UNIT]];
  say(`Writing ${file}, which runs\n  ${command.join(' ')}\nthen`);
  for (const step of steps) say(`  systemctl --user ${step.join(' ')}`);
  try {
    const text = unitText(readFileSync(join(resourcesFolder, UNIT), 'utf8'), command);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    return failure(fileProblem(error, `${file} could not be written`));
  }
  const done = runSteps(steps, `${file} is written, but`);
  if (done.ok) {
    say('It runs. Its lines: journalctl --user -u mosview-collect');
    say('So that it also runs while you are not logged in: loginctl enable-linger');
  }
  return done;
}

/** Stops and removes the service; what it recorded stays. Problems: not-found, not-available, those of the file. */
export function uninstallService({ say }: ServiceOptions): Result<void> {
  const file = unitFile();
  if (!existsSync(file)) return failure(problem('not-found', `There is no ${file}`));
  say(`systemctl --user disable --now ${UNIT}, then removing ${file}; what was recorded stays`);
  const stopped = runSteps([['disable', '--now', UNIT]], `${file} is left, because`);
  if (!stopped.ok) return stopped;
  try {
    rmSync(file);
  } catch (error) {
    return failure(fileProblem(error, `${file} could not be removed`));
  }
  return runSteps([['daemon-reload']], `${file} is removed, but`);
}

/** The unit's text with the command that it runs. */
export function unitText(template: string, command: readonly string[]): string {
  return template.replace(/^ExecStart=.*$/m, () => `ExecStart=${command.map(quoted).join(' ')}`);
}

/** A word of a command as systemd reads it (systemd.service(5), systemd.syntax(7)). */
function quoted(word: string): string {
  const escaped = word
    .replaceAll(/[\\"]/g, String.raw`\$&`)
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$');
  return `"${escaped}"`;
}

function unitFile(): string {
  const config = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  return join(config, 'systemd', 'user', UNIT);
}

function runSteps(steps: readonly (readonly string[])[], before: string): Result<void> {
  for (const step of steps) {
    const run = spawnSync('systemctl', ['--user', ...step], { encoding: 'utf8', timeout: 60_000 });
    if (run.status === 0) continue;
    const words = run.error?.message ?? run.stderr.trim();
    return failure(problem('not-available', `${before} "systemctl --user ${step.join(' ')}" failed`, words));
  }
  return success(undefined);
}
