/** The tables of the history file as numbered migrations. A step that was released is never changed, only followed. */
import type Database from 'better-sqlite3';
import { METRICS } from '../../common/model/metric.ts';
import { layOutByNode } from './schema-values.ts';

/** Marks the file as ours in its header: "mosv". */
export const APPLICATION_ID = 0x6d6f7376;

/**
 * better-sqlite3 binds every number as REAL: STRICT tables with INTEGER columns turn whole numbers back into integers,
 * which take a third of the space, and refuse anything else.
 */
const MIGRATIONS: readonly (string | ((database: Database.Database) => void))[] = [
  `
  CREATE TABLE metric (
    -- The catalogue: stored integer x quantum = value in the unit.
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    unit TEXT NOT NULL,
    quantum REAL NOT NULL,
    about TEXT NOT NULL
  ) STRICT;
  CREATE TABLE node (
    -- Every node ever recorded; number is its place in chunk keys.
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    id INTEGER NOT NULL,
    name TEXT NOT NULL
  ) STRICT;
  CREATE TABLE slot (
    -- Which node each row of the ticks belongs to.
    slot INTEGER PRIMARY KEY,
    node INTEGER NOT NULL REFERENCES node
  ) STRICT;
  CREATE TABLE tick (
    -- One second of the whole cluster that is not sealed yet; time in seconds since 1970 (UTC), v as in tick-codec.ts.
    time INTEGER PRIMARY KEY,
    rows INTEGER NOT NULL,
    v BLOB NOT NULL
  ) STRICT;
  CREATE TABLE chunk (
    -- 300 seconds of one node and metric: k = (window * 262144 + node) * 256 + metric, window = time / 300, v as in codec.ts.
    k INTEGER PRIMARY KEY,
    v BLOB NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE migration (
    -- A process that moved. Nodes are ids of the cluster, 0 where unknown; time and duration in milliseconds.
    number INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    home INTEGER NOT NULL,
    pid INTEGER NOT NULL,
    started INTEGER NOT NULL,
    command TEXT NOT NULL,
    from_node INTEGER NOT NULL,
    to_node INTEGER NOT NULL,
    cause TEXT NOT NULL,
    action INTEGER,
    duration INTEGER,
    result TEXT NOT NULL,
    count INTEGER NOT NULL
  ) STRICT;
  -- With what is searched for, so that a search through all of time reads nothing else.
  CREATE INDEX migration_time ON migration (time, cause, command);
  CREATE INDEX migration_home ON migration (home, time);
  CREATE INDEX migration_from ON migration (from_node, time);
  CREATE INDEX migration_to ON migration (to_node, time);
  `,
  `
  CREATE TABLE recording (
    -- When the program recorded: seconds since 1970, [begun, ended), NULL while it does or where it crashed.
    begun INTEGER PRIMARY KEY,
    ended INTEGER
  ) STRICT;
  CREATE TABLE node_state (
    -- What a node was from a moment (milliseconds) on, with its id and name then; state NULL when it was watched no more.
    number INTEGER PRIMARY KEY,
    node INTEGER NOT NULL REFERENCES node,
    time INTEGER NOT NULL,
    state TEXT,
    reason TEXT NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL
  ) STRICT;
  CREATE INDEX node_state_node ON node_state (node, time);
  CREATE INDEX node_state_time ON node_state (time);
  CREATE TABLE checkpoint (
    -- A moment an operator wants to find again; milliseconds.
    number INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    who TEXT NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX checkpoint_time ON checkpoint (time);
  CREATE TABLE process_list (
    -- The processes of a node: k = second * 262144 + node; age = seconds since the full list that v differs from, 0 for a
    -- full one; v as in process-codec.ts.
    k INTEGER PRIMARY KEY,
    node INTEGER NOT NULL REFERENCES node,
    age INTEGER NOT NULL,
    v BLOB NOT NULL
  ) STRICT;
  CREATE INDEX process_list_node ON process_list (node);
  CREATE TABLE placement (
    -- The processes that were not at home at a time (milliseconds): all of them (full 1), or what changed since the row
    -- before; serial counts the rows of a run of the program, v as in placement-codec.ts.
    number INTEGER PRIMARY KEY,
    serial INTEGER NOT NULL,
    time INTEGER NOT NULL,
    full INTEGER NOT NULL,
    v BLOB NOT NULL
  ) STRICT;
  CREATE INDEX placement_full ON placement (time) WHERE full = 1;
  `,
  layOutByNode,
];

/** The schema this program writes, kept in the file's user_version. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings a file up to this program's schema, one transaction per step, and completes its catalogue of metrics. Tests make
 * files of earlier layouts with `target`.
 */
export function migrate(database: Database.Database, target: number = SCHEMA_VERSION): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < version || index >= target) continue;
    database.transaction(() => {
      if (typeof step === 'string') database.exec(step);
      else step(database);
      database.pragma(`application_id = ${APPLICATION_ID}`);
      database.pragma(`user_version = ${index + 1}`);
    })();
  }
  const known = database.prepare('SELECT count(*) FROM metric').pluck().get() as number;
  if (known >= METRICS.length) return;
  const insert = database.prepare(
    'INSERT OR IGNORE INTO metric (number, name, unit, quantum, about) VALUES (?, ?, ?, ?, ?)',
  );
  database.transaction(() => {
    for (const [number, { name, unit, quantum, about }] of METRICS.entries()) {
      insert.run(number, name, unit, quantum, about);
    }
  })();
}
