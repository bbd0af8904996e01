/** The plain tables of a history file: migrations, states of nodes, recording times, checkpoints, process lists, places. */
import type Database from 'better-sqlite3';
import type { Account } from '../chunks.ts';
import { CheckpointTable } from './checkpoints.ts';
import { MigrationTable } from './migrations.ts';
import { PlacementTable } from './placements.ts';
import { ProcessListTable } from './process-lists.ts';
import { RecordingTable } from './recordings.ts';
import type { RowKind, RowKinds, RowTable } from './rows.ts';
import { StateTable } from './states.ts';

export class Records {
  readonly migrations: MigrationTable;
  readonly states: StateTable;
  readonly recordings: RecordingTable;
  readonly checkpoints: CheckpointTable;
  readonly processes: ProcessListTable;
  readonly placements: PlacementTable;

  /** `account` is told of the bytes of migrations, process lists and places, by day. */
  constructor(database: Database.Database, account: Account = () => undefined) {
    this.migrations = new MigrationTable(database, account);
    this.states = new StateTable(database);
    this.recordings = new RecordingTable(database);
    this.checkpoints = new CheckpointTable(database);
    this.processes = new ProcessListTable(database, account);
    this.placements = new PlacementTable(database, account);
  }

  /** Adds rows of a kind in their order; returns them as they are stored. To be run inside a transaction. */
  add<Kind extends RowKind>(kind: Kind, rows: readonly RowKinds[Kind][]): readonly RowKinds[Kind][] {
    const { migrations, states, recordings, checkpoints, processes, placements } = this;
    const tables: { readonly [Each in RowKind]: RowTable<RowKinds[Each]> } = {
      migrations,
      states,
      recordings,
      checkpoints,
      processes,
      placements,
    };
    return tables[kind].add(rows);
  }
}
