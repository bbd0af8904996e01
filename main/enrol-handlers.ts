/** The calls about agents on nodes: plans over the sessions that are there, carried out while changes are allowed. */
import type { agentCalls } from '../common/contract/agent-calls.ts';
import type { NodeEntry } from '../common/contract/contract.ts';
import { problem, type Problem } from '../common/contract/problem.ts';
import { failure, success, type Result } from '../common/model/result.ts';
import type { CallDesk, Handlers } from './calls.ts';
import type { Control } from './control/types.ts';
import { operatorName } from './control/who.ts';
import { Enroller, type EnrolPlan } from './enrol/index.ts';
import { packageFilesOf } from './enrol/package.ts';
import { carryOutRecorded } from './enrol/recorded.ts';
import type { RemoteNode } from './enrol/remote.ts';
import type { Monitor } from './monitor.ts';
import { noNode } from './node-handlers.ts';

/** What the calls are handed to. */
export interface EnrolServices {
  readonly dataFolder: string;
  readonly resourcesFolder: string;
  readonly monitor: Monitor;
  readonly control: Control;
  /** Nodes of a demo are no machines that an agent could be on. */
  readonly isOfDemo: (entry: NodeEntry) => boolean;
  /** Tells every window. */
  readonly desk: Pick<CallDesk, 'pushAll'>;
  readonly onProblem: (problem: Problem) => void;
}

/** Handlers of `agentCalls`. `services` is asked at each call: they begin later than the handlers. */
export function enrolHandlers(services: () => EnrolServices): Pick<Handlers, keyof typeof agentCalls> {
  let latest: { readonly number: number; readonly plan: EnrolPlan; readonly enroller: Enroller } | undefined;
  let number = 0;
  return {
    agentPlan: async ({ kind, keys, cluster }) => {
      const { dataFolder, resourcesFolder, monitor, isOfDemo } = services();
      const entries: NodeEntry[] = [];
      for (const key of keys) {
        const entry = monitor.cluster.linkOf(key)?.entry;
        if (entry === undefined) return noNode(key);
        if (isOfDemo(entry)) {
          return failure(
            problem('not-available', `${entry.name} is of the demo, no machine that an agent could be on`),
          );
        }
        entries.push(entry);
      }
      const enroller = new Enroller({
        dataFolder,
        files: packageFilesOf(resourcesFolder),
        connect: (entry) => Promise.resolve(sessionOf(monitor, entry)),
      });
      const planned =
        kind === 'install'
          ? await enroller.planInstall({ entries, cluster })
          : await enroller.planRemove(entries, cluster, false);
      if (!planned.ok) return planned;
      number += 1;
      latest = { number, plan: planned.value, enroller };
      return success({ number, plan: planned.value.shown });
    },
    agentInstall: (input) => {
      const { control, dataFolder, desk, onProblem } = services();
      if (control.state().unlockedUntil === null) {
        return failure(problem('locked', 'Changes are locked, so that nothing is installed or removed'));
      }
      if (latest?.number !== input.number) {
        return failure(problem('not-found', 'This plan is not the latest one; look at the nodes again'));
      }
      const { plan, enroller } = latest;
      latest = undefined;
      const work = async (): Promise<void> => {
        const outcome = await carryOutRecorded(enroller, plan, {
          dataFolder,
          who: operatorName(),
          onProblem,
          onProgress: (progress) => desk.pushAll('agentProgress', { ...input, progress }),
        });
        if (!outcome.ok) onProblem(outcome.problem);
        desk.pushAll('agentOutcome', { ...input, outcome: outcome.ok ? outcome.value : null });
      };
      void work();
      return success({});
    },
  };
}

/** The session of a node of the settings, where it is connected. */
function sessionOf({ cluster }: Monitor, { name }: NodeEntry): Result<RemoteNode> {
  const link = [...cluster.links].find(({ entry }) => entry.name === name);
  if (link === undefined) {
    return failure(problem('host-unreachable', `${name} is not among the nodes of the settings`));
  }
  const { connection, session, entry } = link;
  return connection.kind === 'connected'
    ? success({ entry, session })
    : failure(
        'problem' in connection ? connection.problem : problem('connection-lost', `${name} is not connected`),
      );
}
