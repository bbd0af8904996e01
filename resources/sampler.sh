# mosview's sampler: main sends this text to /bin/sh on a node and then one tick a line; each tick is answered with one
# frame of common/wire/protocol.ts. Nothing is installed, nothing is forked: only builtins of dash, busybox ash and
# bash 2 are used. When the connection dies, read fails and the shell ends.
# Two assignments come before this text: nonce (letters and digits) and root (/proc, or where the cluster's files are).
# The braces make the shell read the whole text before it begins, so that no tick is ever taken for a part of it.
{
exec 2>/dev/null
set -f
LC_ALL=C

# value FILE: one number into $value, or ? for anything else; read twice because a file may be empty for a moment. What is
# longer than any number is not read again, which could take seconds.
value() {
  value=
  read -r value < "$1"
  case $value in
    ?????????????????*) value='?' ;;
    '' | - | *[!0-9-]* | ?*-*)
      value=
      read -r value < "$1"
      case $value in '' | - | *[!0-9-]* | ?*-* | ?????????????????*) value='?' ;; esac ;;
  esac
}

# The folder of openMosix' files: the given one, or hpc or mosix inside it. admin/mospe tells a 2.4 tree from the empty
# one of the 2.6 port.
hpc=
for folder in "$root" "$root/hpc" "$root/mosix"; do
  if [ -d "$folder/nodes" ] && [ -r "$folder/admin/mospe" ]; then hpc=$folder; break; fi
done

# Where the node's own stat, loadavg and meminfo are: the given root or the folder above it; for a cluster's files
# elsewhere, /proc.
proc=
for folder in "$root" "${root%/*}"; do
  if [ -r "$folder/loadavg" ]; then proc=$folder; break; fi
done
if [ -z "$proc" ] && [ -n "$hpc" ]; then proc=/proc; fi

release= self=0 cpus=0 frame= rows=0 ids= round=0 seconds=0 away= guests= listed=
cpu_sent= load_sent= memory_sent= machine_sent=
read -r release < "$proc/sys/kernel/osrelease" || read -r release < /proc/sys/kernel/osrelease
case $release in *[!0-9A-Za-z._+-]*) release='?' ;; esac
if [ ${#release} -gt 100 ]; then release='?'; fi
if [ -n "$hpc" ]; then value "$hpc/admin/mospe"; self=$value; fi

echo "mosview 1 $nonce"
echo "meta system Linux $release"
if [ -n "$hpc" ]; then
  echo "meta dialect openmosix"
  echo "meta root $hpc"
  echo "meta self $self"
  echo "keyed nodes load:load speed:speed cpus:count util:percent tmem:pages rmem:pages mem:pages status:bits"
  echo "keyed away where:node migrations:count started:ticks"
  echo "keyed guests home:node homepid:pid started:ticks"
  echo "texts commands"
elif [ -n "$proc" ]; then
  echo "meta dialect linux"
  echo "meta root $proc"
else
  echo "meta dialect none"
fi
echo "single cpu user:ticks nice:ticks system:ticks idle:ticks iowait:ticks irq:ticks softirq:ticks steal:ticks"
echo "single load one:load five:load fifteen:load running:count processes:count"
echo "single memory total:kB free:kB available:kB buffers:kB cached:kB"
echo "single machine cpus:count"
echo "ready"

# change OLD NEW: adds NEW to $line, or = where it is as before.
change() {
  if [ "$1" = "$2" ]; then line="$line ="; else line="$line $2"; fi
}

# node ID: adds the node's row to the frame when it changed. Speed, CPUs and total memory change rarely, so they are
# read in every fourth round only, and at once for a new node.
node() {
  folder=$hpc/nodes/$1
  eval "set -- $1 \$row_$1"
  value "$folder/load"; load=$value
  value "$folder/util"; util=$value
  value "$folder/rmem"; rmem=$value
  value "$folder/mem"; mem=$value
  value "$folder/status"; status=$value
  if [ $round = 0 ] || [ -z "$2" ] || [ "$2" = '?' ]; then
    value "$folder/speed"; speed=$value
    value "$folder/cpus"; number=$value
    value "$folder/tmem"; tmem=$value
  else
    speed=$3 number=$4 tmem=$6
  fi
  if [ "$*" = "$1 $load $speed $number $util $tmem $rmem $mem $status" ]; then return; fi
  line="nodes $1"
  change "$2" "$load"; change "$3" "$speed"; change "$4" "$number"; change "$5" "$util"
  change "$6" "$tmem"; change "$7" "$rmem"; change "$8" "$mem"; change "$9" "$status"
  eval "row_$1='$load $speed $number $util $tmem $rmem $mem $status'"
  add "$line"
}

# add LINE: to the frame, which goes out in pieces so that it never grows long. Not by echo, which would take a process'
# backslashes for its own.
add() {
  frame="$frame$1
"
  rows=$((rows + 1))
  if [ $rows -ge 40 ]; then printf '%s' "$frame"; frame= rows=0; fi
}

# known: the ids of the nodes folder into $ids, and a farewell for those that left.
known() {
  before=$ids ids=
  set +f
  for folder in "$hpc"/nodes/[1-9]*; do
    id=${folder##*/}
    case $id in *[!0-9]*) ;; *) ids="$ids $id" ;; esac
  done
  set -f
  if [ "$before" = "$ids" ]; then return; fi
  for id in $before; do
    case "$ids " in *" $id "*) ;; *) add "nodes $id -"; eval "row_$id=" ;; esac
  done
}

