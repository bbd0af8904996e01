/** What the files of /proc/mattx say on a MattX 1.7 node, as bytes of Latin-1. Source: the project's MattX facts. */
import type { Files } from '../process-text.ts';
import type { Figures, MattxNode } from './node.ts';

const RULE = '-'.repeat(72);
/** The version that the nodes say they have. */
export const MATTX_VERSION = '1.7';

/** The files of /proc/mattx that are read, as the node shows them at a time in milliseconds. */
export function tableFiles(node: MattxNode, addressOf: (id: number) => string, now: number): Files {
  return {
    version: `MattX Version: ${MATTX_VERSION}\nMattX License: GPLv2\nCopyright (c) 2026 by Matthias Rechenburg\n`,
    nodes: nodesTable(node, addressOf, now),
    remote: node.remote.map(({ pid, target }) => `${pid}:${target}\n`).join(''),
    guests: node.guests.map(({ guest }) => `${guest.pid}:${guest.home}\n`).join(''),
  };
}

/** The table, an empty line and the settings. The own row comes first; without the discovery daemon its id is 0. */
function nodesTable(node: MattxNode, addressOf: (id: number) => string, now: number): string {
  const own = node.joined ? `${node.id} (Local)\t${node.address}` : '0 (Local)\t0.0.0.0';
  const { switches } = node;
  return [
    'MattX Cluster Nodes:',
    RULE,
    'Node ID\t\tIP Address\tCPU Load\tAffinity\tMem Free (MB)',
    RULE,
    `${own}\t${figuresText(node.figures(now))}`,
    ...[...node.beliefs].map(([id, figures]) => `${id}\t\t${addressOf(id)}\t${figuresText(figures)}`),
    '',
    `Balancer Enabled: ${switches.balancer ? 'YES' : 'NO'}`,
    `MattXFS Enabled: ${switches.mattxfs ? 'YES' : 'NO'}`,
    `Debug Mode: ${switches.debug ? 'ON' : 'OFF'}`,
    `Node Affinity: ${node.affinity} (0 = Auto)`,
    `Migration Excludes: ${node.excludes}`,
    `Migration Includes: ${node.includes}`,
    '',
  ].join('\n');
}

function figuresText({ load, affinity, freeMegabytes }: Figures): string {
  return `${load}\t\t${affinity}\t\t${freeMegabytes}`;
}
