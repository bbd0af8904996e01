/** What is written into the flat files, as orders; the same that `mos` gives. */
import { problem } from '../common/contract/problem.ts';
import { failure, success, type Result } from '../common/model/result.ts';
import type { FileHandlers } from './files/flat-files.ts';
import type { Home, HomeJob } from './home/home.ts';
import type { Orders } from './orders.ts';
import type { SettingsFile } from './settings.ts';

export interface FileOrdersParts {
  readonly orders: Orders;
  readonly home: Home;
  readonly settings: SettingsFile;
  readonly log: (sentence: string) => void;
}

export function fileOrders({ orders, home, settings, log }: FileOrdersParts): FileHandlers {
  const job = (pid: number): Result<HomeJob> => {
    const found = home.ofPid(pid);
    return found === undefined ? failure(problem('not-found', `Process ${pid} has ended.`)) : success(found);
  };
  return {
    onSwitch: (name, on) => settings.set({ [name]: on }),
    onSpeed: (speed) => settings.set({ speed }),
    async onExpel() {
      const left = await orders.expel();
      return left === 0
        ? success(undefined)
        : failure(problem('cannot-move', `${left} guests could not leave.`));
    },
    async onBring() {
      const away = await orders.bring();
      return away === 0
        ? success(undefined)
        : failure(problem('cannot-move', `${away} processes could not come home.`));
    },
    async onGoto(pid, target) {
      const moved = await orders.migrate(pid, target === -1 ? 'best' : target, 'operator');
      return moved.ok ? success(undefined) : moved;
    },
    onLock(pid, on) {
      const found = job(pid);
      if (found.ok) home.mark(found.value, { locked: on });
      return found.ok ? success(undefined) : found;
    },
    onGroup(pid, group) {
      const found = job(pid);
      if (found.ok) home.mark(found.value, { group });
      return found.ok ? success(undefined) : found;
    },
    log,
  };
}
