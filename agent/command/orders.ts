/** `mos ps`, `mos migrate`, `mos ctl` and `mos status`: one question to this node's agent, and its answer in words. */
import { problem } from '../../common/contract/problem.ts';
import { isUp, settingsOf } from '../../common/model/status.ts';
import { assertNever, failure, success, type Result } from '../../common/model/result.ts';
import type { NodeLine } from '../local/protocol.ts';
import { switchSchema } from '../settings.ts';
import { connectLocal, type Local } from './local.ts';

const MOVE_MILLISECONDS = 600_000;
const BAD_USE = 2;

export type OrderVerb = 'ps' | 'migrate' | 'ctl' | 'status' | 'history';

/** Answers the exit status for the shell. */
export async function orderCommand(verb: OrderVerb, words: readonly string[]): Promise<number> {
  const local = await connectLocal();
  const said = local.ok ? await say(local.value, verb, words) : local;
  if (said.ok) {
    process.stdout.write(said.value);
    return 0;
  }
  process.stderr.write(`mos: ${said.problem.message}\n`);
  return said.problem.code === 'bad-input' ? BAD_USE : 1;
}

function say(local: Local, verb: OrderVerb, words: readonly string[]): Promise<Result<string>> {
  switch (verb) {
    case 'ps':
      return listJobs(local);
    case 'migrate':
      return migrate(local, words);
    case 'ctl':
      return control(local, words);
    case 'status':
      return status(local, words.includes('--json'));
    case 'history':
      return history(local, words);
    default:
      return assertNever(verb);
  }
}

async function listJobs(local: Local): Promise<Result<string>> {
  const list = await local.call('list', {});
  if (!list.ok) return list;
  const rows = list.value.jobs.map((job) => [
    String(job.pid),
    // As openMosix' mps: 0 is at home.
    String(job.place === job.home ? 0 : job.place),
    String(job.home),
    String(job.moves),
    job.locked ? 'L' : '-',
    `${Math.round(job.age)}s`,
    job.freeze === null ? '' : `${job.freeze.toFixed(1)}s`,
    job.command,
    job.why.split('\n')[0] ?? '',
  ]);
  return success(
    table(['PID', 'NODE', 'HOME', 'MIGS', 'LOCK', 'AGE', 'FREEZE', 'COMMAND', 'STAYS BECAUSE'], rows),
  );
}

async function migrate(local: Local, words: readonly string[]): Promise<Result<string>> {
  const [pidWord = '', target = ''] = words;
  const pid = Number(pidWord);
  const to = target === 'home' ? 0 : target === 'best' || target === 'balance' ? 'best' : Number(target);
  if (!Number.isInteger(pid) || pid < 1 || target === '' || Number.isNaN(to))
    return failure(
      problem('bad-input', 'mos migrate needs a process and where to: mos migrate PID {ID | home | best}.'),
    );
  const moved = await local.call(
    'migrate',
    { pid, to, cause: 'operator' },
    { milliseconds: MOVE_MILLISECONDS },
  );
  if (!moved.ok) return moved;
  const { place, freezeSeconds } = moved.value;
  return success(
    `Process ${pid} runs on node ${place}; it stood still for ${Math.round(freezeSeconds * 1000)} ms.\n`,
  );
}

/** Figures that `mos ctl getX` tells, as mosctl does: one number. Memory in pages of 4096 bytes. */
const FIGURES: Readonly<Record<string, (node: NodeLine) => number>> = {
  getload: ({ load }) => Math.round(load),
  getspeed: ({ speed }) => speed,
  getmem: ({ memoryAvailable }) => Math.round(memoryAvailable / 4096),
  getfree: ({ memoryFree }) => Math.round(memoryFree / 4096),
  getutil: ({ util }) => Math.round(util),
};

