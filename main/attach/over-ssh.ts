/** Windows of a collector on another machine: over a session of our own SSH to the socket in its data folder. */
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { openHistoryReader } from '../history/index.ts';
import { settingsFileOf } from '../paths.ts';
import { makeDataFolder } from '../settings/files.ts';
import { Settings } from '../settings/settings.ts';
import { createSshService, settled, type SshService, type SshSession } from '../ssh/index.ts';
import { SOCKET_NAME } from './door.ts';
import type { Attached, AttachOptions } from './index.ts';
import { RemoteDesk } from './remote-desk.ts';
import type { FarTarget } from './target.ts';

const LOOK_MILLISECONDS = 20_000;
const LOOK_BYTES = 4096;

export interface FarOptions extends AttachOptions {
  readonly target: FarTarget;
  /** Settings of this machine: which SSH configuration holds. Default: settings.json in the data folder. */
  readonly settingsFile?: string | undefined;
}

/**
 * Attaches windows to a collector on another machine. They can be opened at once: what is asked on the way (a host key, a
 * password) is asked in them, and what stands in the way is said there. What this machine recorded itself is shown
 * where the collector has nothing. Problems: those of the data folder and the settings of this machine.
 */
export async function attachOverSsh(options: FarOptions): Promise<Result<Attached>> {
  const { dataFolder, target, version, onState } = options;
  const folder = makeDataFolder(dataFolder);
  if (!folder.ok) return folder;
  const settings = await Settings.open(options.settingsFile ?? settingsFileOf(dataFolder));
  if (!settings.ok) return settings;
  const { sshConfigFile, knownHostsFiles } = settings.value.values;
  // Where nothing was ever recorded here, there is nothing to add.
  const own = await openHistoryReader(dataFolder);
  let ssh: SshService | undefined;
  const desk = new RemoteDesk({
    version,
    onState,
    ownHistory: own.ok ? own.value : undefined,
    makeDial: (prompter) => {
      ssh = createSshService({ dataFolder, prompter, configFile: sshConfigFile, knownHostsFiles });
      const session = ssh.open(target.entry);
      return (isFirst = false) => dialOverSsh(session, target, isFirst);
    },
  });
  return success({
    desk,
    title: `mosview (attached to ${target.text})`,
    attachedTo: target.text,
    dispose: async () => {
      await desk.close();
      await ssh?.dispose();
    },
  });
}

/** A stream to the socket over there. An operator who tries again may be asked again. */
async function dialOverSsh(
  session: SshSession,
  target: FarTarget,
  isFirst: boolean,
): Promise<Result<Duplex>> {
  if (isFirst && session.state.kind === 'failed') session.reconnect();
  const state = await settled(session);
  if (state.kind !== 'connected') {
    return failure('problem' in state ? state.problem : problem('cancelled', `${target.text} was left`));
  }
  const looked = await session.exec('/bin/sh', {
    input: lookScript(target.folder),
    timeoutMilliseconds: LOOK_MILLISECONDS,
    maxBytes: LOOK_BYTES,
  });
  if (!looked.ok) return looked;
  const [folder = '', found] = looked.value.stdout.toString('utf8').split('\n');
  const { name } = target.entry;
  if (found !== 'socket') {
    const what = found === 'folder' ? 'no mosview is running on' : 'there is no data folder';
    const words = `On ${name} ${what} ${folder.slice(0, 1000)}; start "mosview collect" there`;
    return failure(problem('not-available', words));
  }
  const stream = await session.openSocket(join(folder, SOCKET_NAME));
  if (stream.ok || stream.problem.code === 'connection-lost') return stream;
  const words = `${name} let nobody through to the mosview that works on ${folder}. Its SSH server may forbid it (AllowStreamLocalForwarding or DisableForwarding in sshd_config), or the mosview there was killed`;
  return failure(problem('not-available', words, stream.problem.message));
}

/** Prints the data folder, then whether a mosview has its socket there: `socket`, `folder` or `nothing`. */
function lookScript(folder: string | undefined): string {
  const named = `d='${(folder ?? '').replaceAll("'", String.raw`'\''`)}'`;
  const usual = [
    'd="${XDG_DATA_HOME:-$HOME/.local/share}/mosview"',
    '[ "$(uname)" = Darwin ] && d="$HOME/Library/Application Support/mosview"',
  ].join('\n');
  return `${folder === undefined ? usual : named}
printf '%s\\n' "$d"
if [ -S "$d/${SOCKET_NAME}" ]; then echo socket; elif [ -d "$d" ]; then echo folder; else echo nothing; fi
`;
}
