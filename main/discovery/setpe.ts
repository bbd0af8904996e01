/** Reads what `setpe -r` prints: the ids and addresses that an openMosix kernel has. Source: openMosix facts 3.6. */
import { isIPv4 } from 'node:net';
import { MAX_NODE_ID } from '../../common/model/node.ts';
import { wholeNumber } from '../../common/model/whole-number.ts';
import { MOST_NODES, type Finding, type Findings } from './types.ts';

const SELF = /^\s*This is (?:open)?MOSIX node #(\d+)/i;
const RANGE = /^\s*(?:open)?MOSIX range\s+(\d+)\s*-\s*(\d+)\s+begins at\s+(\S+)/i;
const TOTAL = /^\s*Total configured:\s*(\d+)/i;
const NOT_THERE = /my IP address \((\S{1,64})\) is not there/i;

/** The nodes with the own id; undefined where it says none. Lines that it does not know are left out. */
export function parseSetpe(text: string): Findings & { readonly self: number | undefined } {
  const findings: Finding[] = [];
  const notes: string[] = [];
  let self: number | undefined;
  let total: number | undefined;
  let wrong = 0;
  for (const line of text.split('\n')) {
    self ??= idOf(SELF.exec(line)?.[1]);
    total ??= numberOf(TOTAL.exec(line)?.[1]);
    const missing = NOT_THERE.exec(line)?.[1];
    if (missing !== undefined) notes.push(ownAddressMissing(missing));
    const [, first, last, address = ''] = RANGE.exec(line) ?? [];
    if (first === undefined) continue;
    const nodes = rangeOf(idOf(first), idOf(last), address);
    if (nodes === undefined) wrong += 1;
    else findings.push(...nodes.slice(0, MOST_NODES - findings.length));
  }
  if (wrong > 0)
    notes.push(`${wrong} ranges in setpe -r's answer have no right id or address and are left out.`);
  if (total !== undefined && total !== findings.length) {
    notes.push(
      `setpe -r says that ${total} nodes are configured; ${findings.length} of them could be read from it.`,
    );
  }
  return { findings, notes, self };
}

/** The nodes of a range, whose addresses count up in the last byte; undefined where it is wrong. */
function rangeOf(
  first: number | undefined,
  last: number | undefined,
  address: string,
): Finding[] | undefined {
  if (first === undefined || last === undefined || last < first || !isIPv4(address)) return undefined;
  const bytes = address.split('.');
  const start = Number(bytes.pop());
  const count = last - first + 1;
  if (start + count - 1 > 255) return undefined;
  return Array.from({ length: count }, (_, offset) => ({
    source: 'setpe',
    id: first + offset,
    addresses: [[...bytes, start + offset].join('.')],
  }));
}

function numberOf(text: string | undefined): number | undefined {
  const number = wholeNumber(text ?? '');
  return Number.isNaN(number) ? undefined : number;
}

function idOf(text: string | undefined): number | undefined {
  const id = numberOf(text);
  return id !== undefined && id >= 1 && id <= MAX_NODE_ID ? id : undefined;
}

function ownAddressMissing(address: string): string {
  return address.startsWith('127.')
    ? `setpe does not find its own address in the map, because the node's own name stands for ${address} in /etc/hosts. Give the name its address in the cluster there.`
    : `setpe does not find its own address ${address} in the map. Add it there, as ALIAS where the node has a second network card.`;
}
