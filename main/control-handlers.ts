/** The calls that change nodes and show processes and migrations: each handed to the service that knows. */
import { expectedMoves, withSpeeds } from '../common/balance/index.ts';
import type { controlCalls } from '../common/contract/control-calls.ts';
import { success, type Result } from '../common/model/result.ts';
import type { Handlers } from './calls.ts';
import type { Control, ControlNodes } from './control/types.ts';
import { noNode } from './node-handlers.ts';
import { processesTopic, type ProcessWatch } from './process-watch.ts';

/** The topic of windows that show where processes are. */
export const PLACEMENTS_TOPIC = 'placements';

/** What the calls are handed to. */
export interface ControlServices {
  readonly control: Control;
  readonly nodes: ControlNodes;
  readonly processWatch: ProcessWatch;
}

/** Handlers of `controlCalls`. `services` is asked at each call: they begin later than the handlers. */
export function controlHandlers(services: () => ControlServices): Pick<Handlers, keyof typeof controlCalls> {
  const nothing = success({});
  const done = (result: Result<unknown>): Result<Record<string, never>> => (result.ok ? nothing : result);
  return {
    control: () => success(services().control.state()),
    unlock: ({ minutes }) => services().control.unlock(minutes),
    lock: () => services().control.lock(),
    plan: ({ order }) => services().control.plan(order),
    apply: ({ plan }) => services().control.apply(plan),
    actions: (query) => {
      const actions = services().control.actions(query);
      return actions.ok ? success({ actions: [...actions.value] }) : actions;
    },
    audit: ({ before, limit }) => {
      const audit = services().control.audit({ before, limit });
      return audit.ok ? success({ entries: [...audit.value.entries], broken: audit.value.broken }) : audit;
    },
    previewSpeeds: ({ speeds }) => {
      const { nodes } = services();
      const wanted = new Map<number, number>();
      for (const { key, speed } of speeds) {
        const node = nodes.find(key);
        if (node === undefined) return noNode(key);
        wanted.set(node.id, speed);
      }
      const present = nodes.all();
      const { now } = expectedMoves(present);
      const { after, moves } = expectedMoves(withSpeeds(present, wanted));
      return success({ now, after, moves: [...moves] });
    },
    watchProcesses: ({ key, on }, caller) => {
      const { nodes, processWatch } = services();
      if (on && nodes.find(key) === undefined) {
        return noNode(key);
      }
      caller.listen(processesTopic(key), on);
      if (on) processWatch.start(key);
      return nothing;
    },
    watchPlacements: ({ on }, caller) => {
      caller.listen(PLACEMENTS_TOPIC, on);
      return nothing;
    },
    groups: () => success({ groups: [...services().control.groups()] }),
    saveGroup: async ({ group }) => done(await services().control.saveGroup(group)),
    removeGroup: async ({ name }) => done(await services().control.removeGroup(name)),
    groupMembers: async ({ name }) => {
      const members = await services().control.groupMembers(name);
      return members.ok
        ? success({ members: [...members.value.members], missing: [...members.value.missing] })
        : members;
    },
    run: ({ key, command, placement }) => services().control.run(key, command, placement),
    runs: () => success({ runs: [...services().control.runs()] }),
    stopRun: ({ number }) => done(services().control.stopRun(number)),
  };
}
