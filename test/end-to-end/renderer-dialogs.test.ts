/** Welcome, imports and questions in a real browser. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Prompt } from '../../common/contract/contract.ts';
import type { Fake, FakeOptions } from '../harness/fake-bridge.ts';
import { useWindow } from '../harness/window.ts';

const site = useWindow();
let page: Page;

/** The back end inside the page, as functions run there see it. */
declare const fake: Fake;

async function open(options: Partial<FakeOptions> = {}): Promise<void> {
  page = await site.open({ fake: { period: 0, nodes: 0, ...options } });
}

async function callsOf(name: string): Promise<unknown[]> {
  return page.evaluate(
    (wanted) => fake.calls.filter((call) => call.name === wanted).map((call) => call.input),
    name,
  );
}

async function ask(...prompts: readonly Prompt[]): Promise<void> {
  await page.evaluate((asked) => fake.push('prompts', { prompts: [...asked] }), prompts);
}

describe('the welcome', () => {
  it('is shown when there are no nodes', async () => {
    await open();
    await page.getByRole('heading', { name: 'No nodes yet' }).waitFor();
  });

  it('is not shown when there are some', async () => {
    await open({ nodes: 3 });
    await page.getByRole('grid').waitFor();
    expect(await page.getByRole('heading', { name: 'No nodes yet' }).count()).toBe(0);
  });

  it('starts the demo', async () => {
    await open();
    await page.getByRole('button', { name: 'Start the demo' }).click();
    await expect.poll(() => callsOf('startDemo')).toEqual([{}]);
  });

  it('says beside the button why the demo cannot start', async () => {
    const problem = { code: 'bad-input', message: 'A demo is running already.', detail: '' };
    await open({ answers: { startDemo: { problem } } });
    await page.getByRole('button', { name: 'Start the demo' }).click();
    await page.getByRole('alert').getByText('A demo is running already.').waitFor();
  });

  it('adds a node written by hand', async () => {
    await open();
    await page.getByLabel('Node').fill(' root@gate:2222 ');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await expect.poll(() => callsOf('addNode')).toEqual([{ target: 'root@gate:2222' }]);
  });

  it('says what is wrong with a node written by hand, and keeps it for correction', async () => {
    await open();
    await page.getByLabel('Node').fill('two words');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('"two words" is not [user@]host[:port].').waitFor();
    expect(await page.getByLabel('Node').inputValue()).toBe('two words');
  });

  it('gives way to the table when the first node is there', async () => {
    await open();
    await page.getByRole('heading', { name: 'No nodes yet' }).waitFor();
    await page.evaluate(() =>
      fake.push('nodes', {
        all: false,
        removed: [],
        changed: [
          {
            slot: 0,
            key: 'host:gate',
            id: 1,
            name: 'gate',
            target: 'root@gate:22',
            dialect: null,
            connection: { kind: 'queued' },
            reason: '',
            observer: false,
            disagreement: '',
          },
        ],
      }),
    );
    await page.getByRole('rowheader', { name: 'gate' }).waitFor();
  });
});

