/** What the numbers below admin/ are and what happens when one is written, as openMosix' 2.4 kernel does it. */
import type { NodeSetting } from '../../common/model/status.ts';
import type { Machine } from './machine.ts';
import type { ListedProcess } from './process.ts';
import type { Simulation } from './simulation.ts';

const SETTINGS: readonly NodeSetting[] = ['block', 'stay', 'lstay', 'quiet', 'nomfs'];
const DECAY = ['decayinterval', 'slowdecay', 'fastdecay'] as const;

/** The files of admin/ that hold a number which an operator may write. */
export const ADMIN_NAMES: readonly string[] = [...SETTINGS, 'speed', 'expel', 'bring', ...DECAY];

/** The files of /proc/PID that a number is written to. */
export type ProcessFile = 'goto' | 'migrate' | 'lock';

/** What admin/NAME reads; expel and bring read 1 while work remains. Undefined for any other name. */
export function adminNumber(simulation: Simulation, machine: Machine, name: string): number | undefined {
  const setting = SETTINGS.find((each) => each === name);
  if (setting !== undefined) return machine.has(setting) ? 1 : 0;
  const decay = DECAY.find((each) => each === name);
  if (decay !== undefined) return machine.decay[decay];
  if (name === 'speed') return machine.speed;
  if (name === 'expel') return simulation.isExpelling(machine.id) ? 1 : 0;
  if (name === 'bring') return simulation.isBringing(machine.id) ? 1 : 0;
  return undefined;
}

/** Writes to one of ADMIN_NAMES. False where the kernel finds the number invalid. */
export function writeAdmin(simulation: Simulation, machine: Machine, name: string, value: number): boolean {
  const decay = DECAY.find((each) => each === name);
  if (decay !== undefined) {
    if (value < 0) return false;
    machine.decay[decay] = value;
    return true;
  }
  if (name === 'speed') {
    if (value < 1) return false;
    simulation.setSpeed(machine.id, value);
    return true;
  }
  if (value !== 0 && value !== 1) return false;
  const setting = SETTINGS.find((each) => each === name);
  if (setting !== undefined) simulation.setSetting(machine.id, setting, value === 1);
  else if (value === 1 && name === 'expel') simulation.expel(machine.id);
  else if (value === 1 && name === 'bring') simulation.bring(machine.id);
  return true;
}

/**
 * Writes to a process' file: 0 sends it home, -1 wherever it is lighter, any other number to that node. What cannot be
 * done is accepted all the same. A guest does not heed goto, which is its home's.
 */
export function writeProcess(
  simulation: Simulation,
  { process, guest }: ListedProcess,
  file: ProcessFile,
  value: number,
): void {
  if (file === 'lock') {
    if (value === 0 || value === 1) process.locked = value === 1;
  } else if (guest && file === 'goto') return;
  else if (value === -1) simulation.rebalance(process.home.id, process.pid);
  else simulation.migrate(process.home.id, process.pid, value);
}
