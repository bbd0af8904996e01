/**
 * The shell texts that an installation runs on a node as root. Only fixed words and numbers are in them; the contents of
 * files travel by themselves. Every path on the node is here.
 */

/** Files of an installation, by what they are, with their place on the node and their rights. */
export const NODE_FILES = {
  agent: { path: '/usr/local/lib/mosview/mosview-agent.mjs', mode: '644' },
  node: { path: '/usr/local/lib/mosview/node', mode: '755' },
  command: { path: '/usr/local/bin/mos', mode: '755' },
  keeperUnit: { path: '/etc/systemd/system/mosview-keeper.service', mode: '644' },
  agentUnit: { path: '/etc/systemd/system/mosview-agent.service', mode: '644' },
} as const;
export type NodeFile = keyof typeof NODE_FILES;

/** Where a node's identity is; see agent/paths.ts. */
export const IDENTITY_FOLDER = '/etc/mosview';
const LIBRARY = '/usr/local/lib/mosview';
const RUN = '/run/mosview';

/** What all of them begin with. `mos` is the command's place, which no PATH can change. */
const HEAD = String.raw`
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 022
mos=${NODE_FILES.command.path}
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}
has_systemd() { [ -d /run/systemd/system ]; }
# The number of a program that was started without systemd, where it still is that program.
number_of() {
  read -r number < ${RUN}/$1.pid && grep -q mosview-agent.mjs /proc/$number/cmdline && printf '%s' "$number"
} 2> /dev/null
start_alone() {
  if [ -z "$(number_of $1)" ]; then
    mkdir -p ${RUN}
    # It takes the shell's place, so that this is its number.
    setsid /bin/sh -c '
      echo $$ > ${RUN}/$1.pid
      echo -1000 > /proc/self/oom_score_adj
      exec '$mos' $1
    ' mosview $1 < /dev/null >> /var/log/mosview-$1.log 2>&1 &
  fi
}
stop_alone() {
  number=$(number_of $1)
  if [ -n "$number" ]; then
    kill -TERM $number
    tries=0
    while [ -n "$(number_of $1)" ] && [ $tries -lt 100 ]; do
      tries=$((tries + 1))
      sleep 0.1
    done
    if [ -n "$(number_of $1)" ]; then kill -KILL $number; fi
  fi
  rm -f ${RUN}/$1.pid
}
restart_agent() {
  if has_systemd; then
    systemctl daemon-reload || fail "systemctl daemon-reload failed"
    systemctl restart mosview-agent || fail "mosview-agent did not start: journalctl -u mosview-agent says why"
  else
    stop_alone agent
    start_alone agent
  fi
}
stop_service() {
  if has_systemd && [ -e /etc/systemd/system/mosview-$1.service ]; then systemctl stop mosview-$1; else stop_alone $1; fi
}
`;

function script(text: string): string {
  return `{${HEAD}${text}}\n`;
}

/** Finds out what is there; answers lines of `nonce key value`. */
export function checkScript(nonce: string): string {
  const paths = Object.entries(NODE_FILES).map(([name, { path }]) => `sum ${name} ${path}`);
  return script(String.raw`
say() { printf '%s %s %s\n' ${nonce} "$1" "$2"; }
sum() { if [ -r "$2" ]; then set -- "$1" $(sha256sum < "$2"); say sum "$1 $2"; fi; }
say system "$(uname -s)"
say machine "$(uname -m)"
say kernel "$(uname -r)"
say user "$(id -u)"
say release "$(. /etc/os-release 2> /dev/null; printf '%s' "$PRETTY_NAME")"
if has_systemd; then say systemd yes; fi
say criu "$(criu --version 2> /dev/null | sed -n 's/^Version: //p' | head -n 1)"
if node=$(command -v node); then say node "$node $("$node" --version 2> /dev/null)"; fi
# Of the scripts here, and of the agent where it starts a job.
for tool in awk base64 bash dd nsenter prlimit setpriv setsid sha256sum timeout unshare; do
  if ! command -v $tool > /dev/null; then say missing $tool; fi
done
${paths.join('\n')}
if [ -r ${IDENTITY_FOLDER}/node.crt ]; then say certificate "$(base64 ${IDENTITY_FOLDER}/node.crt | tr -d '\n')"; fi
if [ -r ${IDENTITY_FOLDER}/authority.crt ]; then
  say authority "$(base64 ${IDENTITY_FOLDER}/authority.crt | tr -d '\n')"
fi
if [ -x $mos ]; then say status "$($mos status --json 2> /dev/null | tr -d '\n' | head -c 100000)"; fi
if [ -x $mos ]; then say jobs "$($mos ps 2> /dev/null | tail -n +2 | wc -l)"; fi
say listening "$(cat /proc/net/tcp /proc/net/tcp6 2> /dev/null | awk '$4 == "0A" { sub(".*:", "", $2); print $2 }' | sort -u | tr '\n' ' ')"
folder=${LIBRARY}
while [ ! -d "$folder" ]; do folder=${'$'}{folder%/*}/; folder=${'$'}{folder%/}; done
say free "$(df -Pk "$folder/" | awk 'NR == 2 { print $4 }')"
say end .
`);
}

/** Makes the folders that files are copied into. */
export function foldersScript(): string {
  return script(`
mkdir -p ${LIBRARY} /usr/local/bin || fail "${LIBRARY} could not be made"
if has_systemd; then mkdir -p /etc/systemd/system; fi
`);
}

