/** The settings window in a real browser: what a retention costs while it is edited, what it deletes, and saving it. */
import type { Locator, Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HistoryPart } from '../../common/model/retention.ts';
import { DEFAULT_RETENTION, HISTORY_PARTS } from '../../common/model/retention.ts';
import type { Fake } from '../harness/fake-bridge.ts';
import { useWindow } from '../harness/window.ts';

const site = useWindow();
let page: Page;

/** The back end inside the page, as functions run there see it. */
declare const fake: Fake;

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 24, 12);

/** Every part has 1 GB of ten days, 100 MB a day. */
const USE = {
  file: '/data/history.sqlite',
  bytes: 6_000_000_000,
  free: 10_000_000_000,
  parts: HISTORY_PARTS.map((part) => ({
    part,
    bytes: 1_000_000_000,
    from: NOW - 10 * DAY,
    to: NOW,
    bytesPerDay: 100_000_000,
  })),
  retention: Object.fromEntries(HISTORY_PARTS.map((part) => [part, { days: 20, megabytes: 5000 }])) as Record<
    HistoryPart,
    { days: number; megabytes: number }
  >,
  snapshotSeconds: 60,
};

beforeEach(async () => {
  page = await site.open({
    query: '?view=settings',
    fake: { nodes: 3, period: 0, answers: { historyUse: { value: USE } } },
  });
  await page.getByText('Together').waitFor();
});

function field(name: string): Locator {
  return page.getByLabel(name, { exact: true });
}

function rowOf(name: string): Locator {
  return page.getByRole('row').filter({ hasText: name });
}

async function stored(): Promise<unknown[]> {
  return page.evaluate(() =>
    fake.calls.filter((call) => call.name === 'setRetention').map((call) => call.input),
  );
}

describe('what a choice costs', () => {
  it('stands beside it, and follows the fields', async () => {
    await rowOf('Values of every second').getByText('2.0 GB after 20 days').waitFor();
    await field('Values of every second: days').fill('30');
    await rowOf('Values of every second').getByText('3.0 GB after 30 days').waitFor();
    await field('Values of every second: megabytes').fill('600');
    await rowOf('Values of every second').getByText('600 MB, reaches back 6 days').waitFor();
    await rowOf('Together').getByText('10.6 GB').waitFor();
  });

  it('has no end without a limit', async () => {
    await field('Migrations: days').fill('');
    await field('Migrations: megabytes').fill('');
    await rowOf('Migrations').getByText('grows by 100 MB a day, without end').waitFor();
  });

  it('is said not to fit where the disk is too small', async () => {
    await page.getByText('10.0 GB are free on the disk.').waitFor();
    await field('Process lists: days').fill('');
    await field('Process lists: megabytes').fill('9000');
    await page.getByText('This does not fit: it needs 3.0 GB more').waitFor();
  });
});

/** What a test reads of an element's look there. */
interface Styles {
  getComputedStyle(element: unknown): { readonly color: string; readonly backgroundColor: string };
}

describe('saving', () => {
  it('is possible when something was changed, and stores the whole choice', async () => {
    const save = page.getByRole('button', { name: 'Save', exact: true });
    expect(await save.isDisabled()).toBe(true);
    await field('Migrations: days').fill('');
    await save.click();
    await page.getByText('Saved.').waitFor();
    const retention = { ...USE.retention, migrations: { days: null, megabytes: 5000 } };
    expect(await stored()).toEqual([{ retention, snapshotSeconds: 60 }]);
  });

  it('looks impossible while nothing was changed, also under the pointer', async () => {
    const look = (name: string): Promise<string> =>
      page.getByRole('button', { name, exact: true }).evaluate((element) => {
        const { color, backgroundColor } = (globalThis as unknown as Styles).getComputedStyle(element);
        return `${color} on ${backgroundColor}`;
      });
    await page.getByRole('button', { name: 'Save', exact: true }).hover({ force: true });
    expect(await look('Save')).toEqual(await look('Undo changes'));
  });

  it('says first what a smaller choice deletes, and saves nothing when that is not wanted', async () => {
    await field('Values of every 10 s: megabytes').fill('250');
    await page.getByRole('button', { name: 'Save …' }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('Values of every 10 s: about 750 MB, from').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await stored()).toEqual([]);
    await page.getByRole('button', { name: 'Save …' }).click();
    await dialog.getByRole('button', { name: 'Delete and save' }).click();
    await page.getByText('Saved.').waitFor();
  });

  it('waits until every field is right, and says which is not', async () => {
    await field('Values of every hour: days').fill('soon');
    await page.getByRole('alert').getByText('Values of every hour: Give days between').waitFor();
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
  });

  it('puts the defaults into the fields, to be saved as any choice', async () => {
    await page.getByRole('button', { name: 'Defaults' }).click();
    await expect
      .poll(() => field('Values of every second: days').inputValue())
      .toBe(String(DEFAULT_RETENTION['1s'].days));
    expect(await stored()).toEqual([]);
  });

  it('keeps the fields and says why when it fails', async () => {
    await page.evaluate(() =>
      fake.answer('setRetention', () => ({
        problem: { code: 'permission-denied', message: 'settings.json cannot be written.', detail: '' },
      })),
    );
    await field('Migrations: days').fill('');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('settings.json cannot be written.').waitFor();
    expect(await field('Migrations: days').inputValue()).toBe('');
  });
});

it('says which files are in use', async () => {
  await page.getByText('/data/history.sqlite, 6.0 GB').waitFor();
  await page.getByText('3, from /tmp/settings.json').waitFor();
});

