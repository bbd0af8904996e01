/** What undo would do: the intents that write back what an action found. Pure. */
import type { NodeChange, ProcessChange } from '../../common/model/control.ts';
import type { ProcessRef } from '../../common/model/process.ts';
import { namesOfList } from '../../common/model/mattx.ts';
import { assertNever } from '../../common/model/result.ts';
import type { DeedAction, DeedStep } from './deed.ts';
import type { Intent, Left } from './intent.ts';

/** The intents that take an action back, last step first; empty when undo would write nothing. */
export function undoIntents(action: DeedAction): readonly Intent[] {
  return action.steps.toReversed().flatMap((step) => undoOf(step, action.number) ?? []);
}

/** Whether undo would take this step back: it was, or may have been, written, and what stood there is known. */
export function isUndoable(step: DeedStep): boolean {
  const wasWritten = step.state === 'verified' || step.state === 'written' || step.state === 'unknown';
  return wasWritten && step.deed !== null && step.undo !== null && step.undo !== step.after;
}

function undoOf(step: DeedStep, action: number): Intent | null {
  const { deed, undo } = step;
  if (!isUndoable(step) || deed === null || undo === null) return null;
  const left = { value: step.now ?? step.after, action };
  const toNode = (change: NodeChange): Intent => ({ kind: 'node', node: step.node, change, left });
  const toProcess = (change: ProcessChange, ref: ProcessRef | null, known: Left | null): Intent | null =>
    ref && { kind: 'process', ref, command: step.process?.command ?? '', change, left: known };
  switch (deed.kind) {
    case 'switch':
      return toNode({ kind: 'setting', setting: deed.setting, on: undo === '1' });
    case 'number':
      return toNode(
        deed.file === 'speed'
          ? { kind: 'speed', speed: Number(undo) }
          : { kind: 'decay', which: deed.file, value: Number(undo) },
      );
    case 'mattx': {
      const { command } = deed;
      if (command === 'affinity') return toNode({ kind: 'affinity', affinity: Number(undo) });
      if (command === 'balancer') return toNode({ kind: 'setting', setting: 'stay', on: undo === '0' });
      return toNode({ kind: 'mattx', which: command, on: undo === '1' });
    }
    case 'pins':
      return toNode({ kind: 'pins', list: deed.list, names: [...namesOfList(undo)], seen: null });
    case 'send':
    case 'where':
      return toProcess(
        { kind: 'move', to: undo === '0' ? 'home' : Number(undo) },
        refOf(step.node, deed),
        left,
      );
    case 'clear':
      return null;
    case 'move': {
      const ref = deed.guest === null ? refOf(step.node, deed) : deed.guest.ref;
      // Where the cluster chose and nobody saw what it chose, any place may be its doing.
      const known = left.value === '-1' ? null : left;
      return toProcess({ kind: 'move', to: undo === '0' ? 'home' : Number(undo) }, ref, known);
    }
    case 'lock':
      return toProcess({ kind: 'lock', on: undo === '1' }, refOf(step.node, deed), left);
    case 'renice':
      return toProcess({ kind: 'renice', nice: Number(undo) }, refOf(step.node, deed), left);
    case 'signal': {
      const signal = undo === 'STOP' ? 'STOP' : 'CONT';
      return toProcess({ kind: 'signal', signal }, refOf(step.node, deed), null);
    }
    default:
      return assertNever(deed);
  }
}

function refOf(
  node: string,
  { pid, started }: { readonly pid: number; readonly started: number },
): ProcessRef {
  return { node, pid, started };
}
