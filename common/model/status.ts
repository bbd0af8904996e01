/**
 * The bits of openMosix' nodes/ID/status file and the settings they reveal. Source: MOSIX' msx_common.h and the
 * OpenMosix::HA test tree; the value 64 of NOMFS is inferred from the header's "40", evidently hexadecimal.
 */

/** Bit values of the status file. */
export const STATUS = {
  configured: 1,
  up: 2,
  stay: 4,
  lstay: 8,
  block: 16,
  quiet: 32,
  nomfs: 64,
} as const;

/** The switches of a node that its status bits show to the whole cluster. */
export type NodeSetting = 'stay' | 'lstay' | 'block' | 'quiet' | 'nomfs';

/** Every switch with the words an operator reads. */
export const NODE_SETTINGS: Readonly<Record<NodeSetting, string>> = {
  stay: 'no automatic migration from here',
  lstay: 'local processes stay',
  block: 'guests are refused',
  quiet: 'neither collects nor sends load information',
  nomfs: 'the cluster file system is off',
};

/** Whether a node is up by its status value; false for a negative value (minus errno). */
export function isUp(status: number): boolean {
  return status >= 0 && (status & STATUS.up) !== 0;
}

/** The switches that are on in a status value; none for a negative value (minus errno). */
export function settingsOf(status: number): readonly NodeSetting[] {
  if (!(status >= 0)) return [];
  return (Object.keys(NODE_SETTINGS) as NodeSetting[]).filter((setting) => (status & STATUS[setting]) !== 0);
}

/** The value of a node file whose node cannot be reached: minus ENETUNREACH. */
export const NODE_DOWN = -101;

const ERRNO_NAMES: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  3: 'ESRCH',
  5: 'EIO',
  6: 'ENXIO',
  11: 'EAGAIN',
  12: 'ENOMEM',
  13: 'EACCES',
  19: 'ENODEV',
  22: 'EINVAL',
  100: 'ENETDOWN',
  101: 'ENETUNREACH',
  110: 'ETIMEDOUT',
  111: 'ECONNREFUSED',
  113: 'EHOSTUNREACH',
};

/** The name of the errno that a negative node value carries, `errno N` where the number has no common name. */
export function errnoName(value: number): string {
  return ERRNO_NAMES[-value] ?? `errno ${-value}`;
}