/** The command, for any login shell, that takes a file's content from standard input. */
export function receiveCommand(file: NodeFile): string {
  return `dd of=${NODE_FILES[file].path}.new bs=65536`;
}

/** A file that was copied: its SHA-256 in hex. */
export interface CopiedFile {
  readonly file: NodeFile;
  readonly sum: string;
}

/** Checks every copied file, then puts all in place; what was there is kept beside it until `keepScript` or `undoScript`. */
export function settleScript(files: readonly CopiedFile[]): string {
  const checks = files.map(
    ({ file, sum }) => `check ${NODE_FILES[file].path} ${NODE_FILES[file].mode} ${sum}`,
  );
  const moves = files.map(({ file }) => `place ${NODE_FILES[file].path}`);
  return script(`
check() {
  set -- "$1" "$2" "$3" $(sha256sum < "$1.new")
  [ "$3" = "$4" ] || fail "$1 did not arrive whole"
  chmod "$2" "$1.new" || fail "$1 could not be given its rights"
  # On the disk before it takes the old one's place.
  sync "$1.new" 2> /dev/null || :
}
place() {
  rm -f "$1.before"
  if [ -e "$1" ]; then mv -f "$1" "$1.before" || fail "$1 could not be set aside"; fi
  mv -f "$1.new" "$1" || fail "$1 could not be put in place"
}
${[...checks, ...moves].join('\n')}
`);
}

/** Forgets what was there before. */
export function keepScript(files: readonly NodeFile[]): string {
  return script(`\n${files.map((file) => `rm -f ${NODE_FILES[file].path}.before`).join('\n')}\n`);
}

/**
 * Puts back what was there before: of files that were only `copied`, or also `settled`, wholly or in part, where a copy that
 * is still beside its place was not.
 */
export function undoScript(files: readonly NodeFile[], phase: 'copied' | 'settled'): string {
  const drops = files.map((file) => `rm -f ${NODE_FILES[file].path}.new`);
  const backs = files.map((file) => `back ${NODE_FILES[file].path}`);
  return script(
    phase === 'copied'
      ? `\n${drops.join('\n')}\n`
      : `
back() {
  if [ -e "$1.new" ]; then rm -f "$1.new"; elif [ ! -e "$1.before" ]; then rm -f "$1"; fi
  if [ -e "$1.before" ]; then mv -f "$1.before" "$1"; fi
}
${backs.join('\n')}
if [ -x $mos ]; then restart_agent; fi
`,
  );
}

/** The command, for any login shell, that takes a step of the enrolment on the node. */
export function enrolCommandLine(word: 'request' | 'accept' | 'map'): string {
  return `${NODE_FILES.command.path} enrol ${word}`;
}

/** Starts keeper and agent, or the agent again where it runs; the keeper is left as it is. */
export function startScript(): string {
  return script(`
if has_systemd; then
  systemctl daemon-reload || fail "systemctl daemon-reload failed"
  systemctl enable mosview-keeper mosview-agent || fail "systemctl enable failed"
  systemctl start mosview-keeper || fail "mosview-keeper did not start: journalctl -u mosview-keeper says why"
else
  start_alone keeper
fi
restart_agent
`);
}

/** Waits up to so many seconds until the agent answers, and prints its status. */
export function waitScript(seconds: number): string {
  return script(`
tries=${seconds * 5}
until said=$($mos status --json 2>&1); do
  tries=$((tries - 1))
  [ $tries -gt 0 ] || fail "The agent does not answer: $said
$(if has_systemd; then journalctl -u mosview-agent -n 20 --no-pager 2> /dev/null; else tail -n 20 /var/log/mosview-agent.log; fi)"
  sleep 0.2
done
printf '%s' "$said"
`);
}

/**
 * Sends guests away and brings own jobs home, each in so many seconds; fails where one could not go, or where jobs have
 * their home here, which would be lost.
 */
export function drainScript(seconds: number): string {
  return script(`
if [ -x $mos ] && $mos status > /dev/null 2>&1; then
  timeout ${seconds} $mos ctl expel || fail "Its guests could not all leave."
  timeout ${seconds} $mos ctl bring || fail "Its own jobs could not all come home."
  jobs=$($mos ps | tail -n +2 | wc -l)
  [ "$jobs" -eq 0 ] || fail "Jobs have their home on it: $jobs (mos ps shows them there). Let them end, or end them."
fi
`);
}

/** Stops agent and keeper and removes everything an installation made, also half of one. */
export function removeScript(): string {
  const paths = Object.values(NODE_FILES).map(({ path }) => `${path} ${path}.new ${path}.before`);
  return script(`
if has_systemd; then systemctl disable mosview-agent mosview-keeper > /dev/null 2>&1; fi
stop_service agent
stop_service keeper
rm -f ${paths.join(' ')}
rmdir ${LIBRARY} 2> /dev/null
rm -rf ${IDENTITY_FOLDER} ${RUN} /var/lib/mosview /var/log/mosview-agent.log /var/log/mosview-keeper.log
# The groups of its jobs, which are empty.
find "$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)/mosview" -depth -type d -exec rmdir {} + 2> /dev/null
if has_systemd; then systemctl daemon-reload; fi
for path in ${Object.values(NODE_FILES)
    .map(({ path }) => path)
    .join(' ')} ${IDENTITY_FOLDER}; do
  [ ! -e $path ] || fail "$path could not be removed"
done
`);
}
