import { describe, expect, test } from 'vitest';
import { METRIC_INDEX } from '../model/metric.ts';
import { AGE_COLUMN, BlockView, COLUMN_COUNT, NODE_STATES, STATE_COLUMN } from './block.ts';

describe('a block of columns', () => {
  const slots = 3;
  const columns = new Float64Array(COLUMN_COUNT * slots).fill(NaN);
  columns[METRIC_INDEX.load * slots + 1] = 47;
  columns[METRIC_INDEX.load * slots + 2] = 0;
  columns[STATE_COLUMN * slots + 1] = NODE_STATES.indexOf('down');
  columns[AGE_COLUMN * slots + 1] = 1.5;
  const block = new BlockView(columns);

  test('knows how many nodes it has', () => {
    expect(block.slots).toBe(slots);
    expect(new BlockView(new Float64Array(0)).slots).toBe(0);
  });

  test('gives each node its own values', () => {
    expect(block.value('load', 1)).toBe(47);
    expect(block.value('load', 2)).toBe(0);
    expect(block.state(1)).toBe('down');
    expect(block.age(1)).toBe(1.5);
  });

  test('has NaN for a value that is missing', () => {
    expect(block.value('load', 0)).toBeNaN();
    expect(block.age(0)).toBeNaN();
  });

  test('shows a node that it does not have yet as connecting, without a value', () => {
    expect(block.state(3)).toBe('connecting');
    expect(block.value('load', 3)).toBeNaN();
    expect(block.age(3)).toBeNaN();
  });
});
