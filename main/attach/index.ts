/**
 * Several programs on one data folder: the one that holds its lock has a door (door.ts), the others attach their windows
 * to it, have it do one thing, or take its place when it ends (place.ts).
 */
import type { CallInput, CallName, CallOutput } from '../../common/contract/contract.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { Desk } from '../desk.ts';
import { dialFolder, openLink } from './link.ts';
import { NO_EVENTS, Place, type PlaceOptions } from './place.ts';
import type { Hello } from './protocol.ts';
import { RemoteDesk } from './remote-desk.ts';
import { programOn, type WayState } from './remote-window.ts';

export { attachOverSsh } from './over-ssh.ts';
export { openDoor, type Door } from './door.ts';
export { NO_EVENTS, startOrFind } from './place.ts';
export type { Succession } from './protocol.ts';
export { programOn, wayLine, type WayState } from './remote-window.ts';

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

/**
 * Attaches to the program that works on a data folder of this machine, `now` as it said who it is. When that ends and no
 * other has the folder, one is started here in its place, and the windows are attached to that.
 */
export function attachToFolder(options: AttachOptions & PlaceOptions, now: Hello): Attached {
  const place = new Place(options, now);
  const desk = new RemoteDesk({
    version: options.version,
    makeDial: () => place.dial,
    onState: (state) => {
      if (state.kind === 'open') place.has(state.hello);
      options.onState(state);
    },
  });
  return {
    desk,
    title: `mosview (${programOn(now)})`,
    attachedTo: programOn(now),
    dispose: async () => {
      await desk.close();
      await place.close();
    },
  };
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
