/** The bundled file's entry: the agent, its keeper of pipes, or the command `mos`, by its first argument. */
import { mkdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { monCommand } from './command/mon.ts';
import { orderCommand } from './command/orders.ts';
import { run } from './command/run.ts';
import { parseRun } from './command/run-arguments.ts';
import { startAgent } from './daemon.ts';
import { keep } from './keeper/index.ts';
import { PATHS } from './paths.ts';
import { enrolCommand } from './trust/index.ts';

const USAGE = `mos run [-h | -ID | -jLIST] [-l | -L] COMMAND...   start a job that may move between nodes
mos ps                                              the jobs of this node
mos migrate PID {ID | home | best}                  move a process
mos ctl {stay | nostay | lstay | nolstay | block | noblock | quiet | noquiet | expel | bring}
mos ctl setspeed N | getload [ID] | status [ID]     settings and figures of nodes
mos mon                                             loads of all nodes as bars
mos status [--json]                                 this node and the cluster as it knows it
mos history [--since MILLISECONDS]                  what was recorded of this node, one JSON object a line
On the node itself, by its service manager: mos agent, mos keeper, mos enrol.
`;

/** Of agent, keeper and criu, as nice counts it: what carries jobs away must not wait behind them. */
const PRIORITY = -10;

/** A line for the journal, which adds the time. */
function log(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

const [verb = '', ...words] = process.argv.slice(2);
const status = await main(verb, words);
// The agent and the keeper serve until they are stopped.
if (status !== undefined) process.exit(status);

async function main(command: string, rest: readonly string[]): Promise<number | undefined> {
  switch (command) {
    case 'agent': {
      setPriority(PRIORITY);
      const { values } = parseArgs({
        args: [...rest],
        options: {
          criu: { type: 'string', default: 'criu' },
          cgroups: { type: 'string' },
          load: { type: 'string', default: 'machine' },
        },
      });
      const started = await startAgent({
        criu: values.criu,
        cgroups: values.cgroups,
        loadSource: values.load === 'own' ? 'own' : 'machine',
        log,
      });
      if (!started.ok) {
        log(started.problem.message);
        return 1;
      }
      for (const signal of ['SIGTERM', 'SIGINT'] as const)
        process.once(signal, () => {
          started.value();
          process.exit(0);
        });
      return undefined;
    }
    case 'keeper':
      setPriority(PRIORITY);
      mkdirSync(PATHS.run, { recursive: true, mode: 0o755 });
      await keep(join(PATHS.run, 'keeper.sock'));
      return undefined;
    case 'enrol':
      return enrolCommand(rest);
    case 'run': {
      const parsed = parseRun(rest, Math.random());
      if (parsed.ok) return run(parsed.value);
      process.stderr.write(`${parsed.problem.message}\n`);
      return 2;
    }
    case 'mon':
      return monCommand(rest);
    case 'ps':
    case 'migrate':
    case 'ctl':
    case 'status':
    case 'history':
      return orderCommand(command, rest);
    default:
      process.stderr.write(USAGE);
      return command === '' || command === 'help' || command === '--help' ? 0 : 2;
  }
}
