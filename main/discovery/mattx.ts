/** Reads ids and addresses from MattX' table of nodes (/proc/mattx/nodes). Format: MattX facts, "The files". */
import { isIPv4 } from 'node:net';
import { MAX_NODE_ID } from '../../common/model/node.ts';
import { wholeNumber } from '../../common/model/whole-number.ts';
import { MOST_NODES, type Finding, type Findings } from './types.ts';

/** Id, whether it is the own row, and address; further columns are no business of ours. */
const ROW = /^\s*(\d{1,10})(\s*\(Local\))?\s+([\d.]{7,15})(?:\s|$)/i;
const HEADING = /^(?:MattX\b|Node ID\b|-+\s*$)/i;
/** A line of the settings below the table, which a missing blank line would make part of it. */
const SETTING = /^[A-Za-z][A-Za-z ]*:/;

/** The nodes with the own id; undefined where the module is loaded and in no cluster. */
export function parseMattxNodes(text: string): Findings & { readonly self: number | undefined } {
  const findings: Finding[] = [];
  const notes: string[] = [];
  let self: number | undefined;
  let wrong = 0;
  let rows = 0;
  for (const line of text.split(/\r?\n/)) {
    if (HEADING.test(line)) continue;
    if ((line.trim() === '' && rows > 0) || SETTING.test(line)) break;
    if (line.trim() === '') continue;
    rows += 1;
    const [, idText = '', local, address = ''] = ROW.exec(line) ?? [];
    const id = wholeNumber(idText);
    if (local !== undefined && id === 0) {
      notes.push(
        'The MattX module is loaded, but the node is in no cluster: start mattx-discd there, then look again.',
      );
      continue;
    }
    if (!(id >= 1 && id <= MAX_NODE_ID) || !isIPv4(address) || address === '0.0.0.0') {
      wrong += 1;
      continue;
    }
    if (local !== undefined) self = id;
    if (findings.length < MOST_NODES) findings.push({ source: 'mattx', id, addresses: [address] });
  }
  if (wrong > 0) notes.push(`${wrong} rows of MattX' table have no right id or address and are left out.`);
  if (rows > MOST_NODES) notes.push(`MattX' table has ${rows} rows; the first ${MOST_NODES} are used.`);
  return { findings, notes, self };
}
