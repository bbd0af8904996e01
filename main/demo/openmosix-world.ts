/** The simulated openMosix cluster as the demo's SSH server shows it. */
import { SimulatedOperator } from './operator.ts';
import { SimulatedSampler } from './sampler.ts';
import type { Simulation } from './simulation.ts';
import type { DemoWorld } from './world.ts';

const STEP_SECONDS = 0.5;

/** Shows a simulation. */
export function openmosixWorld(simulation: Simulation): DemoWorld {
  return {
    nodes: simulation.ids.map((id) => ({ id, name: simulation.machine(id).name })),
    stepSeconds: STEP_SECONDS,
    step: () => simulation.step(STEP_SECONDS),
    isUp: (id) => simulation.machine(id).up,
    sampler: (id) => new SimulatedSampler(simulation, id),
    operator: (id, obedience) => new SimulatedOperator(simulation, id, obedience),
  };
}
