/** How the program ends. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeWithin } from './close.ts';

const complaint = vi.spyOn(console, 'error').mockImplementation(() => {});
afterEach(() => complaint.mockClear());

describe('closeWithin', () => {
  it('ends with 0 once everything is closed', async () => {
    expect(await closeWithin(() => Promise.resolve(), 60_000)).toBe(0);
    expect(complaint).not.toHaveBeenCalled();
  });

  it('ends with 1 and the reason where something cannot be closed', async () => {
    expect(await closeWithin(() => Promise.reject(new Error('disk gone')), 60_000)).toBe(1);
    expect(complaint).toHaveBeenCalledWith('mosview did not close cleanly: disk gone');
  });

  it('does not wait for ever', async () => {
    expect(await closeWithin(() => new Promise(() => {}), 10)).toBe(1);
    expect(complaint).toHaveBeenCalledWith('mosview did not close cleanly: it took longer than 0.01 s');
  });
});
