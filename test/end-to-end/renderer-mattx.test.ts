/** Control of a MattX node in a real browser: what it lacks says why, and its lists are edited as a whole. */
import type { Locator, Page } from 'playwright-core';
import { beforeEach, expect, it } from 'vitest';
import type { Fake } from '../harness/fake-bridge.ts';
import { useWindow } from '../harness/window.ts';

const site = useWindow();
let page: Page;

/** The back end inside the page, as functions run there see it. */
declare const fake: Fake;

beforeEach(async () => {
  page = await site.open({ fake: { nodes: 3, period: 0, unlocked: true } });
  await page.getByRole('grid').locator('.layer .row').first().waitFor();
  await page.evaluate(() => fake.change(0, { dialect: 'mattx' }));
  await page
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name: 'node1', exact: true }) })
    .click();
});

const control = (name: string): Locator => page.getByRole('checkbox', { name, exact: true });
const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
const dialog = (): Locator => page.getByRole('dialog', { name: 'MattX at node1' });

async function lastPlan(): Promise<unknown> {
  return page.evaluate(() => fake.calls.filter(({ name }) => name === 'plan').at(-1)?.input);
}

it('greys what MattX has not, with the reason, and leaves stay and speed', async () => {
  await expect.poll(() => control('block').getAttribute('title')).toMatch(/MattX cannot refuse guests/);
  expect(await control('block').getAttribute('aria-disabled')).toBe('true');
  expect(await control('stay').getAttribute('aria-disabled')).toBe('false');
  expect(await button('Send guests away').getAttribute('title')).toMatch(/cannot send guests away/);
  expect(await page.getByLabel('Speed by number').isDisabled()).toBe(false);
});

it('says what a drain can and cannot do', async () => {
  await button('Drain …').click();
  await page
    .getByRole('dialog')
    .getByText(/MattX cannot refuse guests: while the node is idle/)
    .waitFor();
});

it('shows a list as it stands and orders the whole of what it becomes', async () => {
  await button('Lists …').click();
  const exclude = dialog().getByRole('textbox', { name: /^Exclude/ });
  expect(await exclude.inputValue()).toBe('bash,cat');
  expect(await button('Show the plan').isDisabled()).toBe(true);
  await exclude.fill('bash, cat, fft');
  await button('Show the plan').click();
  await dialog().waitFor({ state: 'detached' });
  expect(await lastPlan()).toEqual({
    order: {
      kind: 'nodes',
      nodes: ['id:1'],
      changes: [{ kind: 'pins', list: 'exclude', names: ['bash', 'cat', 'fft'], seen: 'bash,cat' }],
    },
  });
});

it('refuses a list that MattX would cut, and a name that is no name', async () => {
  await button('Lists …').click();
  const exclude = dialog().getByRole('textbox', { name: /^Exclude/ });
  await exclude.fill('abcdefg,'.repeat(32));
  await dialog()
    .getByRole('alert')
    .getByText(/MattX would cut it silently at 247/)
    .waitFor();
  await exclude.fill('a b;c');
  await dialog()
    .getByRole('alert')
    .getByText(/letters, digits/)
    .waitFor();
  expect(await button('Show the plan').isDisabled()).toBe(true);
});

const offer = (): Locator => page.getByRole('note', { name: 'Exclude list' });

it('says that the balancer may take its own sampler away, and offers to append to the list', async () => {
  await offer()
    .getByText("The balancer may take mosview's own sampler away: the exclude list there lacks sh.")
    .waitFor();
  await offer().getByRole('button', { name: 'Append to its list' }).click();
  await page.getByRole('dialog').getByText('bash,cat,sh').waitFor();
  expect(await lastPlan()).toEqual({
    order: { kind: 'nodes', nodes: ['id:1'], changes: [{ kind: 'pin-self' }] },
  });
});

it('says nothing of the list where no changes are allowed, nor on a node that has none', async () => {
  await offer().waitFor();
  await page.evaluate(() => fake.change(0, { dialect: 'openmosix' }));
  await offer().waitFor({ state: 'detached' });
  await page.evaluate(() => fake.change(0, { dialect: 'mattx' }));
  await offer().waitFor();
  await page.getByRole('button', { name: /^Changes allowed/ }).click();
  await offer().waitFor({ state: 'detached' });
});

it('offers to exclude mosview itself in the dialog of the lists', async () => {
  await button('Lists …').click();
  await button('Exclude mosview').click();
  await dialog().waitFor({ state: 'detached' });
  expect(await lastPlan()).toEqual({
    order: { kind: 'nodes', nodes: ['id:1'], changes: [{ kind: 'pin-self' }] },
  });
});
