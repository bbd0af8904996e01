/** The members of the chosen group now: read when it is chosen and when asked for, and by themselves where few nodes tell. */
import { createSignal, onCleanup, type Accessor } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { Group } from '../../common/model/control.ts';
import { call } from '../back-end.ts';
import type { ProcessEntry } from '../processes/process-entry.ts';
import { isOfFewNodes } from './group-words.ts';

/** Milliseconds between two readings of a group that only few nodes are asked for. */
const PERIOD = 4000;

/** What the view reads. */
export interface Members {
  /** Undefined before the first answer. */
  readonly members: Accessor<readonly ProcessEntry[] | undefined>;
  /** Nodes that could not be asked, with the reason. Untrusted words. */
  readonly missing: Accessor<readonly string[]>;
  /** When they were read, milliseconds since 1970; 0 before. */
  readonly time: Accessor<number>;
  readonly problem: Accessor<Problem | undefined>;
  readonly reading: Accessor<boolean>;
  read(): Promise<void>;
}

/** Begins to read a group; ends with the owner. */
export function createMembers(group: Group): Members {
  const [members, setMembers] = createSignal<readonly ProcessEntry[]>();
  const [missing, setMissing] = createSignal<readonly string[]>([]);
  const [time, setTime] = createSignal(0);
  const [problem, setProblem] = createSignal<Problem>();
  const [reading, setReading] = createSignal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;

  async function read(): Promise<void> {
    if (reading()) return;
    clearTimeout(timer);
    setReading(true);
    const result = await call('groupMembers', { name: group.name });
    if (ended) return;
    setReading(false);
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok) {
      setMembers(result.value.members);
      setMissing(result.value.missing);
      setTime(Date.now());
    }
    if (isOfFewNodes(group.rule)) timer = setTimeout(() => void again(), PERIOD);
  }

  async function again(): Promise<void> {
    if (document.visibilityState === 'visible') await read();
    else timer = setTimeout(() => void again(), PERIOD);
  }

  onCleanup(() => {
    ended = true;
    clearTimeout(timer);
  });
  void read();
  return { members, missing, time, problem, reading, read };
}
