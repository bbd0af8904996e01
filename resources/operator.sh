# mosview's operator: main sends this text to /bin/sh on a node, behind it the operations as one quoted text, and last of
# all the call of operate. Each is answered as common/wire/operations.ts says. Works in dash, busybox ash and bash 2;
# nothing is installed. A connection that is cut while this comes leaves the shell without the call: nothing is done.
# Two assignments come before this text: nonce (letters and digits) and root (/proc, or where the cluster's files are).
set -f
LC_ALL=C
export LC_ALL

# The folder of openMosix' files, and the one of the machine's own: as in sampler.sh.
hpc=
for folder in "$root" "$root/hpc" "$root/mosix"; do
  if [ -d "$folder/nodes" ] && [ -r "$folder/admin/mospe" ]; then hpc=$folder; break; fi
done
proc=/proc
for folder in "$root" "${root%/*}"; do
  if [ -r "$folder/loadavg" ]; then proc=$folder; break; fi
done

# refused SEQUENCE WORDS: the words on one line.
refused() {
  sequence=$1
  shift
  set -- $*
  printf '%s refused %.300s\n' "$sequence" "$*"
}

# first SEQUENCE FILE: its first line; a file may be empty for a moment, so that it is read twice.
first() {
  line=
  read -r line < "$2" || [ -n "$line" ] || read -r line < "$2"
  printf '%s text %.200s\n' "$1" "$line"
}

# read_file SEQUENCE FILE
read_file() {
  if ! [ -e "$2" ]; then echo "$1 missing"; return; fi
  if words=$({ : < "$2"; } 2>&1); then first "$1" "$2"; else refused "$1" "$words"; fi
}

# write_file SEQUENCE FILE NUMBER: one write of the number and a line feed, whose status and words are the answer. The
# file is never made: where there is none, openMosix has none.
write_file() {
  if ! [ -e "$2" ]; then echo "$1 missing"; return; fi
  if words=$({ printf '%d\n' "$3" > "$2"; } 2>&1); then echo "$1 done"; else refused "$1" "$words"; fi
}

# is_it SEQUENCE PID START: whether the process is the one that is meant; otherwise the answer says that it is not. Its
# name may hold anything, parentheses and line feeds too; behind it are numbers only.
is_it() {
  stat=
  while read -r part || [ -n "$part" ]; do stat="$stat$part "; done < "$proc/$2/stat"
  sequence=$1 start=$3
  set -- ${stat##*\) }
  if [ "${20}" = "$start" ]; then return 0; fi
  case ${20} in
    '' | *[!0-9]* | ????????????????*) echo "$sequence gone" ;;
    *) echo "$sequence other ${20}" ;;
  esac
  return 1
}

# place SEQUENCE PID: the first lines of where, nmigs and lock, and all lines of cantmove.
place() {
  for file in where nmigs lock; do first "$1" "$proc/$2/$file"; done
  reasons=
  while read -r line || [ -n "$line" ]; do
    reasons="$reasons${reasons:+, }$line"
  done < "$proc/$2/cantmove"
  printf '%s text %.200s\n' "$1" "$reasons"
}

# really SEQUENCE PROGRAM...: runs what acts on the machine's real processes, which an emulated /proc does not show.
really() {
  sequence=$1
  shift
  if [ "$proc" != /proc ]; then
    refused "$sequence" "the processes in $proc are emulated; they take no signals and have no priority"
  elif words=$("$@" 2>&1); then
    echo "$sequence done"
  else
    refused "$sequence" "$words"
  fi
}

# count SEQUENCE WHAT: guests here, or own processes away.
count() {
  if [ -z "$hpc" ]; then echo "$1 missing"; return; fi
  number=0 sequence=$1
  set +f
  case $2 in guests) set -- "$hpc"/remote/[1-9]*/from ;; *) set -- "$proc"/[1-9]*/where ;; esac
  set -f
  for file in "$@"; do
    line=
    read -r line < "$file" || [ -n "$line" ] || read -r line < "$file" || continue
    folder=${file%/*}
    case $file in
      */where) if [ "$line" = 0 ] || [ -d "$hpc/remote/${folder##*/}" ]; then continue; fi ;;
    esac
    number=$((number + 1))
  done
  echo "$sequence done $number"
}

# lines FOLDER WORD FILE...: every line of the files that has the word, behind FILE and a colon. The names go through a
# pipe, since old kernels take few arguments.
lines() {
  cd "$1" || return
  word=$2
  shift 2
  set +f
  printf '%s\n' $* | xargs grep $text -H "$word"
  set -f
}

# list SEQUENCE: the files of every process, guests too, each line of them behind its path. The NULs of a command line
# become blanks, and no process may fill the answer; those that end meanwhile are left out by grep.
list() {
  text=-a
  grep -a x < /dev/null
  if [ $? -gt 1 ]; then text=; fi
  {
    (lines "$proc" '' '[1-9]*/stat' '[1-9]*/cmdline')
    (lines "$proc" '^Uid:' '[1-9]*/status')
    if [ -n "$hpc" ]; then
      (lines "$proc" '' '[1-9]*/where' '[1-9]*/nmigs' '[1-9]*/lock' '[1-9]*/cantmove')
      (lines "$hpc/remote" '' '[1-9]*/from' '[1-9]*/stats' '[1-9]*/identity') | sed 's,^,remote/,'
    fi
    cut -d: -f1-3 /etc/passwd | sed 's/^/passwd:/'
  } | tr '\000' ' ' | awk -v sequence="$1" '{
    path = substr($0, 1, index($0, ":"))
    if (path != before) left = path ~ /stat:$/ ? 8192 : path == "passwd:" ? 1048576 : 1200
    before = path
    if (left > 0) print sequence " file " substr($0, 1, left + length(path))
    left -= length($0) - length(path) + 1
  }'
  up='?'
  read -r up rest < "$proc/uptime"
  ticks=$(getconf CLK_TCK)
  case $ticks in '' | *[!0-9]*) ticks=100 ;; esac
  echo "$1 clock $up $ticks"
}

# operation KIND SEQUENCE WORD...: one line of the operations.
operation() {
  case $1 in
    read | write) if [ -z "$hpc" ]; then echo "$2 missing"; return; fi ;;
    move | migrate | lock | place | signal | renice) is_it "$2" "$3" "$4" || return ;;
  esac
  case $1 in
    read) read_file "$2" "$hpc/$3" ;;
    write) write_file "$2" "$hpc/$3" "$4" ;;
    count) count "$2" "$3" ;;
    move) write_file "$2" "$proc/$3/goto" "$5" ;;
    migrate) write_file "$2" "$proc/$3/migrate" "$5" ;;
    lock) write_file "$2" "$proc/$3/lock" "$5" ;;
    place) place "$2" "$3" ;;
    signal) really "$2" kill "-$5" "$3" ;;
    renice) really "$2" renice "$5" -p "$3" ;;
    list) list "$2" ;;
  esac
}

# operate: every line of $operations.
operate() {
  echo "mosview-operator 1 $nonce"
  echo "root ${hpc:--}"
  exec < /dev/null 2>/dev/null
  separators=$IFS
  IFS='
'
  set -- $operations
  IFS=$separators
  for line in "$@"; do operation $line; done
}