# figures LINE COUNT: LINE into $line when it is COUNT numbers, otherwise as many question marks.
figures() {
  case $1 in
    *[!0-9.?\ ]* | *'  '* | ' '* | *' ') line= ;;
    *) line=$1; if [ ${#line} -gt 200 ]; then line=; fi ;;
  esac
  if [ -z "$line" ]; then
    line='?'
    while [ ${#line} -lt $(($2 * 2 - 1)) ]; do line="$line ?"; done
  fi
}

# own: this machine's counters, load and memory.
own() {
  if read -r line < "$proc/stat"; then
    set -- $line ? ? ? ? ? ? ? ?
    figures "$2 $3 $4 $5 $6 $7 $8 $9" 8
    if [ "$line" != "$cpu_sent" ]; then cpu_sent=$line; add "cpu $line"; fi
  fi
  if read -r line < "$proc/loadavg"; then
    set -- $line ? ? ? ?/?
    figures "$1 $2 $3 ${4%/*} ${4#*/}" 5
    if [ "$line" != "$load_sent" ]; then load_sent=$line; add "load $line"; fi
  fi
  total='?' free='?' available='?' buffers='?' cached='?'
  while read -r key number rest; do
    case $key in
      MemTotal:) total=$number ;;
      MemFree:) free=$number ;;
      MemAvailable:) available=$number ;;
      Buffers:) buffers=$number ;;
      Cached:) cached=$number; break ;;
    esac
  done < "$proc/meminfo"
  figures "$total $free $available $buffers $cached" 5
  if [ "$line" != "$memory_sent" ]; then memory_sent=$line; add "memory $line"; fi
}

# machine: the number of CPUs, which is looked at once a minute.
machine() {
  cpus=0
  while read -r key rest; do
    case $key in cpu[0-9]*) cpus=$((cpus + 1)) ;; intr) break ;; esac
  done < "$proc/stat"
  if [ $cpus = 0 ]; then cpus=1; fi
  if [ "$cpus" != "$machine_sent" ]; then machine_sent=$cpus; add "machine $cpus"; fi
}

# life PID: what /proc/PID/stat says of a process: its name into $name and its start into $started, ? where it is not to
# be had. The name may hold anything, parentheses and line feeds too; behind it are numbers only.
life() {
  line=
  while read -r part || [ -n "$part" ]; do line="$line$part "; done < "$proc/$1/stat"
  name=${line#*\(}
  name=${name%\)*}
  set -- ${line##*\) }
  case ${20} in '' | *[!0-9]* | ????????????????*) started='?' ;; *) started=${20} ;; esac
}

