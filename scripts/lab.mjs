/**
 * `npm run lab [-- --nodes 3 --cpu 100,50,50]`: the tests' hosts to work with by hand. Says how to enter them and how to open
 * mosview on them, stays until Ctrl-C, and then leaves nothing behind.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePrograms } from './debian.mjs';
import { ensureNode } from './node.mjs';

await ensureNode();
const { startLab } = await import('../test/harness/lab/lab.ts');
const { enrol } = await import('../test/harness/lab/enrol.ts');
try {
  const lab = await startLab({ nodes: nodesOf(process.argv.slice(2)), reachable: true });
  const stopped = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve);
  });
  try {
    await startAgents(lab);
    process.stdout.write(wordsOf(lab, writeSettings(lab)));
    await stopped;
  } finally {
    await lab.dispose();
  }
  const left = lab.left();
  process.stdout.write(left.length === 0 ? '\nThe lab is gone.\n' : `\nLeft behind:\n${left.join('\n')}\n`);
  process.exitCode = left.length === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** Makes a cluster of the nodes. A node whose agent does not start is one of plain Linux, and is said to be. */
async function startAgents(lab) {
  await enrol(lab.nodes);
  const started = await Promise.allSettled(lab.nodes.map((node) => node.startAgent()));
  for (const { reason } of started) if (reason !== undefined) process.stderr.write(`${reason.message}\n`);
}

/** Settings for mosview that name every node and the keys to it. */
function writeSettings(lab) {
  const file = join(lab.folder, 'settings.json');
  const nodes = lab.nodes.map(({ id, name }) => ({ id, name, host: name }));
  const settings = { nodes, sshConfigFile: lab.sshConfigFile, knownHostsFiles: [lab.knownHostsFile] };
  writeFileSync(file, `${JSON.stringify(settings, undefined, 2)}\n`);
  return file;
}

function wordsOf(lab, settingsFile) {
  const nodes = lab.nodes.map(
    ({ name, address, pid }) => `  ${name}  ${address}  its first process here is ${pid}`,
  );
  const [first] = lab.nodes;
  return [
    `${lab.nodes.length} nodes run:`,
    ...nodes,
    'A shell on one of them:',
    `  nsenter --target ${first.pid} --all --wdns=/ bash`,
    `  ssh -F ${lab.sshConfigFile} ${first.name}`,
    `  ssh -i ${join(lab.folder, 'identity')} -p 22 root@${first.address}`,
    'A program that may move, on a node:  mos run COMMAND   mos ps   mos migrate PID 2',
    'mosview on all of them:',
    `  npm start -- --config ${settingsFile} --data ${join(lab.folder, 'data')}`,
    `  npx mosview nodes --config ${settingsFile} --data ${join(lab.folder, 'data')}`,
    `/srv on every node is ${lab.shared} here. Ctrl-C ends the lab.`,
    '',
  ].join('\n');
}

/** `--nodes 3 --cpu 100,50,50`: how many, and how much of a processor each gets, in percent. */
function nodesOf(args) {
  const { values } = parseArgs({
    args,
    options: { nodes: { type: 'string', default: '3' }, cpu: { type: 'string', default: '' } },
  });
  const count = Number(values.nodes);
  if (!Number.isInteger(count)) throw new Error(`--nodes takes a whole number, not "${values.nodes}".`);
  const percents = values.cpu.split(',').filter((word) => word !== '');
  ensurePrograms();
  return Array.from({ length: count }, (_, index) =>
    percents[index] === undefined ? {} : { cpuPercent: Number(percents[index]) },
  );
}
