/** What a data folder has for reports, read beside a running program or without one. */
import { existsSync } from 'node:fs';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { AuditLog, auditFile } from '../control/audit.ts';
import { readGroups } from '../control/groups.ts';
import { published, Records } from '../control/records.ts';
import { operatorName } from '../control/who.ts';
import { openHistoryReader } from '../history/index.ts';
import { settingsFileOf } from '../paths.ts';
import { Past } from '../prometheus/past.ts';
import { Settings } from '../settings/settings.ts';
import type { ReportSource } from './source.ts';

/** A source with files that are open. */
export interface FolderSource extends ReportSource {
  close(): Promise<void>;
}

export interface FolderPlace {
  readonly dataFolder: string;
  /** Default: settings.json in the data folder. */
  readonly settingsFile?: string | undefined;
}

/**
 * Opens a data folder. Problems: file-unreadable, history-damaged, history-newer, and those of the settings and of the
 * audit log.
 */
export async function openFolderSource(
  place: FolderPlace,
  onProblem: (problem: Problem) => void,
): Promise<Result<FolderSource>> {
  const history = await openHistoryReader(place.dataFolder);
  if (!history.ok) return history;
  const opened = await openRest(place, onProblem);
  if (!opened.ok) {
    await history.value.close();
    return opened;
  }
  const { log, groups, prometheus } = opened.value;
  const past = new Past(history.value, prometheus, onProblem);
  const records = log === undefined ? undefined : new Records(log, operatorName());
  return success({
    history: past,
    groups,
    actions: (query) => {
      const actions = records?.list(query) ?? success([]);
      return actions.ok ? success(actions.value.map(published)) : actions;
    },
    close: async () => {
      log?.close();
      await past.close();
    },
  });
}

/** The audit log, not made where there is none, the groups, and what the settings say of a server of older times. */
async function openRest(
  { dataFolder: folder, settingsFile = settingsFileOf(folder) }: FolderPlace,
  onProblem: (problem: Problem) => void,
) {
  const settings = await Settings.open(settingsFile);
  if (!settings.ok) return settings;
  for (const notice of settings.value.notices) onProblem(notice);
  const groups = await readGroups(folder);
  if (!groups.ok) return groups;
  if (groups.value === undefined) {
    return failure(problem('file-unreadable', `The groups in ${folder} could not be read.`));
  }
  const rest = { groups: groups.value, prometheus: settings.value.values.prometheus };
  if (!existsSync(auditFile(folder))) return success({ log: undefined, ...rest });
  const log = AuditLog.open(folder, operatorName(), onProblem);
  return log.ok ? success({ log: log.value, ...rest }) : log;
}
