/** What a data folder has for reports, read beside a running program or without one. */
import { existsSync } from 'node:fs';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { AuditLog, auditFile } from '../control/audit.ts';
import { readGroups } from '../control/groups.ts';
import { published, Records } from '../control/records.ts';
import { operatorName } from '../control/who.ts';
import { openHistoryReader } from '../history/index.ts';
import type { ReportSource } from './source.ts';

/** A source with files that are open. */
export interface FolderSource extends ReportSource {
  close(): Promise<void>;
}

/** Opens a data folder. Problems: file-unreadable, history-damaged, history-newer, and those of the audit log. */
export async function openFolderSource(
  folder: string,
  onProblem: (problem: Problem) => void,
): Promise<Result<FolderSource>> {
  const history = await openHistoryReader(folder);
  if (!history.ok) return history;
  const opened = await openRest(folder, onProblem);
  if (!opened.ok) {
    await history.value.close();
    return opened;
  }
  const { log, groups } = opened.value;
  const records = log === undefined ? undefined : new Records(log, operatorName());
  return success({
    history: history.value,
    groups,
    actions: (query) => {
      const actions = records?.list(query) ?? success([]);
      return actions.ok ? success(actions.value.map(published)) : actions;
    },
    close: async () => {
      log?.close();
      await history.value.close();
    },
  });
}

/** The audit log, not made where there is none, and the groups. */
async function openRest(folder: string, onProblem: (problem: Problem) => void) {
  const groups = await readGroups(folder);
  if (!groups.ok) return groups;
  if (groups.value === undefined) {
    return failure(problem('file-unreadable', `The groups in ${folder} could not be read.`));
  }
  if (!existsSync(auditFile(folder))) return success({ log: undefined, groups: groups.value });
  const log = AuditLog.open(folder, operatorName(), onProblem);
  return log.ok ? success({ log: log.value, groups: groups.value }) : log;
}
