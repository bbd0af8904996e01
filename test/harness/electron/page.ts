/**
 * The renderer's side of the stand-in: runs in the page before its scripts and gives the preload a `require` that
 * knows only `electron`. Values are copied across the bridge as contextBridge copies them.
 */

/** What an invoke ends with, as the main side answers it. */
export type Answer = { readonly value: unknown } | { readonly error: string };

/** What the stand-in puts into every page. */
interface PageGlobals {
  readonly standInInvoke: (channel: string, values: readonly unknown[]) => Promise<Answer>;
  standInReceive: (channel: string, values: readonly unknown[]) => void;
}

/** The script for a window's pages; `preload` is the text of the built preload, run in main frames only. */
export function pageScript(preload: string): string {
  const run = `function (require, module, exports) {${preload}\n}`;
  return `if (globalThis.top === globalThis) (${installElectron.toString()})(${run});`;
}

type Preload = (require: (name: string) => unknown, module: object, exports: object) => void;
type Listener = (event: object, ...values: unknown[]) => void;

/** Self-contained: it is sent to the page as text. */
function installElectron(preload: Preload): void {
  const page = globalThis as unknown as PageGlobals;
  const listeners = new Map<string, Listener[]>();

  const copy = (value: unknown): unknown => {
    if (typeof value === 'function') {
      const call = value as (...values: unknown[]) => unknown;
      return (...values: unknown[]) => copy(call(...values.map(copy)));
    }
    if (value instanceof Promise) return value.then(copy);
    if (Array.isArray(value)) return value.map(copy);
    if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copy(part)]));
    }
    return structuredClone(value);
  };

  const electron = {
    contextBridge: {
      exposeInMainWorld(name: string, api: unknown): void {
        if (name in globalThis) throw new Error(`Cannot bind an API on top of the property "${name}".`);
        Object.defineProperty(globalThis, name, { value: Object.freeze(copy(api)), writable: false });
      },
    },
    ipcRenderer: {
      async invoke(channel: string, ...values: unknown[]): Promise<unknown> {
        const answer = await page.standInInvoke(channel, structuredClone(values));
        if ('error' in answer) throw new Error(`Error invoking remote method '${channel}': ${answer.error}`);
        return answer.value;
      },
      on(channel: string, listener: Listener): void {
        listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      },
    },
  };

  page.standInReceive = (channel, values) => {
    for (const listener of listeners.get(channel) ?? []) listener({}, ...values);
  };
  const require = (name: string): unknown => {
    if (name === 'electron') return electron;
    throw new Error(`module not found: ${name}`);
  };
  const module = { exports: {} };
  preload(require, module, module.exports);
}