# call PID TEXT: adds what a process is called, cut to 60 bytes.
call() {
  line=${2#????????????????????????????????????????????????????????????}
  if [ "$line" != "$2" ]; then set -- $1 "${2%"$line"}"; fi
  add "commands $1 $2"
}

# left TABLE BEFORE: says farewell to the processes in BEFORE that are not in $listed, and to what they are called unless
# the number is a guest's now.
left() {
  if [ "$2" = "$listed" ]; then return; fi
  for pid in $2; do
    case "$listed " in *" $pid "*) continue ;; esac
    add "$1 $pid -"
    eval "$1_$pid="
    case "$guests " in *" $pid "*) ;; *) add "commands $pid" ;; esac
  done
}

# own_away PID: adds the row of a process that is away or has been. What cannot be read for a moment stays as it was. Its
# start is read when it is new or its count fell, and every ten seconds.
own_away() {
  if [ -d "$hpc/remote/$1" ]; then return; fi
  eval "set -- $1 \$away_$1"
  case $where:$count in
    :* | *: | *[!0-9:]* | ?????????????????*) where=$2 count=$3; if [ -z "$2" ]; then return; fi ;;
  esac
  listed="$listed $1"
  if [ -z "$2" ] || [ "$count" -lt "$3" ] || [ $((($1 + seconds) % 10)) = 0 ]; then
    life $1
    if [ "$started" != "$4" ]; then call $1 "$name"; fi
  else
    started=$4
  fi
  if [ "$where $count $started" = "$2 $3 $4" ]; then return; fi
  line="away $1"
  change "$2" "$where"; change "$3" "$count"; change "$4" "$started"
  eval "away_$1='$where $count $started'"
  add "$line"
}

# guest PID: adds the row of a guest. Its local process is called remote(PID) after the one at its home.
guest() {
  home=
  read -r home rest < "$hpc/remote/$1/from"
  eval "set -- $1 \$guests_$1"
  case $home in '' | *[!0-9]* | ??????*) home=$2; if [ -z "$2" ]; then return; fi ;; esac
  listed="$listed $1"
  if [ "$home" = "$2" ] && [ $((($1 + seconds) % 10)) != 0 ]; then return; fi
  life $1
  if [ "$home" = "$2" ] && [ "$started" = "$4" ]; then return; fi
  homepid=${name#remote\(}
  homepid=${homepid%\)}
  case $homepid in '' | *[!0-9]* | ????????*) homepid=0 ;; esac
  line=
  read -r line < "$proc/$1/cmdline"
  if [ -z "$line" ]; then read -r line < "$hpc/remote/$1/identity"; fi
  call $1 "$line"
  line="guests $1"
  change "$2" "$home"; change "$3" "$homepid"; change "$4" "$started"
  eval "guests_$1='$home $homepid $started'"
  add "$line"
}

# places: the processes that migrate. One at home that never left is asked for its count in every fourth round only.
places() {
  seconds=$(((seconds + 1) % 10)) listed=
  set +f
  set -- "$hpc"/remote/[1-9]*
  set -f
  for folder in "$@"; do
    pid=${folder##*/}
    case $pid in *[!0-9]* | ????????*) ;; *) guest $pid ;; esac
  done
  before=$guests guests=$listed
  left guests "$before"
  listed=
  set +f
  set -- "$proc"/[1-9]*
  set -f
  for folder in "$@"; do
    pid=${folder##*/} where= count=
    case $pid in *[!0-9]* | ????????*) continue ;; esac
    read -r where < "$folder/where" || [ -f "$folder/where" ] || continue
    if [ "$where" = 0 ] && [ $round != 0 ]; then
      eval "count=\$away_$pid"
      if [ -z "$count" ]; then continue; fi
    fi
    read -r count < "$folder/nmigs"
    case $where:$count in 0:0) ;; *) own_away $pid ;; esac
  done
  left away "$away"
  away=$listed
}

minute=0
while read -r mode sequence what; do
  case $mode in own | all) ;; *) continue ;; esac
  if [ $minute = 0 ]; then machine; fi
  minute=$(((minute + 1) % 60))
  own
  if [ -n "$hpc" ]; then
    if [ $mode = all ]; then
      if [ $round = 0 ] || [ -z "$ids" ]; then known; fi
      for id in $ids; do node $id; done
    elif [ "$self" -gt 0 ]; then
      node $self
    fi
    if [ "$what" = places ]; then places; fi
    round=$(((round + 1) % 4))
  fi
  printf '%send %s\n' "$frame" "$sequence"
  frame= rows=0
done
}
