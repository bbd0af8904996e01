/** openMosix' rule of balancing, as each simulated machine decides for itself. */
import type { Machine } from './machine.ts';
import type { SimulatedProcess } from './process.ts';
import { wholeBetween, type Random } from '../../common/model/random.ts';

/** Peers a node compares itself with in one decision: openMosix' load vector. */
const LOAD_VECTOR = 8;
/** A target must stay better with this many times the load of the process that goes there. */
const STABILITY = 1.3;
const YOUNGEST_TRAVELLER = 2;

/** Whether a machine takes guests. */
export function acceptsGuests(machine: Machine): boolean {
  return machine.up && !machine.has('block');
}

/**
 * Who is to leave a machine now, and where to: a node with more load than a peer would have with one process more gives
 * away the second heaviest process that may go, so that the heaviest, which just may have settled, stays.
 */
export function nextMove(
  random: Random,
  machine: Machine,
  machines: readonly Machine[],
): { readonly process: SimulatedProcess; readonly target: Machine } | undefined {
  if (machine.runnable < 2 || machine.has('stay') || machine.has('quiet')) return undefined;
  const target = lightestPeer(random, machine, machines);
  const process = target && traveller(machine, target);
  return target && process && { process, target };
}

/** The peer that would be lightest with one process more, among some that are looked at; none when all are heavier. */
export function lightestPeer(
  random: Random,
  machine: Machine,
  machines: readonly Machine[],
): Machine | undefined {
  let lightest: Machine | undefined;
  let least = machine.runnable * machine.processLoad;
  const looks = Math.min(LOAD_VECTOR, machines.length);
  const all = looks === machines.length;
  for (let look = 0; look < looks; look += 1) {
    const peer = machines[all ? look : wholeBetween(random, 0, machines.length - 1)] ?? machine;
    if (peer === machine) continue;
    // The present number of runnable processes counts too, so that not everybody sends to the same light node.
    const load = Math.max(peer.load, peer.runnable * peer.processLoad) + peer.processLoad * STABILITY;
    if (load < least && acceptsGuests(peer) && !peer.has('quiet')) {
      least = load;
      lightest = peer;
    }
  }
  return lightest;
}

/** The second heaviest process that may leave by itself, the heaviest where there is only one. */
function traveller(machine: Machine, target: Machine): SimulatedProcess | undefined {
  let heaviest: SimulatedProcess | undefined;
  let second: SimulatedProcess | undefined;
  for (const process of machine.processes) {
    if (!mayLeave(process, machine) || process.program.pages > target.availablePages) continue;
    if (heaviest === undefined || process.cpuSeconds > heaviest.cpuSeconds) {
      second = heaviest;
      heaviest = process;
    } else if (second === undefined || process.cpuSeconds > second.cpuSeconds) second = process;
  }
  return second ?? heaviest;
}

/** Whether a process may leave by itself: nothing forbids it, it is at work, and old enough. */
function mayLeave(process: SimulatedProcess, machine: Machine): boolean {
  if (process.journey !== undefined || process.locked || process.program.cantMove !== '') return false;
  if (!process.running || process.stopped || process.age < YOUNGEST_TRAVELLER) return false;
  return process.home !== machine || !machine.has('lstay');
}
