/** A row of the table as the texts it shows, made only for the rows in view. */
import type { NodeState } from '../../common/contract/block.ts';
import { loadPercent } from '../../common/model/cluster.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { memoryPercent } from '../cluster/arrange.ts';
import type { Second } from '../cluster/cluster.ts';
import { bytesOf, count, percent, span } from '../words/format.ts';
import { ageMatters, connectionWords, settingsWords } from '../words/node-words.ts';

/** The texts of one row. */
export interface RowText {
  readonly info: NodeInfo;
  readonly state: NodeState;
  /** How old the numbers are; empty while they are of this second. */
  readonly age: string;
  readonly speed: string;
  readonly load: string;
  readonly loadPercent: string;
  /** 0..1, for the bar. */
  readonly loadShare: number;
  readonly memory: string;
  readonly memoryPercent: string;
  readonly cpus: string;
  readonly settings: string;
  /** Of mosview's own connection; in the past the reason of the state. */
  readonly connection: string;
}

/** Writes one row; `past` for a second that is gone by. */
export function rowText(info: NodeInfo, second: Second, past: boolean): RowText {
  const { block, time } = second;
  const slot = info.slot;
  const state = block.state(slot);
  const age = block.age(slot);
  const load = block.value('load', slot);
  const memoryTotal = block.value('memoryTotal', slot);
  return {
    info,
    state,
    age: ageMatters(state, age) ? span(age) : '',
    speed: count(block.value('speed', slot)),
    load: count(load),
    loadPercent: percent(loadPercent(load)),
    loadShare: Number.isNaN(load) ? 0 : Math.round(loadPercent(load)) / 100,
    memory: bytesOf(memoryTotal - block.value('memoryFree', slot), memoryTotal),
    memoryPercent: percent(memoryPercent(block, slot)),
    cpus: count(block.value('cpus', slot)),
    settings: settingsWords(block.value('status', slot)),
    connection: past ? info.reason : connectionWords(info, time),
  };
}
