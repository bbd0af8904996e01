/**
 * Programs that show it when a step of theirs is lost, made twice or made wrong. Each goes on until a file appears (or for
 * `rounds:N`, which is how it is run without moving), and says at the end on standard error how many rounds it made.
 */

export interface Program {
  readonly name: string;
  /** Its command; `until` is the path without `.stop`, or `rounds:N`. */
  command(until: string): readonly string[];
  /** How it ends. */
  readonly status: number;
}

const PYTHON = `
import os, sys, time, zlib
UNTIL = sys.argv[1]
def more(done):
    if UNTIL.startswith('rounds:'): return done < int(UNTIL[7:])
    time.sleep(0.01)
    return not os.path.exists(UNTIL + '.stop')
def end(done, status):
    sys.stdout.flush()
    sys.stderr.write('rounds %d\\n' % done)
    sys.stderr.flush()
    os._exit(status)
`;

const SHELL = `
more() { case $UNTIL in rounds:*) [ "$1" -lt "\${UNTIL#rounds:}" ];; *) [ ! -e "$UNTIL.stop" ];; esac; }
`;

function python(name: string, status: number, text: string): Program {
  return { name, status, command: (until) => ['python3', '-u', '-c', PYTHON + text, until] };
}

function shell(interpreter: 'bash' | 'sh', name: string, status: number, text: string): Program {
  return { name, status, command: (until) => [interpreter, '-c', `UNTIL=$1${SHELL}${text}`, name, until] };
}

/** A tick goes to a file that all nodes share, and to standard output with a checksum of what is in its memory by then. */
export const TICKER = python(
  'ticker',
  21,
  `
PIECE, BYTES = 4096, 8 * 1024 * 1024
memory = bytearray(BYTES)
ticks = os.open(UNTIL + '.ticks', os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
done, crc = 0, 0
while more(done):
    at = done * 7919 * PIECE % BYTES
    text = b'%d %d ' % (done, crc)
    memory[at:at + PIECE] = (text * (PIECE // len(text) + 1))[:PIECE]
    crc = zlib.crc32(memory[at:at + PIECE], crc)
    os.write(ticks, b'%d\\n' % done)
    print(done, crc)
    done += 1
print('memory', zlib.crc32(memory))
end(done, 21)
`,
);

/** It has much memory and changes little of it. */
export const HOLDER = python(
  'holder',
  22,
  `
PIECE, BYTES = 4096, 96 * 1024 * 1024
memory = bytearray(b'%16d' % 7 * (BYTES // 16))
done = 0
while more(done):
    at = done * 7919 * PIECE % BYTES
    memory[at:at + PIECE] = b'%16d' % done * (PIECE // 16)
    print(done, zlib.crc32(memory[at:at + PIECE]))
    done += 1
print('memory', zlib.crc32(memory))
end(done, 22)
`,
);

/** Programs of every kind that people run. */
export const PROGRAMS: readonly Program[] = [
  python(
    'python-threads',
    4,
    `
import threading, queue
asked, told = [queue.Queue() for _ in range(4)], queue.Queue()
def work(mine):
    total = 0
    while True:
        number = mine.get()
        total = zlib.crc32(b'%d %d' % (number, total))
        told.put(total)
for mine in asked: threading.Thread(target=work, args=(mine,), daemon=True).start()
done = 0
while more(done):
    for mine in asked: mine.put(done)
    print(done, sorted(told.get() for _ in asked))
    done += 1
end(done, 4)
`,
  ),
  python(
    'python-processes',
    5,
    `
import multiprocessing
def square(number): return number * number
pool = multiprocessing.get_context('fork').Pool(3)
done = 0
while more(done):
    print(done, sum(pool.map(square, range(done, done + 30))))
    done += 1
pool.terminate()
end(done, 5)
`,
  ),
  python(
    'shared-memory',
    6,
    `
import mmap, struct
shared = mmap.mmap(-1, 4096)
def read(at): return struct.unpack_from('q', shared, at * 8)[0]
def write(at, value): struct.pack_into('q', shared, at * 8, value)
for child in range(1, 4):
    if os.fork() == 0:
        seen = 0
        while True:
            turn = read(0)
            if turn > seen:
                write(child, read(child) * 3 + turn & 0xffffffff)
                seen = turn
                write(3 + child, seen)
            elif os.getppid() == 1: os._exit(0)
            else: time.sleep(0.001)
done = 0
while more(done):
    write(0, done + 1)
    while any(read(3 + child) <= done for child in range(1, 4)): time.sleep(0.001)
    print(done, [read(child) for child in range(1, 4)])
    done += 1
end(done, 6)
`,
  ),
  {
    name: 'node',
    status: 7,
    command: (until) => [
      'node',
      '-e',
      `
const { createHash } = require('node:crypto');
const { existsSync } = require('node:fs');
const until = process.argv[1];
const limit = until.startsWith('rounds:') ? Number(until.slice(7)) : Infinity;
let done = 0, hash = '';
function step() {
  if (limit === Infinity ? existsSync(until + '.stop') : done >= limit) {
    process.stderr.write('rounds ' + done + '\\n', () => process.exit(7));
    return;
  }
  hash = createHash('sha256').update(hash + done).digest('hex');
  console.log(done, hash);
  done += 1;
  setTimeout(step, limit === Infinity ? 10 : 0);
}
step();
`,
      until,
    ],
  },
  shell(
    'bash',
    'pipeline',
    8,
    `
rounds=0
produce() { while more $rounds; do seq $rounds $((rounds + 400)); rounds=$((rounds + 1)); echo . >&2; done; echo "rounds $rounds" >&2; }
produce | awk '{ print $1 * $1 % 1009 }' | TMPDIR=/srv sort -n | uniq -c | md5sum
exit 8
`,
  ),
  shell(
    'sh',
    'gzip',
    9,
    `
rounds=0
while more $rounds; do
  seq $rounds 7 900000 | gzip -9n | sha256sum
  rounds=$((rounds + 1))
done
echo "rounds $rounds" >&2
exit 9
`,
  ),
  shell(
    'bash',
    'fork-tree',
    10,
    `
rounds=0
leaf() { echo $(($1 * 3 + $2)); }
branch() { for twig in 1 2 3; do echo "$(leaf $1 $twig)"; done | sort -n | paste -sd+; }
while more $rounds; do
  for bough in 1 2 3; do branch $((rounds + bough)) & done >/dev/null
  wait
  echo "$rounds $(($(branch $rounds)))"
  rounds=$((rounds + 1))
done
echo "rounds $rounds" >&2
exit 10
`,
  ),
  /** dash starts programs by vfork. */
  shell(
    'sh',
    'vfork',
    11,
    `
rounds=0
while more $rounds; do
  /bin/true && /bin/echo $rounds
  rounds=$((rounds + 1))
done
echo "rounds $rounds" >&2
exit 11
`,
  ),
];

/** Tells its standard input's hash when that ends. */
export const READER: Program = python(
  'reader',
  12,
  `
import hashlib
hash, length = hashlib.sha256(), 0
while True:
    piece = sys.stdin.buffer.read1(3000)
    if not piece: break
    hash.update(piece)
    length += len(piece)
    sys.stderr.write('.')
    time.sleep(0.002)
print(length, hash.hexdigest())
end(0, 12)
`,
);
