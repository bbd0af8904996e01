/**
 * Tables of MattX nodes as no node of version 1.7 prints them: each takes the text of a good mattx/nodes and makes one
 * thing of it wrong. For MattxKernel.setFault with the kind `text`.
 */

const HEADER = 'Mem Free (MB)\n';
const ROW = /^(\d+)((?: \(Local\)|\t)\t\d+\.\d+\.\d+\.\d+\t\d+\t\t\d+\t\t\d+)$/gm;

/** By what is wrong with them. */
export const ODD_TABLES = {
  'no newline at the end': (table: string) => table.slice(0, -1),
  'no empty line before the settings': (table: string) => table.replace('\n\n', '\n'),
  'a column more in the middle': (table: string) =>
    table.replace('CPU Load', 'Zone\tCPU Load').replace(/(\t\d+\.\d+\.\d+\.\d+)\t/g, '$1\teast\t'),
  'a column more at the end': (table: string) =>
    table.replace(HEADER, 'Mem Free (MB)\tSwap\n').replace(ROW, '$1$2\t12'),
  'other ids than before': (table: string) =>
    table.replace(ROW, (_row, id: string, rest: string) => `${Number(id) + 1000}${rest}`),
  'an id twice': (table: string) => {
    const [last = ''] = table.match(ROW)?.slice(-1) ?? [];
    return table.replace(`${last}\n`, `${last}\n${last}\n`);
  },
  '5000 rows': (table: string) => {
    const rows = Array.from(
      { length: 5000 },
      (_, index) => `${10_000 + index}\t\t10.9.${index >> 8}.${index & 255}\t0\t\t1000\t\t64\n`,
    );
    return table.replace('\n\n', `\n${rows.join('')}\n`);
  },
  'control characters in a list': (table: string) =>
    table.replace(/^(Migration Excludes: ).*$/m, '$1cat,\u001b[2J\u001b]0;x\u0007,\u0000\r\u0085,sh'),
  'a setting that is not known': (table: string) =>
    table.replace('Debug Mode', 'MPI Support: NO\nDebug Mode'),
  'half a row': (table: string) => table.slice(0, table.indexOf(' (Local)') + 20),
  'nothing in it': () => '',
} as const satisfies Readonly<Record<string, (table: string) => string>>;