describe('importing from the SSH configuration', () => {
  async function openImport(): Promise<void> {
    await open();
    await page.getByRole('button', { name: 'Import from ~/.ssh/config' }).click();
    await page.getByRole('list', { name: 'Nodes found' }).getByText('host12').waitFor();
  }

  it('adds exactly the chosen ones', async () => {
    await openImport();
    await page.getByRole('checkbox', { name: /^host3 / }).check();
    await page.getByRole('checkbox', { name: /^host5 / }).check();
    await page.getByRole('button', { name: 'Add 2 nodes' }).click();
    await expect
      .poll(() => callsOf('addNodes'))
      .toEqual([
        {
          entries: [
            { name: 'host3', host: '10.1.0.3' },
            { name: 'host5', host: '10.1.0.5' },
          ],
        },
      ]);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('marks what is already there and never chooses it', async () => {
    await openImport();
    expect(await page.getByRole('checkbox', { name: /^host2 .*already there/ }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Select all' }).click();
    await page.getByRole('button', { name: 'Add 11 nodes' }).waitFor();
  });

  it('selects all and none of those the filter shows', async () => {
    await openImport();
    await page.getByLabel('Filter the nodes found').fill('through gate');
    await page.getByRole('button', { name: 'Select all' }).click();
    await page.getByRole('button', { name: 'Add 4 nodes' }).waitFor();
    await page.getByRole('button', { name: 'Select none' }).click();
    expect(await page.getByRole('button', { name: 'Add 0 nodes' }).isDisabled()).toBe(true);
  });

  it('says why the file could not be read', async () => {
    const problem = { code: 'file-unreadable', message: '~/.ssh/config cannot be read.', detail: 'EACCES' };
    await open({ answers: { importSshConfig: { problem } } });
    await page.getByRole('button', { name: 'Import from ~/.ssh/config' }).click();
    await page.getByRole('alert').getByText('Check the path and its permissions.').waitFor();
  });

  it('stays open with its choice when adding fails', async () => {
    const problem = { code: 'disk-full', message: 'The settings could not be written.', detail: '' };
    await open({ answers: { addNodes: { problem } } });
    await page.getByRole('button', { name: 'Import from ~/.ssh/config' }).click();
    await page.getByRole('checkbox', { name: /^host1 / }).check();
    await page.getByRole('button', { name: 'Add 1 node' }).click();
    await page.getByRole('alert').getByText('The settings could not be written.').waitFor();
    expect(await page.getByRole('checkbox', { name: /^host1 / }).isChecked()).toBe(true);
  });
});

describe('importing an openMosix map', () => {
  it('previews the pasted text with every node chosen', async () => {
    await open();
    await page.getByRole('button', { name: 'Import an openMosix map' }).click();
    await page.getByLabel('or its text').fill('1 10.1.0.1 12');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('button', { name: 'Add 11 nodes' }).waitFor();
    expect(await callsOf('importMap')).toEqual([{ text: '1 10.1.0.1 12' }]);
  });

  it('previews a chosen file', async () => {
    await open();
    await page.getByRole('button', { name: 'Import an openMosix map' }).click();
    const file = { name: 'openmosix.map', mimeType: 'text/plain', buffer: Buffer.from('1 10.1.0.1 12') };
    await page.getByLabel('File').setInputFiles(file);
    await page.getByText('12 found in openmosix.map').waitFor();
  });

  it('names the line that cannot be read', async () => {
    await open();
    await page.getByRole('button', { name: 'Import an openMosix map' }).click();
    await page.getByLabel('or its text').fill('1 10.1.0.1 12\noops');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('alert').getByText('Line 2 of the map').waitFor();
  });
});

describe('finding the nodes of a cluster', () => {
  async function find(): Promise<void> {
    await open({ nodes: 3 });
    await page.getByRole('button', { name: 'Nodes', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Find nodes' }).click();
    await page.getByRole('button', { name: 'Find', exact: true }).click();
    await page.getByText('found in the cluster of node1').waitFor();
  }

  it('asks the node that is chosen and says what should be known first', async () => {
    await find();
    expect(await callsOf('discover')).toEqual([{ key: 'id:1' }]);
    await page.getByRole('note', { name: 'What to know first' }).getByText('Two network cards').waitFor();
  });

  it('chooses the new nodes of the cluster, and of those beside it none', async () => {
    await find();
    expect(await page.getByRole('checkbox', { name: /^host1 / }).isChecked()).toBe(false);
    expect(await page.getByRole('checkbox', { name: /^host3 / }).isChecked()).toBe(true);
    expect(await page.getByRole('checkbox', { name: /^host2 .*already there/ }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Add 7 nodes' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await callsOf('addNodes')).toHaveLength(1);
  });

  it('says why a node could not be asked, and stays open', async () => {
    const problem = { code: 'not-found', message: 'node1 knows no other node.', detail: '' };
    await open({ nodes: 3, answers: { discover: { problem } } });
    await page.getByRole('button', { name: 'Nodes', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Find nodes' }).click();
    await page.getByRole('button', { name: 'Find', exact: true }).click();
    await page.getByRole('alert').getByText('node1 knows no other node.').waitFor();
    expect(await page.getByRole('button', { name: 'Find', exact: true }).isEnabled()).toBe(true);
  });
});

describe('the menu for nodes', () => {
  it('offers the same ways while nodes are shown', async () => {
    await open({ nodes: 3 });
    await page.getByRole('button', { name: 'Nodes', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Add a node' }).click();
    await page.getByRole('dialog', { name: 'Add a node' }).getByLabel('Node').fill('node9');
    await page.keyboard.press('Enter');
    await expect.poll(() => callsOf('addNode')).toEqual([{ target: 'node9' }]);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('is walked with the arrow keys and left with Escape', async () => {
    await open({ nodes: 3 });
    await page.getByRole('button', { name: 'Nodes', exact: true }).press('Enter');
    const focused = page.locator('[role=menuitem]:focus');
    await expect.poll(() => focused.textContent()).toBe('Add a node …');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => focused.textContent()).toBe('Start the demo');
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'hidden' });
  });

  it('tells in the notices why the demo cannot start', async () => {
    const problem = { code: 'bad-input', message: 'A demo is running already.', detail: '' };
    await open({ nodes: 3, answers: { startDemo: { problem } } });
    await page.getByRole('button', { name: 'Nodes', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Start the demo' }).click();
    await page.getByRole('log', { name: 'Notices' }).getByText('A demo is running already.').waitFor();
  });
});

describe('questions', () => {
  const hostKey: Prompt = {
    kind: 'host-key',
    id: 'k1',
    name: 'node3',
    address: '10.0.0.3:22',
    keyType: 'ssh-ed25519',
    fingerprint: 'SHA256:abc',
    command: 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
  };
  const secret: Prompt = {
    kind: 'secret',
    id: 's1',
    name: 'root@node3:22',
    title: 'Password for root@node3',
    instruction: '<b>not bold</b>',
    fields: [
      { label: 'Password', echo: false },
      { label: 'Code', echo: true },
    ],
  };

  it('show the fingerprint and the command that checks it', async () => {
    await open({ nodes: 3 });
    await ask(hostKey);
    const dialog = page.getByRole('dialog', { name: 'Is this node3?' });
    await dialog.getByText('SHA256:abc').waitFor();
    await dialog.getByText(hostKey.kind === 'host-key' ? hostKey.command : '').waitFor();
  });

  it('refuse a host key when just confirmed with the keyboard', async () => {
    await open({ nodes: 3 });
    await ask(hostKey);
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => callsOf('answerPrompt')).toEqual([{ id: 'k1', answer: null }]);
  });

  it('refuse a host key at Escape', async () => {
    await open({ nodes: 3 });
    await ask(hostKey);
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => callsOf('answerPrompt')).toEqual([{ id: 'k1', answer: null }]);
  });

  it('accept a host key when told to', async () => {
    await open({ nodes: 3 });
    await ask(hostKey);
    await page.getByRole('button', { name: 'Accept and remember' }).click();
    await expect.poll(() => callsOf('answerPrompt')).toEqual([{ id: 'k1', answer: ['yes'] }]);
  });

  it('hide a secret while it is typed, and show what may be seen', async () => {
    await open({ nodes: 3 });
    await ask(secret);
    expect(await page.getByLabel('Password', { exact: true }).getAttribute('type')).toBe('password');
    expect(await page.getByLabel('Code').getAttribute('type')).toBe('text');
  });

  it('give one answer per field', async () => {
    await open({ nodes: 3 });
    await ask(secret);
    await page.getByLabel('Password', { exact: true }).fill('hunter2');
    await page.getByLabel('Code').fill('123456');
    await page.keyboard.press('Enter');
    await expect.poll(() => callsOf('answerPrompt')).toEqual([{ id: 's1', answer: ['hunter2', '123456'] }]);
  });

  it("show a server's words as text", async () => {
    await open({ nodes: 3 });
    await ask(secret);
    await page.getByText('<b>not bold</b>').waitFor();
  });

  it('come one after the other, with their number', async () => {
    await open({ nodes: 3 });
    await ask(hostKey, secret);
    await page.getByText('1 of 2 questions').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog', { name: 'Password for root@node3' }).waitFor();
  });

  it('keep what is being typed when another question joins the queue', async () => {
    await open({ nodes: 3 });
    await ask(secret);
    await page.getByLabel('Code').fill('1234');
    await ask(secret, hostKey);
    await page.getByText('1 of 2 questions').waitFor();
    expect(await page.getByLabel('Code').inputValue()).toBe('1234');
  });

  it('go away when they were answered elsewhere', async () => {
    await open({ nodes: 3 });
    await ask(hostKey);
    await page.getByRole('dialog').waitFor();
    await ask();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });
});
