/** `mosview audit`: who changed what and with which result, and whether the log is as it was written. */
import type { Problem } from '../../common/contract/problem.ts';
import type { AuditEntry } from '../../common/model/control.ts';
import { success, type Result } from '../../common/model/result.ts';
import { AuditLog } from '../control/audit.ts';
import { makeDataFolder } from '../settings/files.ts';
import { moment } from './duration.ts';
import { operatorName } from '../control/who.ts';
import { table } from './table.ts';

/** The newest lines, oldest first; `broken` says in words where the chain of hashes does not hold. */
export interface PrintedAudit {
  readonly entries: readonly AuditEntry[];
  readonly broken: string;
}

/** Reads the log of a data folder, also beside an open window. Problems: disk-full, file-unreadable, history-newer. */
export function readAudit(
  dataFolder: string,
  limit: number,
  onProblem: (problem: Problem) => void,
): Result<PrintedAudit> {
  const folder = makeDataFolder(dataFolder);
  if (!folder.ok) return folder;
  const opened = AuditLog.open(dataFolder, operatorName(), onProblem);
  if (!opened.ok) return opened;
  const log = opened.value;
  try {
    const broken = log.check();
    if (!broken.ok) return broken;
    const entries = log.entries(undefined, limit);
    return entries.ok ? success({ entries: entries.value.toReversed(), broken: broken.value }) : entries;
  } finally {
    log.close();
  }
}

/** The log as a table for a terminal. */
export function auditTable({ entries }: PrintedAudit): string {
  return table(
    [
      ['NUMBER', 'right'],
      ['TIME', 'left'],
      ['WHO', 'left'],
      ['ACTION', 'right'],
      ['KIND', 'left'],
      ['WHAT', 'left'],
    ],
    entries.map(({ number, time, who, action, kind, text }) => [
      String(number),
      moment(time),
      who,
      action === null ? '-' : String(action),
      kind,
      text,
    ]),
  );
}
