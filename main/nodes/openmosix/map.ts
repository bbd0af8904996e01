/**
 * Reads an openMosix map (/etc/openmosix.map): lines of first id, host or address, and count or ALIAS. Grammar: setpe(1)
 * and the openMosix HOWTO.
 */
import { isIPv4 } from 'node:net';
import type { NodeEntry } from '../../../common/contract/contract.ts';
import { problem } from '../../../common/contract/problem.ts';
import { MAX_NODE_ID } from '../../../common/model/node.ts';
import { failure, success, type Result } from '../../../common/model/result.ts';

/** Most lines with entries that setpe takes. */
const MAX_ENTRIES = 256;

/** The nodes of a map, one per id; an ALIAS is a second address of a node and adds none. Problems: bad-input. */
export function parseMap(text: string): Result<readonly NodeEntry[]> {
  const nodes = new Map<number, NodeEntry>();
  let entries = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const fields = line.replace(/#.*/, '').trim().split(/\s+/);
    if (fields[0] === '' || fields[0] === undefined) continue;
    entries += 1;
    const wrong = (why: string): Result<never> =>
      failure(problem('bad-input', `Line ${index + 1} of the map: ${why}`));
    if (entries > MAX_ENTRIES) return wrong(`more than ${MAX_ENTRIES} entries`);
    const [idText = '', host = '', countText = ''] = fields;
    if (fields.length !== 3) return wrong(`three fields are needed (id, host, count), not ${fields.length}`);
    const id = Number(idText);
    if (!Number.isInteger(id) || id < 1 || id > MAX_NODE_ID)
      return wrong(`"${idText}" is no id from 1 to ${MAX_NODE_ID}`);
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$/.test(host))
      return wrong(`"${host}" is no host name or address`);
    if (/^(alias|0)$/i.test(countText)) continue;
    const count = Number(countText);
    if (!Number.isInteger(count) || count < 1) return wrong(`"${countText}" is neither a count nor ALIAS`);
    if (count > 1 && !isIPv4(host)) return wrong('a range of nodes needs an IP address');
    if (id + count - 1 > MAX_NODE_ID) return wrong(`the range ends beyond id ${MAX_NODE_ID}`);
    const last = Number(host.split('.')[3]);
    if (count > 1 && last + count - 1 > 255) return wrong('the range of addresses ends beyond .255');
    for (let offset = 0; offset < count; offset += 1) {
      if (nodes.has(id + offset)) return wrong(`id ${id + offset} is given twice`);
      const address = count === 1 ? host : [...host.split('.').slice(0, 3), last + offset].join('.');
      nodes.set(id + offset, { name: address, host: address, id: id + offset });
    }
  }
  if (nodes.size === 0) return failure(problem('bad-input', 'The map has no entry'));
  return success([...nodes.values()]);
}
