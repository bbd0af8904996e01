/** The limit on connects under way, with servers that take their time. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AuthContext } from 'ssh2';
import { AnsweringPrompter, listenSsh2, reached, SshBench } from '../harness/ssh-fixture.ts';

let bench: SshBench;
let configFile: string;
beforeEach(() => {
  bench = new SshBench();
  configFile = join(bench.folder, 'config');
  writeFileSync(
    configFile,
    'Host *\n StrictHostKeyChecking no\n IdentityFile none\n UserKnownHostsFile none\n',
  );
});
afterEach(() => bench.close());

it('has at most 32 connects under way, the others queue, and all arrive', async () => {
  let underWay = 0;
  let most = 0;
  const held: AuthContext[] = [];
  const { promise: full, resolve: reachedLimit } = Promise.withResolvers<void>();
  let open = false;
  const server = bench.ends(
    await listenSsh2((context) => {
      underWay += 1;
      most = Math.max(most, underWay);
      const letIn = (): void => {
        underWay -= 1;
        context.accept();
      };
      if (open) setImmediate(letIn);
      else held.push(context);
      if (held.length === 32) reachedLimit();
    }),
  );
  const ssh = bench.service({ prompter: new AnsweringPrompter(), configFile });
  const sessions = Array.from({ length: 100 }, (_none, index) =>
    ssh.open({ name: `n${index}`, host: '127.0.0.1', port: server.port }),
  );
  await full;
  expect(sessions.filter(({ state }) => state.kind === 'connecting')).toHaveLength(32);
  expect(sessions.filter(({ state }) => state.kind === 'queued')).toHaveLength(68);
  expect(server.clients.size).toBe(32);
  open = true;
  for (const context of held) {
    underWay -= 1;
    context.accept();
  }
  await Promise.all(sessions.map((session) => reached(session, 'connected')));
  expect(most).toBe(32);
});

it('gives the place of a connect that waits for the operator to another', async () => {
  const asking = bench.ends(await listenSsh2((context) => context.reject(['password'])));
  const willing = bench.ends(await listenSsh2((context) => context.accept()));
  const prompter = new AnsweringPrompter(() => new Promise(() => {}));
  const ssh = bench.service({ prompter, configFile, parallelConnects: 1 });
  const first = ssh.open({ name: 'n1', host: '127.0.0.1', port: asking.port });
  const second = ssh.open({ name: 'n2', host: '127.0.0.1', port: willing.port });
  await reached(second, 'connected');
  expect(first.state.kind).toBe('asking');
});

it('frees the place of a session that is closed while it connects', async () => {
  const silent = bench.ends(await listenSsh2(() => {}));
  const willing = bench.ends(await listenSsh2((context) => context.accept()));
  const ssh = bench.service({ prompter: new AnsweringPrompter(), configFile, parallelConnects: 1 });
  const first = ssh.open({ name: 'n1', host: '127.0.0.1', port: silent.port });
  await reached(first, 'connecting');
  const second = ssh.open({ name: 'n2', host: '127.0.0.1', port: willing.port });
  expect(second.state.kind).toBe('queued');
  await first.close();
  await reached(second, 'connected');
});
