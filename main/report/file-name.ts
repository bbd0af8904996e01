/** Names of report files: which report, and its range on this machine's clock. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ReportForm } from './index.ts';
import { isoTime } from './words.ts';

/** `mosview-2026-11-17-0600-to-2026-11-24-0600.pdf`; a CSV names its table, a schedule itself in place of mosview. */
export function reportFileName(
  { from, to }: { readonly from: number; readonly to: number },
  { format, table }: ReportForm,
  name = 'mosview',
): string {
  const plain = name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/, '') || 'report';
  const which = format === 'csv' ? `-${table}` : '';
  return `${plain}${which}-${stamp(from)}-to-${stamp(to)}.${format}`;
}

/** A file of that name in a folder that is not there yet: with a number where it has to have one. */
export function freeFile(folder: string, name: string): string {
  const dot = name.lastIndexOf('.');
  for (let number = 1; ; number += 1) {
    const file = join(folder, number === 1 ? name : `${name.slice(0, dot)}-${number}${name.slice(dot)}`);
    if (!existsSync(file)) return file;
  }
}

function stamp(time: number): string {
  return `${isoTime(time).slice(0, 10)}-${isoTime(time).slice(11, 16).replace(':', '')}`;
}
