/**
 * The master side of a job's terminal: what the job writes to it is read here, what its caller types is written here. Node
 * can hold and read it; perl, which is part of every Debian, makes the calls that Node cannot.
 */
import { spawn } from 'node:child_process';
import { chownSync, closeSync, constants, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { PERL, TERMINAL } from '../job/session.ts';
import type { WindowSize } from './protocol.ts';

/**
 * Its calls by name, with the master as descriptor 3 and the terminal's path as `$path`. Numbers of asm-generic/ioctls.h, the
 * same on x86_64 and arm64: 0x5401 TCGETS, 0x5402 TCSETS, 0x5412 TIOCSTI, 0x5414 TIOCSWINSZ, 0x40045431 TIOCSPTLCK.
 *
 * `take` reads what the job has not read, first line by line as the job would, then the line that is being typed. What it
 * tells is what typing it anew takes, by `give`: the first 4095 bytes are those that the kernel held for the job, and nothing of
 * them has an effect but the end of a line, the end of input (4) and the quote (22), as they were echoed and acted upon when
 * they were typed. What is beyond waited for room and was not looked at: it is typed like what is typed now.
 */
const CALLS = `
use Fcntl;
my ($call, $path, @rest) = @ARGV;
open(my $master, '+<&=', 3) or die "the master: $!\\n";
binmode STDIN;
binmode STDOUT;
sub terminal {
  sysopen(my $terminal, $path, O_RDWR | O_NONBLOCK | O_NOCTTY) or die "$path: $!\\n";
  return $terminal;
}
sub control {
  my ($terminal, $number, $value) = @_;
  ioctl($terminal, $number, $value) or die sprintf("ioctl %x: %s\\n", $number, $!);
  return $value;
}
sub settings { return unpack('L4 C C19', control($_[0], 0x5401, "\\0" x 64)) }
sub set {
  my ($terminal, @settings) = @_;
  control($terminal, 0x5402, pack('L4 C C19', @settings));
}
sub plain {
  my ($lines, @settings) = @_;
  $settings[0] = 0;
  $settings[3] = $lines;
  @settings[5 .. 23] = (0) x 19;
  $settings[11] = 1;
  return @settings;
}
my %calls = (
  unlock => sub { control($master, 0x40045431, pack('i', 0)) },
  resize => sub { control($master, 0x5414, pack('S4', @rest, 0, 0)) },
  take => sub {
    my $terminal = terminal();
    my @settings = settings($terminal);
    my $lines = $settings[3] & 2;
    my $typed = '';
    my $quoted = sub { $_[0] =~ s/([\\x04\\x16\\n])/\\x16$1/gr };
    set($terminal, plain($lines, @settings));
    while ($lines && defined sysread($terminal, my $line, 65536)) {
      my $ended = $line =~ s/\\n\\z//;
      $typed .= $quoted->($line) . ($ended ? "\\n" : "\\x04");
    }
    set($terminal, plain(0, @settings));
    while (sysread($terminal, my $part, 65536)) {
      $typed .= $quoted->($part);
    }
    set($terminal, @settings);
    print $typed;
  },
  give => sub {
    my @typed = do { local $/; <STDIN> } =~ /\\x16?./gs;
    my $terminal = terminal();
    my @settings = settings($terminal);
    my $lines = $settings[3] & 2;
    my @plain = plain($lines && 0x8002, @settings);
    @plain[9, 20] = (4, 22) if $lines;
    set($terminal, @plain);
    for my $key (splice(@typed, 0, 4095)) {
      control($terminal, 0x5412, $_) for $lines ? split(//, $key) : substr($key, -1);
    }
    set($terminal, @settings);
    my $rest = join('', map { substr($_, -1) } @typed);
    return if $rest eq '' || (syswrite($master, $rest) // 0) == length $rest;
    die "there is no room for what was typed\\n";
  },
);
$calls{$call}->();
`;

export class Terminal {
  readonly stream: ReadStream;
  /** For writing; the stream's own. */
  readonly fd: number;
  readonly #path: string;
  #resized = Promise.resolve();

  private constructor(fd: number, path: string) {
    this.fd = fd;
    this.#path = path;
    this.stream = new ReadStream(fd);
    // It may end before anybody reads it.
    this.stream.on('error', () => undefined);
  }

  /** Makes the first terminal in the namespace of this process 1, and gives it to the user. Throws what is in the way. */
  static async open(init: number, uid: number): Promise<Terminal> {
    const inside = `/proc/${init}/root`;
    const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
    const fd = openSync(`${inside}/dev/pts/ptmx`, O_RDWR | O_NOCTTY | O_NONBLOCK);
    try {
      const path = `${inside}${TERMINAL}`;
      await perl(fd, ['unlock', path]);
      chownSync(path, uid, TTY_GROUP);
      return new Terminal(fd, path);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** The kernel tells the job, unless that is its size already. */
  resize(size: WindowSize): Promise<void> {
    this.#resized = this.#resizeAfter(this.#resized, size);
    return this.#resized;
  }

  /** Takes away what was typed and the job has not read; the job must be frozen. */
  take(): Promise<Buffer> {
    return this.#call(['take', this.#path]);
  }

  /** Types it anew, unseen, before the job goes on. */
  async give(typed: Buffer): Promise<void> {
    if (typed.length > 0) await this.#call(['give', this.#path], typed);
  }

  /** Hangs up. */
  close(): void {
    this.stream.destroy();
  }

  async #resizeAfter(before: Promise<void>, { rows, columns }: WindowSize): Promise<void> {
    await before;
    // One that is hung up has no window.
    await this.#call(['resize', this.#path, String(rows), String(columns)]).catch(() => undefined);
  }

  #call(words: readonly string[], input?: Buffer): Promise<Buffer> {
    return this.stream.destroyed
      ? Promise.reject(new Error('The terminal is hung up'))
      : perl(this.fd, words, input);
  }
}

/** Debian's number of the group of terminals. */
const TTY_GROUP = 5;

function perl(master: number, words: readonly string[], input?: Buffer): Promise<Buffer> {
  const child = spawn(PERL, ['-e', CALLS, ...words], { stdio: ['pipe', 'pipe', 'pipe', master], env: {} });
  const said: Buffer[] = [];
  let why = '';
  child.stdout?.on('data', (bytes: Buffer) => said.push(bytes));
  child.stderr?.on('data', (bytes: Buffer) => (why += bytes.toString('latin1')));
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(Buffer.concat(said)) : reject(new Error(why.trim() || `perl ended with ${code}`)),
    );
  });
}
