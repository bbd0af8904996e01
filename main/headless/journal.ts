/**
 * The lines of a program that nobody watches, on standard error: one line per event, as the system's journal and
 * people in a terminal read them. Files and their rotation are the system's.
 */
import { fstatSync } from 'node:fs';
import { printable } from './terminal-prompter.ts';

/** How grave a line is, with the number that syslog and the journal have for it (sd-daemon(3)). */
const PRIORITIES = { error: 3, warning: 4, notice: 5, info: 6 } as const;
export type Priority = keyof typeof PRIORITIES;

/** Takes one line. */
export type WriteLine = (priority: Priority, text: string) => void;

/** A line as it is written: for the journal with its priority, elsewhere with the time, which the journal has itself. */
export function journalLine(priority: Priority, text: string, time: Date, toJournal: boolean): string {
  const words = printable(text).replaceAll('\n', ' ').trim();
  return toJournal ? `<${PRIORITIES[priority]}>${words}` : `${time.toISOString()} ${priority}: ${words}`;
}

/** Writes to standard error; a terminal that is gone is no reason to stop. */
export function openJournal(): WriteLine {
  const toJournal = isJournal();
  process.stderr.on('error', () => undefined);
  return (priority, text) => process.stderr.write(`${journalLine(priority, text, new Date(), toJournal)}\n`);
}

/** Whether standard error leads to the journal; systemd tells by device and inode. */
function isJournal(): boolean {
  const told = process.env['JOURNAL_STREAM'];
  if (told === undefined) return false;
  const { dev, ino } = fstatSync(2);
  return told === `${dev}:${ino}`;
}
