/**
 * The shell text that starts a program with a placement, as mosrun and its wrappers did: what is written to openMosix'
 * files concerns the writing process and what it becomes. Where there is an agent, its `mos run` does it. Sources: openMosix
 * facts 1.4, 2.1 and 3.3.
 */
import type { PlacementRule } from '../../common/model/control.ts';

/**
 * Becomes the program. Its arguments: the mark, openMosix' folder, the machine's, where to, the files of decay/ to write,
 * whether decay is to be none, the command, and whether the folder is an agent's. There is no file for no decay, so that the
 * node's own mosrun is asked.
 */
const PLACE = String.raw`
mark=$1 hpc=$2 proc=$3 where=$4 files=$5 decay=$6 command=$7 agent=$8
refuse() {
  set -f
  printf "%s refused %.400s\n" "$mark" "$*"
  exit 126
}
put() {
  if [ ! -e "$1" ]; then refuse "this node has no $1"; fi
  if { printf "%d\n" "$2" > "$1"; } 2>/dev/null; then return; fi
  words=$({ printf "%d\n" "$2" > "$1"; } 2>&1)
  set -f
  refuse "$1 did not take $2:" $words
}
self=
if [ -n "$hpc" ]; then read -r self < "$hpc/admin/mospe"; fi
if [ "$agent" = yes ]; then
  options=
  for word in $files $decay; do
    case $word in
      cpujob) options=-c ;;
      iojob) options=-i ;;
      usual) ;;
      *) refuse "the agent of this node keeps no statistics that decay" ;;
    esac
  done
  case $where in
    free) options="$options -l" ;;
    nomig | home | "$self") options="$options -h -L" ;;
    *) options="$options -$where -L" ;;
  esac
  PATH=$PATH:/usr/local/bin
  if ! command -v mos > /dev/null; then refuse "this node has an agent, but the command mos is not there"; fi
  printf "%s started\n" "$mark"
  exec mos run $options /bin/sh -c "$command"
fi
for file in $files; do put "$hpc/decay/$file" 1; done
case $where in
  free) if [ -e "$proc/$$/lock" ]; then put "$proc/$$/lock" 0; fi ;;
  nomig | home | "$self") put "$proc/$$/lock" 1 ;;
  *) put "$proc/$$/goto" "$where"; put "$proc/$$/lock" 1 ;;
esac
if [ "$decay" = none ] && ! command -v mosrun > /dev/null; then
  refuse "no decay at all needs the program mosrun, which this node does not have"
fi
printf "%s started\n" "$mark"
if [ "$decay" = none ]; then exec mosrun -k -n /bin/sh -c "$command"; fi
exec /bin/sh -c "$command"
`;

/**
 * What /bin/sh gets on standard input, whole or not at all: the braces make it read everything before it begins. A line
 * that comes after it, `stop`, ends the program with everything it started: the session's process group.
 */
const SCRIPT = String.raw`
hpc=
for folder in "$root" "$root/hpc" "$root/mosix"; do
  if [ -d "$folder/nodes" ] && [ -r "$folder/admin/mospe" ]; then hpc=$folder; break; fi
done
proc=/proc
for folder in "$root" "${'$'}{root%/*}"; do
  if [ -r "$folder/loadavg" ]; then proc=$folder; break; fi
done
agents=${'$'}{root%/*}/run/mosview/hpc agent= line=
if [ -z "$hpc" ] && [ -d "$agents/nodes" ] && [ -r "$agents/admin/mospe" ]; then hpc=$agents; fi
if [ -n "$hpc" ] && [ -r "$hpc/admin/version" ]; then read -r line < "$hpc/admin/version"; fi
case $line in 'mosview agent '*) agent=yes ;; esac
if [ -z "$hpc" ] && [ "$nodes$files$decay" != freeusual ]; then
  echo "$mark refused there is neither openMosix nor an agent on this node, so that a program can only be started here, free to do as it likes"
  exit 126
fi
# All of them are the process group of this shell, unless the server gave it none of its own.
read -r line < /proc/$$/stat
set -- ${'$'}{line##*\) }
if [ "$3" = $$ ]; then group=0; else group=$$; fi
exec 3<&0 < /dev/null
(
  trap '' TERM
  read -r word <&3
  if [ "$word" = stop ]; then kill -TERM $group; sleep 5; kill -KILL $group; fi
) > /dev/null 2>&1 &
exec 3<&-
if [ "$each" = 0 ]; then
  exec /bin/sh -c "$place" mosview "$mark" "$hpc" "$proc" "$nodes" "$files" "$decay" "$command" "$agent"
fi
copies= highest=0
for node in $nodes; do
  /bin/sh -c "$place" mosview "$mark" "$hpc" "$proc" "$node" "$files" "$decay" "$command" "$agent" &
  copies="$copies $!"
done
for copy in $copies; do
  wait $copy
  status=$?
  if [ $status -gt $highest ]; then highest=$status; fi
done
exit $highest
`;

/** The text for a program; `mark` is the word before what it says of itself, without quotes. */
export function runScript(mark: string, root: string, command: string, placement: PlacementRule): string {
  const { where, job, decay } = placement;
  const each = typeof where === 'object' && 'each' in where;
  const nodes = typeof where === 'string' ? where : 'each' in where ? where.each.join(' ') : `${where.node}`;
  const files = [
    ...(job === 'unsaid' ? [] : [`${job}job`]),
    ...(decay === 'slow' || decay === 'fast' ? [decay] : []),
  ];
  const assignments = {
    root,
    mark,
    nodes,
    each: each ? '1' : '0',
    files: files.join(' '),
    decay: decay === 'none' ? 'none' : 'usual',
    place: PLACE,
    command,
  };
  const lines = Object.entries(assignments).map(([name, value]) => `${name}=${quoted(value)}`);
  return `{\n${lines.join('\n')}\n${SCRIPT}}\n`;
}

/** A text as one word of the shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
