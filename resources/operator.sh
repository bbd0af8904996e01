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
# The folder of MattX' files.
mattx=
for folder in "$root" "$root/mattx"; do
  if [ -r "$folder/nodes" ] && [ -e "$folder/admin" ] && ! [ -d "$folder/admin" ]; then mattx=$folder; break; fi
done
proc=/proc
for folder in "$root" "${root%/*}"; do
  if [ -r "$folder/loadavg" ]; then proc=$folder; break; fi
done
# The folder of openMosix' port to 2.6 in that of each process.
port=
if [ -z "$hpc$mattx" ]; then
  for name in om pms; do
    if [ -d "$proc/self/$name" ]; then port=$name; break; fi
  done
fi
# The folder of the agent's files, and the one in which the processes that migrate have theirs: the agent's own tree.
agents=${root%/*}/run/mosview/hpc
if [ -z "$hpc$mattx$port" ] && [ -d "$agents/nodes" ] && [ -r "$agents/admin/mospe" ]; then hpc=$agents; fi
jobs=$proc line=
if [ -n "$hpc" ] && [ -r "$hpc/admin/version" ]; then read -r line < "$hpc/admin/version"; fi
case $line in 'mosview agent '*) jobs=$hpc ;; esac

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

# reasons_in SEQUENCE FILE: all its lines as one.
reasons_in() {
  reasons=
  while read -r line || [ -n "$line" ]; do
    reasons="$reasons${reasons:+, }$line"
  done < "$2"
  printf '%s text %.200s\n' "$1" "$reasons"
}

# place SEQUENCE PID: the first lines of where, nmigs and lock, and all lines of cantmove.
place() {
  for file in where nmigs lock; do first "$1" "$jobs/$2/$file"; done
  reasons_in "$1" "$jobs/$2/cantmove"
}

# port_place SEQUENCE PID: the same of the port to 2.6, which has no nmigs and lock, and calls the last stay.
port_place() {
  first "$1" "$proc/$2/$port/where"
  printf '%s text \n%s text \n' "$1" "$1"
  reasons_in "$1" "$proc/$2/$port/stay"
}

# refusal WORDS: sets why, and returns 0 where it may be tried again, for the process is on its way. dd says of every error
# of the kernel what it is, which dash and busybox do not.
refusal() {
  case $1 in
    *'temporarily unavailable'*) why=$on_its_way; return 0 ;;
    *'Bad address'*) why='the kernel does not take this address, or does not know the process yet (EFAULT)' ;;
    *'Invalid argument'*) why='the kernel does not take this address (EINVAL)' ;;
    *'No such device'*) why='the kernel has no record of this process any more (ENODEV)' ;;
    *)
      why=${1%%"
"*} ;;
  esac
  return 1
}

# where SEQUENCE PID TARGET: one write of an address or home; the kernel overwrites the last byte, so there is a line feed.
# What is on its way answers EAGAIN, or says so before, and is asked five times in two seconds.
where() {
  if ! [ -e "$proc/$2/$port/where" ]; then echo "$1 missing"; return; fi
  why= line=
  read -r line < "$proc/$2/$port/debug"
  own_chain
  case "$line: $chain :$2" in
    *0x*[2367abefABEF]:*) why='it is a guest; it is sent from its home' ;;
    *" $2 "*) why='it is mosview itself' ;;
  esac
  if [ "$2" = 1 ]; then why='it is init'; fi
  if [ -n "$why" ]; then refused "$1" "$why"; return; fi
  on_its_way='it was on its way all the time (EAGAIN); look where it arrives'
  for pause in 0.5 0.5 0.5 0.5 none; do
    line=
    read -r line < "$proc/$2/$port/where"
    case $line in
      queued | migrating) why=$on_its_way ;;
      *)
        if words=$({ printf '%s\n' "$3" | dd of="$proc/$2/$port/where" bs=64; } 2>&1); then echo "$1 done"; return; fi
        refusal "$words" || break ;;
    esac
    if [ $pause != none ]; then sleep $pause || sleep 1; fi
  done
  refused "$1" "$why"
}

# mattx_peer FILE PID: what the file remote or guests has behind the number; sets peer, empty where it is not there.
mattx_peer() {
  peer=
  while read -r line || [ -n "$line" ]; do
    case $line in "$2":*) peer=${line#*:}; return ;; esac
  done < "$mattx/$1"
}

# mattx_place SEQUENCE PID: as place; a process that is not in remote is at home.
mattx_place() {
  mattx_peer remote "$2"
  printf '%s text %.200s\n%s text \n%s text \n%s text \n' "$1" "${peer:-0}" "$1" "$1" "$1"
}

# settings_of: reads what the node says of itself into own, weight, balancer, files, debug, affinity, exclude, include.
# The lists hold anything; a line that does not belong to the table is part of the list before it.
settings_of() {
  own= weight= balancer= files= debug= affinity= exclude= include= part=rows
  while IFS= read -r line || [ -n "$line" ]; do
    case $part:$line in
      rows:) part=settings ;;
      rows:*'(Local)'*) set -- $line; own=$1 weight=$5 ;;
      rows:'Balancer Enabled: '* | settings:'Balancer Enabled: '*) balancer=${line#*: } part=settings ;;
      settings:'MattXFS Enabled: '*) files=${line#*: } ;;
      settings:'Debug Mode: '*) debug=${line#*: } ;;
      settings:'Node Affinity: '*) affinity=${line#*: } affinity=${affinity%% *} ;;
      settings:'Migration Excludes: '*) exclude=${line#*: } part=exclude ;;
      exclude:'Migration Includes: '*) include=${line#*: } part=include ;;
      exclude:*) exclude="$exclude $line" ;;
      include:*) include="$include $line" ;;
    esac
  done < "$mattx/nodes"
}

# settings SEQUENCE
settings() {
  settings_of
  for word in "$own" "$weight" "$balancer" "$files" "$debug" "$affinity"; do
    printf '%s text %.200s\n' "$1" "$word"
  done
  for list in "$exclude" "$include"; do printf '%s text %s %.300s\n' "$1" "${#list}" "$list"; done
}

# command_mattx SEQUENCE WORDS: one command in one write. MattX says yes to everything.
command_mattx() {
  if words=$({ printf '%s\n' "$2" > "$mattx/admin"; } 2>&1); then echo "$1 done"; else refused "$1" "$words"; fi
}

# pins SEQUENCE LIST BEFORE AFTER: writes a whole list if it is still what it was; nobody's names are lost.
pins() {
  settings_of
  case $2 in exclude) list=$exclude ;; *) list=$include ;; esac
  now="=$list"
  case $list in *[!A-Za-z0-9_.+,-]*) now="?${#list}" ;; esac
  if [ "$now" != "$3" ]; then refused "$1" 'somebody else changed the list meanwhile; look at it again'; return; fi
  command_mattx "$1" "$2 ${4#=}"
}

# send SEQUENCE PID NODE: migrate, after a last look at what the kernel does not check itself. is_it has read $stat.
send() {
  sequence=$1 pid=$2 node=$3 why=
  mattx_peer guests "$pid"
  guest=$peer
  mattx_peer remote "$pid"
  set -- ${stat##*\) }
  state=$1 parent=$2 threads=${18}
  if [ -n "$guest" ]; then why='it is a guest; it is sent from its home'
  elif [ "$node" = 0 ]; then
    if [ -z "$peer" ]; then why='it is not away'; fi
  elif [ -n "$peer" ]; then why='it is away; it has to come home first'
  elif [ "$pid" -le 2 ] || [ "$parent" = 2 ]; then why='it is a process of the kernel, or init'
  elif [ "$state" = Z ]; then why='it has ended'
  elif [ "$state" = T ]; then why='it is stopped'
  elif [ "$threads" != 1 ]; then why='it has several threads'
  fi
  while read -r key words; do
    case $key:$words in NSpid:*[0-9][!0-9]*[0-9]*) why='it is in a PID namespace of its own' ;; esac
  done < "$proc/$pid/status"
  own_chain
  case " $chain " in *" $pid "*) why='it is mosview itself' ;; esac
  if [ -n "$why" ]; then refused "$sequence" "$why"; return; fi
  if [ "$node" = 0 ]; then node=home; fi
  command_mattx "$sequence" "migrate $pid $node"
}

# own_chain: sets chain to the numbers of this shell and its parents without init, nearest first.
own_chain() {
  chain= next=$$
  while [ "${next:-0}" -gt 1 ]; do
    chain="$chain${chain:+ }$next" stat=
    while read -r part || [ -n "$part" ]; do stat="$stat$part "; done < "/proc/$next/stat"
    set -- ${stat##*\) }
    next=$2
  done
}

# mattx_places: for list, where own processes are and where guests come from, in the words of openMosix' files; of what
# is away also where it waits, which tells a deputy from a process that has got the number of one.
mattx_places() {
  away=' '
  while IFS=: read -r pid node || [ -n "$pid" ]; do
    echo "$pid/where:$node"
    wait=
    read -r wait < "$proc/$pid/wchan"
    if [ -n "$wait" ]; then echo "$pid/wchan:$wait"; fi
    away="$away$pid "
  done < "$mattx/remote"
  while IFS=: read -r pid node || [ -n "$pid" ]; do echo "remote/$pid/from:$node"; done < "$mattx/guests"
  set +f
  for folder in "$proc"/[1-9]*; do
    case $away in *" ${folder##*/} "*) ;; *) echo "${folder##*/}/where:0" ;; esac
  done
  set -f
  own_chain
  echo "own:$chain"
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
  if [ -z "$hpc$mattx" ]; then echo "$1 missing"; return; fi
  number=0 sequence=$1
  if [ -n "$mattx" ]; then
    case $2 in guests) file=guests ;; *) file=remote ;; esac
    while read -r line || [ -n "$line" ]; do number=$((number + 1)); done < "$mattx/$file"
    echo "$sequence done $number"
    return
  fi
  set +f
  case $2 in guests) set -- "$hpc"/remote/[1-9]*/from ;; *) set -- "$jobs"/[1-9]*/where ;; esac
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
    (lines "$proc" '^[UTN][ihS][drp][:ei]' '[1-9]*/status')
    if [ -n "$hpc" ]; then
      (lines "$jobs" '' '[1-9]*/where' '[1-9]*/nmigs' '[1-9]*/lock' '[1-9]*/cantmove')
      (lines "$hpc/remote" '' '[1-9]*/from' '[1-9]*/stats' '[1-9]*/identity') | sed 's,^,remote/,'
    fi
    if [ "$jobs" != "$proc" ]; then echo jobs:; fi
    if [ -n "$mattx" ]; then mattx_places; fi
    if [ -n "$port" ]; then
      (lines "$proc" '' "[1-9]*/$port/where" "[1-9]*/$port/stay" "[1-9]*/$port/debug") | sed "s,^\\([0-9]*\\)/$port/,\\1/,"
      own_chain
      echo "own:$chain"
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
    settings | admin | pins) if [ -z "$mattx" ]; then echo "$2 missing"; return; fi ;;
    move | migrate | lock | place | signal | renice | send | where) is_it "$2" "$3" "$4" || return ;;
  esac
  case $1 in
    read) read_file "$2" "$hpc/$3" ;;
    write) write_file "$2" "$hpc/$3" "$4" ;;
    count) count "$2" "$3" ;;
    move) write_file "$2" "$jobs/$3/goto" "$5" ;;
    migrate) write_file "$2" "$jobs/$3/migrate" "$5" ;;
    lock) write_file "$2" "$jobs/$3/lock" "$5" ;;
    place)
      if [ -n "$mattx" ]; then mattx_place "$2" "$3"
      elif [ -n "$port" ]; then port_place "$2" "$3"
      else place "$2" "$3"
      fi ;;
    where) if [ -n "$port" ]; then where "$2" "$3" "$5"; else echo "$2 missing"; fi ;;
    settings) settings "$2" ;;
    admin) command_mattx "$2" "$3 $4" ;;
    pins) pins "$2" "$3" "$4" "$5" ;;
    send) if [ -n "$mattx" ]; then send "$2" "$3" "$5"; else echo "$2 missing"; fi ;;
    signal) really "$2" kill "-$5" "$3" ;;
    renice) really "$2" renice "$5" -p "$3" ;;
    list) list "$2" ;;
  esac
}

# operate: every line of $operations.
operate() {
  echo "mosview-operator 1 $nonce"
  root=${hpc:-$mattx}
  if [ -n "$port" ]; then root=$proc/self/$port; fi
  echo "root ${root:--}"
  exec < /dev/null 2>/dev/null
  separators=$IFS
  IFS='
'
  for line in $operations; do
    IFS=$separators
    operation $line
  done
}
