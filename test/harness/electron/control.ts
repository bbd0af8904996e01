/** What a test and the stand-in say to each other over the child process's own channel. */
import type { BrowserWindowConstructorOptions, MenuItemConstructorOptions } from 'electron';

/** A window as a test sees it. */
export interface WindowState {
  readonly id: number;
  readonly title: string;
  readonly url: string;
  readonly visible: boolean;
  /** How often the program brought it to the front. */
  readonly focused: number;
  readonly options: BrowserWindowConstructorOptions;
}

/** What a person, the desktop or an attacker does to a running program, and what can be looked at. */
export interface Actions {
  /** Where Chromium's second driver joins in. */
  endpoint(): string;
  windows(): readonly WindowState[];
  menu(): readonly MenuItemConstructorOptions[];
  /** What pages tried and the program denied, in order. */
  denials(): readonly ('navigation' | 'window')[];
  /** What the program asked of Chromium's sandbox and of the schemes before it was ready. */
  preparations(): { readonly sandboxed: boolean; readonly schemes: readonly unknown[] };
  /** Presses the window's close button. */
  close(id: number): void;
  /** Moves and sizes a window. */
  setBounds(id: number, bounds: { x: number; y: number; width: number; height: number }): void;
  /** Loads another page into a window, as no page could. */
  load(id: number, url: string): Promise<void>;
  /** Ends the program at once. */
  end(): void;
}

export interface Request {
  readonly id: number;
  readonly action: keyof Actions;
  readonly values: readonly never[];
}

export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };
