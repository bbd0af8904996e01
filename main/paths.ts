/** Where files are on this system when the command line names no other place. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The data folder: history, settings, host keys. Follows the system's custom (XDG_DATA_HOME on Linux). */
export function defaultDataFolder(): string {
  switch (process.platform) {
    case 'win32':
      return join(process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'mosview');
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support', 'mosview');
    default:
      return join(process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'mosview');
  }
}

/** The settings file of a data folder. */
export function settingsFileOf(dataFolder: string): string {
  return join(dataFolder, 'settings.json');
}
