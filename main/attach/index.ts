/**
 * Several programs on one data folder: the one that holds its lock has a door (door.ts), the others attach their windows
 * to it, or have it do one thing.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { CallInput, CallName, CallOutput } from '../../common/contract/contract.ts';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { Desk } from '../desk.ts';
import { troubleOfFolder } from './door.ts';
import { dialFolder, openLink, type Dial } from './link.ts';
import type { Hello } from './protocol.ts';
import { RemoteDesk } from './remote-desk.ts';
import { programOn, type WayState } from './remote-window.ts';

export { attachOverSsh } from './over-ssh.ts';
export { openDoor, type Door } from './door.ts';
export { wayLine, type WayState } from './remote-window.ts';

/** A program that has just taken the lock opens its door within so many milliseconds. */
const DOOR_MILLISECONDS = 5000;
const LOOK_MILLISECONDS = 100;

const NO_EVENTS = { push: () => undefined, openWindow: () => undefined, ended: () => undefined };

/** Windows of a program that runs elsewhere. */
export interface Attached {
  readonly desk: Desk;
  readonly title: string;
  /** The program and its machine, in words. */
  readonly attachedTo: string;
  dispose(): Promise<void>;
}

export interface AttachOptions {
  readonly dataFolder: string;
  readonly version: string;
  readonly onState: (state: WayState) => void;
}

/** Attaches to the program that works on a data folder of this machine. Problems: data-folder-in-use with the reason why not. */
export async function attachToFolder({
  dataFolder,
  version,
  onState,
}: AttachOptions): Promise<Result<Attached>> {
  const dial = dialFolder(dataFolder);
  const hello = await greet(dial);
  if (!hello.ok) {
    const { message, detail } = troubleOfFolder(dataFolder) ?? hello.problem;
    const words = `Another mosview works on the data folder ${dataFolder}, and windows cannot attach to it: ${message}`;
    return failure(problem('data-folder-in-use', words, detail));
  }
  const desk = new RemoteDesk({ version, makeDial: () => dial, onState });
  return success({
    desk,
    title: `mosview (${programOn(hello.value)})`,
    attachedTo: programOn(hello.value),
    dispose: () => desk.close(),
  });
}

/**
 * Has the program that works on a data folder carry out one call, as a window would. Problems: those of the call;
 * not-found where no program works there, not-available for one of another protocol.
 */
export async function callRunning<Name extends CallName>(
  dataFolder: string,
  name: Name,
  input: CallInput<Name>,
): Promise<Result<CallOutput<Name>>> {
  const link = await openLink(dialFolder(dataFolder), NO_EVENTS);
  if (!link.ok) return link;
  const answer = await link.value.call(name, input);
  link.value.end();
  // The link has held the value against the schema of this very call.
  return 'value' in answer ? success(answer.value as CallOutput<Name>) : failure(answer.problem);
}

/** Who is there; waits for a door that is not open yet. */
async function greet(dial: Dial): Promise<Result<Hello>> {
  const deadline = performance.now() + DOOR_MILLISECONDS;
  for (;;) {
    const link = await openLink(dial, NO_EVENTS);
    if (link.ok) link.value.end();
    if (link.ok) return success(link.value.hello);
    if (performance.now() > deadline || link.problem.code !== 'not-found') return link;
    await pause(LOOK_MILLISECONDS);
  }
}