async function control(local: Local, words: readonly string[]): Promise<Result<string>> {
  const [word = '', value = ''] = words;
  const name = switchSchema.safeParse(word.replace(/^no/, ''));
  if (name.success) {
    const done = await local.call('switch', { name: name.data, on: !word.startsWith('no') });
    return done.ok ? success('') : done;
  }
  if (word === 'expel' || word === 'bring') {
    const left = await leave(local, word);
    if (!left.ok) return left;
    return left.value === 0
      ? success('')
      : failure(
          problem(
            'cannot-move',
            `${left.value} could not ${word === 'expel' ? 'leave' : 'come home'}; mos ps says why.`,
          ),
        );
  }
  if (word === 'setspeed') {
    const speed = Number(value);
    if (!Number.isInteger(speed) || speed < 1)
      return failure(problem('bad-input', `setspeed takes a whole number such as 10000, not "${value}".`));
    const done = await local.call('speed', { speed });
    return done.ok ? success('') : done;
  }
  return figure(local, word, value);
}

async function leave(local: Local, word: 'expel' | 'bring'): Promise<Result<number>> {
  if (word === 'expel') {
    const expelled = await local.call('expel', {}, { milliseconds: MOVE_MILLISECONDS });
    return expelled.ok ? success(expelled.value.left) : expelled;
  }
  const brought = await local.call('bring', {}, { milliseconds: MOVE_MILLISECONDS });
  return brought.ok ? success(brought.value.away) : brought;
}

async function figure(local: Local, word: string, of: string): Promise<Result<string>> {
  const known = await local.call('status', {});
  if (!known.ok) return known;
  if (word === 'whois' && of === '') return success(`This is mosview node #${known.value.id}\n`);
  const id = of === '' ? known.value.id : Number(of);
  const node = known.value.nodes.find((one) => one.id === id);
  if (node === undefined) return failure(problem('not-found', `No node ${of} is in this cluster.`));
  const up = isUp(node.status);
  if (word === 'isup') return success(up ? 'yes\n' : 'no\n');
  if (word === 'status') return success(`${[up ? 'up' : 'down', ...settingsOf(node.status)].join(' ')}\n`);
  const read = FIGURES[word];
  if (read === undefined) return failure(problem('bad-input', `mos ctl does not know "${word}".`));
  if (!up) return failure(problem('host-unreachable', `Node ${id} (${node.name}) is down.`));
  return success(`${read(node)}\n`);
}

/** Lines of common/model/recorded.ts, asked for in parts that an answer can hold. */
async function history(local: Local, words: readonly string[]): Promise<Result<string>> {
  const since = words[0] === '--since' ? Number(words[1]) : words.length === 0 ? 0 : NaN;
  if (!(since >= 0))
    return failure(problem('bad-input', 'mos history takes --since and milliseconds since 1970.'));
  let text = '';
  const now = Date.now();
  for (let from: number | null = since; from !== null;) {
    const part: Result<{ lines: string[]; next: number | null }> = await local.call('history', {
      since: from,
      until: now,
    });
    if (!part.ok) return part;
    text += part.value.lines.map((line) => `${line}\n`).join('');
    from = part.value.next;
  }
  return success(text);
}

async function status(local: Local, asJson: boolean): Promise<Result<string>> {
  const known = await local.call('status', {});
  if (!known.ok) return known;
  if (asJson) return success(`${JSON.stringify(known.value)}\n`);
  const { id, cluster, version, criu, nodes } = known.value;
  const rows = nodes.map((node) => [
    String(node.id),
    node.name,
    node.age === null ? 'never heard' : isUp(node.status) ? 'up' : 'down',
    String(Math.round(node.load)),
    String(node.speed),
    String(node.cpus),
    settingsOf(node.status).join(' '),
  ]);
  const head = `Node ${id} of cluster ${cluster}, agent ${version}.${criu === '' ? '' : ` ${criu}`}\n`;
  return success(head + table(['NODE', 'NAME', 'STATE', 'LOAD', 'SPEED', 'CPUS', 'SETTINGS'], rows));
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  return [head, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
