/**
 * The bridge of the desktop program: exactly the contract, over one channel for calls and one for pushes. It runs in
 * the sandbox, in a world of its own; the window gets four plain functions and never sees ipcRenderer or an event.
 */
import { contextBridge, ipcRenderer } from 'electron';
import type { Bridge, Envelope } from '../common/contract/bridge.ts';
import { problem } from '../common/contract/problem.ts';

/** What a window hands to `on`, with the type of its payload worn off; each is only called with its own push. */
type Listener = (payload: unknown) => void;

const listeners = new Map<string, Set<Listener>>();

ipcRenderer.on('mosview:push', (_event, name: string, payload: unknown) => {
  for (const listener of listeners.get(name) ?? []) listener(payload);
});

const bridge: Bridge = {
  async call(name, input) {
    try {
      return (await ipcRenderer.invoke('mosview:call', name, input)) as Envelope<never>;
    } catch (error) {
      return { problem: problem('internal-error', `The call ${name} did not get through.`, String(error)) };
    }
  },

  on(name, listener) {
    const ofName = listeners.get(name) ?? new Set();
    listeners.set(name, ofName);
    ofName.add(listener as Listener);
    return () => {
      ofName.delete(listener as Listener);
    };
  },

  onConnection(listener) {
    listener(true);
    return bridge.on('connection', ({ connected }) => listener(connected));
  },
};

contextBridge.exposeInMainWorld('mosview', bridge);
