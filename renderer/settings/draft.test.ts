import { describe, expect, it } from 'vitest';
import { DEFAULT_RETENTION } from '../../common/model/retention.ts';
import { changed, choiceOf, draftOf, limitTrouble, sameChoice, snapshotTrouble } from './draft.ts';

const STORED = { retention: DEFAULT_RETENTION, snapshotSeconds: 60 };
const DRAFT = draftOf(DEFAULT_RETENTION, 60);

describe('the fields', () => {
  it('say what is stored, and read back the same', () => {
    const choice = choiceOf(DRAFT);
    expect(choice).toEqual(STORED);
    expect(choice !== undefined && sameChoice(choice, STORED)).toBe(true);
  });

  it('are empty for no limit', () => {
    const choice = choiceOf(changed(DRAFT, '1m', 'days', ''));
    expect(choice?.retention['1m']).toEqual({ days: null, megabytes: 4000 });
    expect(choice !== undefined && sameChoice(choice, STORED)).toBe(false);
    expect(draftOf({ ...DEFAULT_RETENTION, '1h': { days: null, megabytes: null } }, 0).days['1h']).toBe('');
  });

  it.each(['0', '-1', 'soon', '36501', '1e9', 'NaN'])('do not take "%s" for days', (text) => {
    expect(limitTrouble('days', text)).not.toBe('');
    expect(choiceOf(changed(DRAFT, '1s', 'days', text))).toBeUndefined();
  });

  it.each(['0.5', '36500', ' 7 ', ''])('take "%s" for days', (text) => {
    expect(limitTrouble('days', text)).toBe('');
  });

  it.each(['0', '0.9', '100000001'])('do not take "%s" for megabytes', (text) => {
    expect(limitTrouble('megabytes', text)).not.toBe('');
  });

  it.each([
    ['0', true],
    ['10', true],
    ['86400', true],
    ['9', false],
    ['86401', false],
    ['1.5', false],
    ['', false],
  ])('of the interval: "%s"', (text, taken) => {
    expect(snapshotTrouble(text) === '').toBe(taken);
  });
});
