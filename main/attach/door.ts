/**
 * The way into a running program: a socket in its data folder, at which windows of other programs and commands attach.
 * Only the program that holds the folder's lock listens there, so that whoever finds the folder in use finds the door.
 */
import { chmodSync, rmSync, statSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { Desk } from '../desk.ts';
import { attachFramed, LARGEST_BACKLOG, LARGEST_CALL } from '../window-frames.ts';
import { PROTOCOL, THIS_RUN, type Hello, type Succession } from './protocol.ts';
import { FrameSplitter, streamFrame } from './split.ts';

/** Name of the socket in the data folder. */
export const SOCKET_NAME = 'mosview.sock';

/** Bytes of a socket's path that every system takes (108 with a NUL on Linux, 104 elsewhere). */
const LONGEST_PATH = 103;

export interface DoorOptions {
  readonly dataFolder: string;
  readonly desk: Desk;
  readonly version: string;
  /** True for a program without a window of its own. */
  readonly unattended: boolean;
  /** What another program needs to go on in this one's place; undefined where none can. */
  readonly succession?: Succession | undefined;
  /** Default: this run of this program. */
  readonly run?: string;
}

/** An open door. */
export interface Door {
  /** The socket. */
  readonly path: string;
  /** Lets nobody in any more and ends those who are. */
  close(): Promise<void>;
}

/**
 * The socket of a data folder. Problems: not-available on a system without such sockets, or where the path is too long
 * for one.
 */
export function socketOf(dataFolder: string): Result<string> {
  const path = join(dataFolder, SOCKET_NAME);
  if (process.platform === 'win32') {
    return unavailable(
      'Windows cannot attach to a running mosview on this system: it has no sockets in folders.',
    );
  }
  return Buffer.byteLength(path) <= LONGEST_PATH
    ? success(path)
    : unavailable(
        `Windows cannot attach here: the path ${path} is too long for a socket (${LONGEST_PATH} bytes).`,
      );
}

/** Why no door is opened in a data folder: others may enter it. */
export function troubleOfFolder(dataFolder: string): Problem | undefined {
  const { mode, uid } = statSync(dataFolder);
  if ((mode & 0o077) === 0 && uid === process.getuid?.()) return undefined;
  const words = `Windows cannot attach to the mosview of this folder, because others may enter ${dataFolder}: chmod 700 it, then start it again.`;
  return problem('permission-denied', words);
}

/** Opens the door of a data folder whose lock the caller holds. Problems: not-available, permission-denied. */
export async function openDoor(options: DoorOptions): Promise<Result<Door>> {
  const { dataFolder } = options;
  const path = socketOf(dataFolder);
  if (!path.ok) return path;
  const trouble = troubleOfFolder(dataFolder);
  if (trouble !== undefined) return failure(trouble);
  // What a program that was killed has left; the lock says that there is none now.
  rmSync(path.value, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    letIn(socket, options);
  });
  const refused = await new Promise<Error | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen(path.value, () => resolve(undefined));
  });
  if (refused !== undefined) {
    return unavailable(`Windows cannot attach to this program: ${path.value}: ${refused.message}.`);
  }
  chmodSync(path.value, 0o600);
  return success({
    path: path.value,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  });
}

function letIn(socket: Socket, options: DoorOptions): void {
  const { desk, version, unattended, succession, run = THIS_RUN } = options;
  const send = (message: unknown): void => {
    if (socket.destroyed) return;
    if (socket.writableLength > LARGEST_BACKLOG) socket.destroy();
    else socket.write(streamFrame(message));
  };
  const hello: Hello = { protocol: PROTOCOL, version, host: hostname(), unattended, run, succession };
  send({ mosview: hello });
  const window = attachFramed(desk, send, (open, title) => send({ open, title }));
  const splitter = new FrameSplitter(LARGEST_CALL);
  socket.on('data', (chunk) => {
    if (splitter.take(chunk)?.every((frame) => window.receive(frame)) !== true) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => window.detach());
}

function unavailable(words: string): Result<never> {
  return failure(problem('not-available', words));
}
