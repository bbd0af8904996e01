/**
 * The session of a job that has a terminal. Only who is forked in a session has its terminal, and criu forks what it
 * rebuilds; therefore the leader is a process that is no part of the job and does not move, and criu is started in its
 * session where the job comes to. Perl is part of every Debian and can make the calls.
 */

export const PERL = '/usr/bin/perl';
/** A job sees only its own terminals, so that its first one has the same name wherever it is. */
export const TERMINAL = '/dev/pts/0';
/** The session needs so many numbers before the job's first one. */
export const SESSION_ROOM = 10;

/** 0x5410 is TIOCSPGRP, on x86_64 as on arm64. */
const SESSION = `
use POSIX ();
my ($last, @words) = @ARGV;
pipe(my $told, my $telling) or die "pipe: $!\\n";
my $leader = fork // die "fork: $!\\n";
if ($leader) {
  close $telling;
  exit(<$told> // 1);
}
close $told;
my @keys = qw(HUP INT QUIT TERM TSTP TTIN TTOU);
$SIG{$_} = 'IGNORE' for @keys;
POSIX::setsid();
open(my $terminal, '+<', '${TERMINAL}') or die "${TERMINAL}: $!\\n";
my $child = fork // die "fork: $!\\n";
if (!$child) {
  close $telling;
  if ($last) {
    open(my $numbers, '>', '/proc/sys/kernel/ns_last_pid') or die "ns_last_pid: $!\\n";
    syswrite($numbers, $last);
    close $numbers;
    exit 0 if fork // die "fork: $!\\n";
  }
  setpgrp(0, 0);
  ioctl($terminal, 0x5410, pack('i', $$)) or die "TIOCSPGRP: $!\\n";
  $SIG{$_} = 'DEFAULT' for @keys;
  exec { $words[0] } @words;
  die "$words[0]: $!\\n";
}
close $terminal;
open(STDIN, '<', '/dev/null');
open(STDOUT, '>', '/dev/null');
open(STDERR, '>', '/dev/null');
waitpid($child, 0);
syswrite($telling, $? & 127 ? 128 : $? >> 8);
close $telling;
exec 'sleep', 'infinity';
`;

/**
 * The command as a group in the foreground of a new session with the job's terminal; ends as the command does. The
 * command's first word is a path. With `last` it is started apart as process `last` + 1, the child of none in the
 * session, so that nothing of it can be stopped by a key when nobody is there to let it go on.
 */
export function inSession(command: readonly string[], last?: number): readonly string[] {
  return [PERL, '-e', SESSION, String(last ?? ''), ...command];
}