describe('what leaves the program for Prometheus', () => {
  const problem = {
    code: 'host-unreachable',
    message: 'http://mimir.example/api/v1/push could not be reached: connect ECONNREFUSED.',
    detail: '',
  };
  const remoteWrite = {
    url: 'http://mimir.example/api/v1/push',
    intervalSeconds: 15,
    sentTo: NOW,
    behindSeconds: 7200,
    samplesTaken: 1_200_000,
    samplesRefused: 3,
    problem,
    refusal: null,
    retryAt: NOW + 60_000,
  };

  it('is said to be off where nothing is set', async () => {
    const section = page.getByRole('region', { name: 'Prometheus' });
    await section.getByText('off; start with --metrics').waitFor();
    await section.getByText('off; the settings name no server under prometheus.remoteWrite').waitFor();
  });

  it('stands there with how far behind it is, and why', async () => {
    const outlets = { metricsUrl: 'http://127.0.0.1:9464/metrics', remoteWrite, read: null };
    const open = await site.open({
      query: '?view=settings',
      fake: { nodes: 3, period: 0, answers: { historyUse: { value: USE }, outlets: { value: outlets } } },
    });
    const section = open.getByRole('region', { name: 'Prometheus' });
    await section.getByText('http://127.0.0.1:9464/metrics').waitFor();
    await section.getByText('http://mimir.example/api/v1/push, every 15 s').waitFor();
    await section.getByText('2 h behind').waitFor();
    await section.getByText('1,200,000 taken, 3 refused').waitFor();
    await section.getByText(problem.message).waitFor();
  });
});

it('finds the nodes of a cluster, and takes in no pushes once that is done', async () => {
  await page.getByRole('button', { name: 'Find nodes' }).click();
  await page.getByLabel('Ask node').waitFor();
  await page.getByRole('button', { name: 'Find', exact: true }).click();
  await page.getByRole('button', { name: /^Add \d+ nodes$/ }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const watched = await page.evaluate(() => fake.calls.filter((call) => call.name === 'watch').at(-1)?.input);
  expect(watched).toEqual({ on: false });
});

describe('the agent on nodes', () => {
  const PLAN = {
    kind: 'install',
    cluster: 'mosview',
    nodes: [
      {
        name: 'node1',
        target: 'root@10.0.0.1:22',
        id: 1,
        there: 'Debian 13, no agent',
        steps: ['copy /usr/local/bin/mos (1 kB)', 'wait until the agent answers as node 1'],
        notes: ['There is no criu.'],
        refusal: '',
      },
      {
        name: 'node2',
        target: 'anna@10.0.0.2:22',
        id: null,
        there: 'Debian 13, no agent',
        steps: [],
        notes: [],
        refusal: 'The login is not root.',
      },
    ],
    beside: ['make the authority of cluster mosview in /data/clusters'],
  };

  async function look(): Promise<void> {
    await page.evaluate((plan) => fake.answer('agentPlan', () => ({ value: { number: 7, plan } })), PLAN);
    await page.getByRole('button', { name: 'Install the agent' }).click();
    await page.getByRole('checkbox', { name: /^node1 / }).check();
    await page.getByRole('checkbox', { name: /^node2 / }).check();
    await page.getByRole('button', { name: 'Show what would be done' }).click();
    await page.getByText('copy /usr/local/bin/mos').waitFor();
  }

  it('shows what would be done on each node, and why nothing can be done on another', async () => {
    await look();
    expect(
      await page.evaluate(() => fake.calls.findLast((call) => call.name === 'agentPlan')?.input),
    ).toEqual({
      kind: 'install',
      keys: ['id:1', 'id:2'],
    });
    await page.getByText('Nothing is done here: The login is not root.').waitFor();
    await page.getByText('Also: make the authority of cluster mosview').waitFor();
    await page.getByRole('button', { name: 'Install on 1 node' }).waitFor();
  });

  it('goes back to the choice as it was', async () => {
    await look();
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByLabel('Filter the nodes').fill('node3');
    await page.getByRole('button', { name: 'Select all' }).click();
    await page.getByRole('button', { name: 'Show what would be done' }).click();
    await page.getByText('copy /usr/local/bin/mos').waitFor();
    const asked = await page.evaluate(() => fake.calls.findLast((call) => call.name === 'agentPlan')?.input);
    expect(asked).toEqual({ kind: 'install', keys: ['id:1', 'id:2', 'id:3'] });
  });

  it('asks for changes to be allowed, then tells how far each node is and what came of it', async () => {
    await look();
    await page.evaluate(() => {
      let locked = true;
      fake.answer('agentInstall', () => {
        const problem = { code: 'locked', message: 'Changes are locked.', detail: '' };
        const answer = locked ? { problem } : { value: {} };
        locked = false;
        return answer;
      });
    });
    await page.getByRole('button', { name: 'Install on 1 node' }).click();
    await page.getByRole('button', { name: 'Allow changes' }).click();
    await page.getByText('Working').waitFor();
    await page.evaluate(() => {
      const progress = { name: 'node1', state: 'working', words: 'copying /usr/local/bin/mos' } as const;
      fake.push('agentProgress', { number: 6, progress: { ...progress, words: 'of another plan' } });
      fake.push('agentProgress', { number: 7, progress });
    });
    await page
      .getByRole('row')
      .filter({ hasText: 'node1' })
      .getByText('copying /usr/local/bin/mos')
      .waitFor();
    await page.evaluate(() => {
      const progress = { name: 'node1', state: 'done', words: 'Node 1 is up.' } as const;
      fake.push('agentProgress', { number: 7, progress });
      const untold = ['node9: it is not connected'];
      fake.push('agentOutcome', {
        number: 7,
        outcome: { kind: 'install', cluster: 'mosview', nodes: [{ ...progress, id: 1 }], untold },
      });
    });
    await page.getByText('1 of 2 nodes are done.').waitFor();
    await page.getByText('node9: it is not connected').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });
});
