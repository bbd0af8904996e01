/** Tells when this node's identity in the folder was renewed: a newer map, or a new enrolment. */
import { watch } from 'node:fs';
import type { Result } from '../../common/model/result.ts';
import { loadIdentity, type Identity } from './identity.ts';

/** An enrolment writes several files; they are read when no more have changed for this long. */
const QUIET_MILLISECONDS = 200;

/**
 * Calls `renewed` with what is in the folder after every change of it, also when that cannot be used. Returns what ends
 * it. Throws where the folder is missing.
 */
export function watchIdentity(folder: string, renewed: (identity: Result<Identity>) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(folder, () => {
    clearTimeout(timer);
    timer = setTimeout(() => void loadIdentity(folder).then(renewed), QUIET_MILLISECONDS);
  });
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
