/** The calls about the past: every question goes to the histories as it is; what is kept of it is said and changed. */
import { statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { historyQueries, type HistoryQueryName } from '../common/contract/history-queries.ts';
import { problem } from '../common/contract/problem.ts';
import { failure, success } from '../common/model/result.ts';
import type { Handlers } from './calls.ts';
import { historyFile, type History, type HistoryReader } from './history/index.ts';
import type { Settings } from './settings/settings.ts';

export interface HistoryServices {
  /** What answers questions: the own history, and whatever reaches further back. */
  readonly past: Pick<HistoryReader, 'ask'>;
  readonly history: Pick<History, 'record' | 'use' | 'setRetention'>;
  readonly dataFolder: string;
  readonly settings: Pick<Settings, 'values' | 'set'>;
  /** In whose name checkpoints are set. */
  readonly who: string;
}

/** Handlers of `historyQueries`, and of what is kept of the history. */
export function historyHandlers({
  past,
  history,
  dataFolder,
  settings,
  who,
}: HistoryServices): Pick<Handlers, HistoryQueryName | 'addCheckpoint' | 'historyUse' | 'setRetention'> {
  const names = Object.keys(historyQueries) as HistoryQueryName[];
  // Each handler asks under its own name, which the type of a list of all of them cannot say.
  const questions: unknown = Object.fromEntries(
    names.map((name) => [name, (input: never) => past.ask(name, input)]),
  );
  return {
    ...(questions as Pick<Handlers, HistoryQueryName>),
    addCheckpoint: async ({ text }) => {
      const stored = await history.record('checkpoints', [{ number: 0, time: Date.now(), who, text }]);
      if (!stored.ok) return stored;
      const [checkpoint] = stored.value;
      return checkpoint === undefined
        ? failure(problem('internal-error', 'The history stored no checkpoint.'))
        : success({ checkpoint });
    },
    historyUse: async () => {
      const used = await history.use();
      if (!used.ok) return used;
      const file = historyFile(dataFolder);
      const disk = await statfs(dataFolder);
      const { retention, snapshotSeconds } = settings.values;
      const bytes = [file, `${file}-wal`].map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
      return success({
        file,
        bytes: bytes.reduce((sum, size) => sum + size, 0),
        free: disk.bavail * disk.bsize,
        parts: [...used.value],
        retention: { ...retention },
        snapshotSeconds,
      });
    },
    setRetention: async (wanted) => {
      const saved = await settings.set(wanted);
      if (!saved.ok) return saved;
      history.setRetention(wanted.retention);
      return success({});
    },
  };
}
