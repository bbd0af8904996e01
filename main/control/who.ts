/** Whose orders these are, for the audit log. */
import { hostname, userInfo } from 'node:os';

/** Login name and machine, `anna@desk`; the user's number where the system has no name for it. */
export function operatorName(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid${process.getuid?.() ?? ''}`;
  }
}
