/**
 * Reads an openMosix map (/etc/openmosix.map): lines of first id, host or address, and count or ALIAS. Grammar: setpe(1)
 * and the openMosix HOWTO.
 */
import { isIPv4 } from 'node:net';
import type { NodeEntry } from '../../../common/contract/contract.ts';
import { problem } from '../../../common/contract/problem.ts';
import { MAX_NODE_ID } from '../../../common/model/node.ts';
import { failure, success, type Result } from '../../../common/model/result.ts';
import { wholeNumber } from '../../../common/model/whole-number.ts';

/** Most lines with entries that setpe takes. */
const MAX_ENTRIES = 256;

/** A node of a map with the address or name it is reached at, and the further ones of its ALIAS lines behind it. */
export interface MapNode {
  readonly id: number;
  readonly addresses: readonly [string, ...string[]];
}

/** The nodes of a map, one per id; an ALIAS is a second address of a node and adds none. Problems: bad-input. */
export function parseMap(text: string): Result<readonly NodeEntry[]> {
  const nodes = readMap(text);
  if (!nodes.ok) return nodes;
  return success(nodes.value.map(({ id, addresses: [host] }) => ({ name: host, host, id })));
}

/** The nodes of a map with all their addresses, one per id. Problems: bad-input. */
export function readMap(text: string): Result<readonly MapNode[]> {
  const nodes = new Map<number, MapNode>();
  /** Second addresses with the number of their line; their node's own line may come later. */
  const aliases: { readonly id: number; readonly host: string; readonly line: number }[] = [];
  let entries = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const fields = line.replace(/#.*/, '').trim().split(/\s+/);
    if (fields[0] === '' || fields[0] === undefined) continue;
    entries += 1;
    const wrong = (why: string): Result<never> => wrongLine(index + 1, why);
    if (entries > MAX_ENTRIES) return wrong(`more than ${MAX_ENTRIES} entries`);
    const [idText = '', host = '', countText = ''] = fields;
    if (fields.length !== 3) return wrong(`three fields are needed (id, host, count), not ${fields.length}`);
    const id = wholeNumber(idText);
    if (!(id >= 1 && id <= MAX_NODE_ID)) return wrong(`"${idText}" is no id from 1 to ${MAX_NODE_ID}`);
    if (!isHost(host)) return wrong(`"${host}" is no host name or address`);
    if (/^(alias|0)$/i.test(countText)) {
      aliases.push({ id, host, line: index + 1 });
      continue;
    }
    const count = wholeNumber(countText);
    if (!(count >= 1)) return wrong(`"${countText}" is neither a count nor ALIAS`);
    if (count > 1 && !isIPv4(host)) return wrong('a range of nodes needs an IP address');
    if (id + count - 1 > MAX_NODE_ID) return wrong(`the range ends beyond id ${MAX_NODE_ID}`);
    const last = Number(host.split('.')[3]);
    if (count > 1 && last + count - 1 > 255) return wrong('the range of addresses ends beyond .255');
    for (let offset = 0; offset < count; offset += 1) {
      if (nodes.has(id + offset)) return wrong(`id ${id + offset} is given twice`);
      const address = count === 1 ? host : [...host.split('.').slice(0, 3), last + offset].join('.');
      nodes.set(id + offset, { id: id + offset, addresses: [address] });
    }
  }
  for (const { id, host, line } of aliases) {
    const node = nodes.get(id);
    if (node === undefined) {
      return wrongLine(line, `it is a second address of id ${id}, which has no first one`);
    }
    nodes.set(id, { id, addresses: [...node.addresses, host] });
  }
  if (nodes.size === 0) return failure(problem('bad-input', 'The map has no entry'));
  return success([...nodes.values()]);
}

function wrongLine(line: number, why: string): Result<never> {
  return failure(problem('bad-input', `Line ${line} of the map: ${why}`));
}

/** Whether a text is an IPv4 address or can be a name; digits and dots alone are an address or nothing. */
function isHost(text: string): boolean {
  return isIPv4(text) || (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$/.test(text) && !/^[\d.]+$/.test(text));
}
