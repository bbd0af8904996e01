/** The resolutions and parts of the history, and how long each part is kept by default. Free of schemas, for the window. */

/**
 * The resolutions values are kept in, finest first: seconds per value. Those above 1 are roll-ups of lowest, highest and
 * mean value; of status bits they hold the bits set all the time, the bits ever set, and the last value.
 */
export const RESOLUTIONS = [1, 10, 60, 3600] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** The parts of the history that are kept each for its own time: values by resolution, process lists, migrations. */
export const HISTORY_PARTS = ['1s', '10s', '1m', '1h', 'processes', 'migrations'] as const;
export type HistoryPart = (typeof HISTORY_PARTS)[number];

/** How long a part is kept, whichever limit is reached first; null for no limit. A megabyte has 1,000,000 bytes. */
export interface Keeping {
  readonly days: number | null;
  readonly megabytes: number | null;
}

/** How long every part is kept. */
export type Retention = Readonly<Record<HistoryPart, Keeping>>;

/** Seconds for a week, minutes for a year, hours for ten; never more than a desktop's disk bears. */
export const DEFAULT_RETENTION: Retention = {
  '1s': { days: 7, megabytes: 8000 },
  '10s': { days: 30, megabytes: 4000 },
  '1m': { days: 365, megabytes: 4000 },
  '1h': { days: 3650, megabytes: 1000 },
  processes: { days: 14, megabytes: 1000 },
  migrations: { days: 3650, megabytes: 2000 },
};

/** Seconds between two lists of a node's processes in the history by default. */
export const DEFAULT_SNAPSHOT_SECONDS = 60;
