/** `mosview history verify|compact|export` and `mosview checkpoint`: what they do, and what they say of it. */
import type { Writable } from 'node:stream';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { countWords } from '../../common/model/count-words.ts';
import { assertNever, success, type Result } from '../../common/model/result.ts';
import { operatorName } from '../control/who.ts';
import {
  addCheckpointBeside,
  compactHistory,
  historyFile,
  verifyHistory,
  type Compacted,
  type Verdict,
} from '../history/index.ts';
import { makeDataFolder } from '../settings/files.ts';
import { moment } from './duration.ts';
import { exportHistory } from './export.ts';
import type { PastCommand } from './history-arguments.ts';
import { table } from './table.ts';

/** What a command says: on standard output, and of problems beside it; the exit code is 1 where there are any. */
export interface Said {
  readonly text: string;
  readonly problems: readonly Problem[];
}

/** Does the command; an export ends with the signal. Problems: as the parts of the history it uses. */
export async function doPast(
  command: Exclude<PastCommand, { name: 'history' | 'migrations' }>,
  dataFolder: string,
  standard: Writable,
  signal: AbortSignal,
): Promise<Result<Said>> {
  switch (command.name) {
    case 'history verify': {
      const verdict = verifyHistory(command.file ?? historyFile(dataFolder));
      if (!verdict.ok) return verdict;
      const { damaged, file } = verdict.value;
      const words = `${countWords(damaged, 'thing is', 'things are')} damaged in ${file}; nothing was changed.`;
      return success({
        text: command.json ? JSON.stringify(verdict.value) : verdictText(verdict.value),
        problems: damaged === 0 ? [] : [problem('history-damaged', words)],
      });
    }
    case 'history compact': {
      const compacted = compactHistory(dataFolder);
      if (!compacted.ok) return compacted;
      const text = command.json ? JSON.stringify(compacted.value) : compactedText(compacted.value);
      return success({ text, problems: [] });
    }
    case 'history export': {
      const file = command.file ?? historyFile(dataFolder);
      const exported = await exportHistory(file, command, standard, signal);
      if (!exported.ok) return exported;
      const { rows, damage } = exported.value;
      const where = command.output;
      const told = command.json
        ? JSON.stringify({ file: where, rows, damage })
        : `${countWords(rows, 'row is', 'rows are')} in ${where ?? ''}`;
      return success({
        text: where === undefined ? '' : told,
        problems: damage.map((words) => problem('history-damaged', words)),
      });
    }
    case 'checkpoint': {
      const folder = makeDataFolder(dataFolder);
      if (!folder.ok) return folder;
      const { text } = command;
      const stored = addCheckpointBeside(dataFolder, {
        number: 0,
        time: Date.now(),
        who: operatorName(),
        text,
      });
      if (!stored.ok) return stored;
      const { number, time } = stored.value;
      const said = command.json ? JSON.stringify(stored.value) : `Checkpoint ${number} at ${moment(time)}`;
      return success({ text: said, problems: [] });
    }
    default:
      return assertNever(command);
  }
}

function verdictText({ file, bytes, tables, findings, damaged }: Verdict): string {
  const left = damaged - findings.length;
  return [
    `${file}, ${megabytes(bytes)}`,
    table(
      [
        ['TABLE', 'left'],
        ['READABLE', 'right'],
        ['DAMAGED', 'right'],
      ],
      tables.map((one) => [one.table, String(one.readable), String(one.damaged)]),
    ),
    ...findings,
    ...(left > 0 ? [`and ${left} more`] : []),
    ...(damaged === 0 ? ['Every page, row and roll-up is as it was written.'] : []),
  ].join('\n');
}

function compactedText({ file, before, after }: Compacted): string {
  const gained = Math.max(0, before - after);
  return `${file} has ${megabytes(after)} now, ${megabytes(gained)} less than before`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
