/** What a host puts into the window before the window's own script runs. */
import type { Bridge } from '../common/contract/bridge.ts';

declare global {
  interface Window {
    readonly mosview: Bridge;
  }
}
