# mosview's sampler: main sends this text to /bin/sh on a node and then one tick a line; each tick is answered with one
# frame of common/wire/protocol.ts. Nothing is installed, nothing is forked: only builtins of dash, busybox ash and
# bash 2 are used. When the connection dies, read fails and the shell ends.
# Two assignments come before this text: nonce (letters and digits) and root (/proc, or where the cluster's files are).
# The braces make the shell read the whole text before it begins, so that no tick is ever taken for a part of it; this is
# why all dialects are in one file. Each stands together: the machine's own figures, openMosix and the agent, whose tree is
# the same, MattX from columns on, the 2.6 port from own_addresses on, and then what is told at the start and at each tick.
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

# The folder of MattX' files: the given one, or mattx inside it. Its nodes is a table, where openMosix has a folder.
mattx=
find_mattx() {
  for folder in "$root" "$root/mattx"; do
    if [ -f "$folder/nodes" ] && [ -r "$folder/nodes" ] && [ -r "$folder/remote" ]; then mattx=$folder; break; fi
  done
}
if [ -z "$hpc" ]; then find_mattx; fi

# Where the node's own stat, loadavg and meminfo are: the given root or the folder above it; for a cluster's files
# elsewhere, /proc.
proc=
for folder in "$root" "${root%/*}"; do
  if [ -r "$folder/loadavg" ]; then proc=$folder; break; fi
done

# The folder of openMosix' port to 2.6 in that of each process, as this shell's own has it: om, or pms in LinuxPMI.
port=
if [ -z "$hpc$mattx" ] && [ -n "$proc" ]; then
  for name in om pms; do
    if [ -d "$proc/self/$name" ]; then port=$name; break; fi
  done
fi

# The folder of the agent's files, in the /run beside the given root.
find_agent() {
  folder=${root%/*}/run/mosview/hpc
  if [ -d "$folder/nodes" ] && [ -r "$folder/admin/mospe" ]; then hpc=$folder; fi
}
if [ -z "$hpc$mattx$port" ]; then find_agent; fi
if [ -z "$proc" ] && [ -n "$hpc$mattx" ]; then proc=/proc; fi

# agent_says: the tree's version into $agent where it is the agent's, and why the node moves nothing, which is behind it or
# in the line below, into $limit.
agent_says() {
  name= line= agent= limit=
  {
    read -r name line agent rest
    read -r limit
  } < "$hpc/admin/version"
  case "$name $line" in 'mosview agent') limit=${limit:-$rest} ;; *) agent= limit= ;; esac
  case $agent in *[!0-9A-Za-z._+-]* | ?????????????????????*) agent='?' ;; esac
}

# Where each process that migrates has its folder. The agent's are in its tree, of its jobs only.
agent= limit= jobs=$proc
if [ -n "$hpc" ]; then agent_says; fi
if [ -n "$agent" ]; then jobs=$hpc; fi

release= self=0 cpus=0 frame= rows=0 ids= round=0 seconds=0 away= guests= listed=
cpu_sent= load_sent= memory_sent= machine_sent= mattx_sent= oddities_sent=
fields=$IFS tab='	' turn=0 odd=0
read -r release < "$proc/sys/kernel/osrelease" || read -r release < /proc/sys/kernel/osrelease
case $release in *[!0-9A-Za-z._+-]*) release='?' ;; esac
if [ ${#release} -gt 100 ]; then release='?'; fi
if [ -n "$hpc" ]; then value "$hpc/admin/mospe"; self=$value; fi

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
  farewell "$before"
}

# farewell BEFORE: to the nodes in BEFORE that are not in $ids.
farewell() {
  if [ "$1" = "$ids" ]; then return; fi
  for id in $1; do
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

# life PID: what /proc/PID/stat says of a process: its name into $name, its state and parent into $state and $parent, and
# its start into $started, ? where it is not to be had. The name may hold anything, parentheses and line feeds too; behind it are numbers only.
life() {
  line=
  while read -r part || [ -n "$part" ]; do line="$line$part "; done < "$proc/$1/stat"
  name=${line#*\(}
  name=${name%\)*}
  set -- ${line##*\) }
  state=$1 parent=$2
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
    if [ -n "$port" ]; then add "places $pid"; fi
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

# guest PID: adds the row of a guest. Its local process is called remote(PID) after the one at its home; with the agent it
# keeps its name, and its identity begins with that.
guest() {
  home=
  read -r home rest < "$hpc/remote/$1/from"
  eval "set -- $1 \$guests_$1"
  case $home in '' | *[!0-9]* | ??????*) home=$2; if [ -z "$2" ]; then return; fi ;; esac
  listed="$listed $1"
  if [ "$home" = "$2" ] && [ $((($1 + seconds) % 10)) != 0 ]; then return; fi
  life $1
  if [ "$home" = "$2" ] && [ "$started" = "$4" ]; then return; fi
  line=
  if [ -n "$agent" ]; then
    read -r line < "$hpc/remote/$1/identity"
    name=${line%%\)*}\) line=${line#*\) }
  else
    read -r line < "$proc/$1/cmdline"
    if [ -z "$line" ]; then read -r line < "$hpc/remote/$1/identity"; fi
  fi
  homepid=${name#remote\(}
  homepid=${homepid%\)}
  case $homepid in '' | *[!0-9]* | ????????*) homepid=0 ;; esac
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
  set -- "$jobs"/[1-9]*
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

# columns HEADER: where MattX' table has what, by the names in its header, parted by tabs. 99 is nowhere.
columns() {
  width=0 address_at=99 load_at=99 affinity_at=99 memory_at=99
  IFS=$tab
  set -- $1
  IFS=$fields
  if [ $# -gt 40 ]; then set -- 'Node ID'; fi
  for name in "$@"; do
    width=$((width + 1))
    case $name in
      'Node ID') ;;
      'IP Address') address_at=$width ;;
      'CPU Load') load_at=$width ;;
      Affinity) affinity_at=$width ;;
      'Mem Free (MB)') memory_at=$width ;;
      *) strange=$((strange + 1)) ;;
    esac
  done
}

# number TEXT: into $value, or ? for anything but a whole number.
number() {
  case $1 in '' | *[!0-9]* | ????????????????*) value='?' ;; *) value=$1 ;; esac
}

# row LINE: a line of MattX' table. It has as many cells as the header; the local one goes into $self and $own.
row() {
  IFS=$tab
  set -- $1
  IFS=$fields
  id=${1%" (Local)"}
  case $#:$id in $width:0 | $width:[1-9]*) ;; *) bad=$((bad + 1)); return ;; esac
  case $id in *[!0-9]* | ????????????????*) bad=$((bad + 1)); return ;; esac
  eval "address=\${$address_at} load=\${$load_at} affinity=\${$affinity_at} memory=\${$memory_at}"
  number "$load"; load=$value
  number "$affinity"; affinity=$value
  number "$memory"; memory=$value
  if [ "$1" != "$id" ]; then
    if [ -n "$own" ]; then bad=$((bad + 1)); return; fi
    self=$id own="$load $affinity $memory"
  fi
  if [ "$mode" != all ] || [ "$id" = 0 ]; then return; fi
  if [ ${#id} -gt 5 ] || [ "$id" -gt 65535 ]; then high=$((high + 1)); return; fi
  if [ $count = 1000 ]; then beyond=$((beyond + 1)); return; fi
  eval "told=\$row_$id mark=\$mark_$id"
  if [ "$mark" = $turn ]; then twice=$((twice + 1)); return; fi
  case $address in *[!0-9A-Fa-f.:]* | ????????????????????????????????????????*) address= ;; esac
  count=$((count + 1)) ids="$ids $id"
  eval "mark_$id=$turn"
  if [ "$told" = "$load $affinity $memory $address" ]; then return; fi
  add "nodes $id $load $affinity $memory"
  if [ "${told##* }" != "$address" ]; then add "addresses $id $address"; fi
  eval "row_$id='$load $affinity $memory $address'"
}

# table MODE: MattX' table of nodes up to the empty line, and of the settings behind it the balancer's switch, which comes
# first; the lists behind that may hold any text. In the mode own of the rows the local one only.
table() {
  mode=$1 before=$ids own= balancer='?' part=head turn=$((turn + 1))
  bad=0 high=0 beyond=0 twice=0 strange=0 cut=1 count=0
  if [ $mode = all ]; then ids=; fi
  while IFS= read -r line || [ -n "$line" ]; do
    case $part:$line in
      head:'Node ID'*) columns "$line"; part=rows ;;
      head:* | rows:-*) ;;
      rows:) part=settings cut=0 ;;
      *:'Balancer Enabled: YES') balancer=1; break ;;
      *:'Balancer Enabled: NO') balancer=0; break ;;
      settings:*) ;;
      rows:*' (Local)'*) row "$line" ;;
      *) if [ $mode = all ]; then row "$line"; fi ;;
    esac
  done < "$mattx/nodes"
  if [ $mode = all ]; then farewell "$before"; fi
  number "${self:-0}"; self=$value
  line="$self ${own:-? ? ?} $balancer"
  if [ "$line" != "$mattx_sent" ]; then mattx_sent=$line; add "mattx $line"; fi
}

# pair TABLE PID NODE: a line of MattX' remote (away) or guests, with what speaks for it: 0 there is no such process, 1 it
# looks as it should, 2 it does not. A deputy is stopped in task_work_run; a guest's parent is the kernel's 2, and it has
# a command line, as no thread of the kernel has. Of a process that has come home NODE is 0.
pair() {
  case $2:$3 in
    0* | :* | *: | *[!0-9:]* | ????????*:* | *:????????*) odd=$((odd + 1)); return ;;
  esac
  case "$listed " in *" $2 "*) odd=$((odd + 1)); return ;; esac
  if [ $pairs = 1000 ]; then odd=$((odd + 1)); return; fi
  life $2
  eval "told=\$$1_$2"
  if [ $3 = 0 ]; then
    case $told in *" $started "?) ;; *) return ;; esac
  fi
  pairs=$((pairs + 1)) listed="$listed $2" evidence=2 line=
  case $1:$state:$parent in
    away:T:*)
      read -r line < "$proc/$2/wchan"
      case $line in '' | 0 | task_work_run) evidence=1 ;; esac ;;
    guests:*:2)
      read -r line < "$proc/$2/cmdline"
      if [ -n "$line" ]; then evidence=1; fi ;;
  esac
  if [ "$started" = '?' ]; then evidence=0; fi
  if [ "$told" = "$3 $started $evidence" ]; then return; fi
  case $told in *" $started "?) ;; *) call $2 "$name" ;; esac
  eval "$1_$2='$3 $started $evidence'"
  add "$1 $2 $3 $started $evidence"
}

# pairs: MattX' processes that migrate; those that came home stay listed while they live.
pairs() {
  odd=0 pairs=0 listed=
  while IFS=: read -r pid peer || [ -n "$pid" ]; do pair guests "$pid" "$peer"; done < "$mattx/guests"
  before=$guests guests=$listed
  left guests "$before"
  listed=
  while IFS=: read -r pid peer || [ -n "$pid" ]; do pair away "$pid" "$peer"; done < "$mattx/remote"
  for pid in $away; do
    case "$listed " in *" $pid "*) ;; *) pair away $pid 0 ;; esac
  done
  before=$away away=$listed
  left away "$before"
}

# own_addresses: those by which others know this machine, into $addresses: where the connection came in, and what its
# routes say is local. What every machine has (127.*) tells nothing.
own_addresses() {
  set -- ${SSH_CONNECTION-}
  told=$3 addresses= count=0 lines=0
  set -- "$told"
  while [ $lines -lt 4000 ] && read -r mark text rest; do
    lines=$((lines + 1))
    case "$mark $text $rest" in
      '|-- '*) told=$text ;;
      '/32 host LOCAL') set -- "$@" "$told" ;;
    esac
  done < "$proc/net/fib_trie"
  for told in "$@"; do
    case $told in '' | *[!0-9A-Fa-f.:]* | 127.* | 0.* | ::1 | ????????????????????????????????????????*) continue ;; esac
    case "$addresses " in *" $told "*) continue ;; esac
    if [ $count = 16 ]; then break; fi
    count=$((count + 1)) addresses="$addresses $told"
  done
}

# moved PID: adds the row of a process of the 2.6 port that is not at home, was not, or is a guest. Of what debug says
# only the last digit is looked at: 1 is a deputy (1), 2 a guest (2). What cannot be read for a moment stays as it was.
moved() {
  line= side=0
  read -r line < "$folder/debug"
  case $line in
    'debug: dflags: 0x'*[2367abefABEF]) side=2 ;;
    'debug: dflags: 0x'*[159dD]) side=1 ;;
    'debug: dflags: 0x'*) ;;
    *) side='?' ;;
  esac
  eval "set -- $1 \$away_$1"
  case $where in
    home | queued | migrating) ;;
    '' | *[!0-9A-Fa-f.:]* | ??????????????????????????????????????????????*) where=$2; if [ -z "$2" ]; then return; fi ;;
  esac
  listed="$listed $1"
  if [ -z "$2" ] || [ $((($1 + seconds) % 10)) = 0 ]; then
    life $1
    if [ "$started" != "$4" ]; then call $1 "$name"; fi
  else
    started=$4
  fi
  if [ "$where" != "$2" ]; then add "places $1 $where"; fi
  if [ "$side $started" != "$3 $4" ]; then
    line="away $1"
    change "$4" "$started"; change "$3" "$side"
    add "$line"
  fi
  eval "away_$1='$where $side $started'"
}

# moves: the processes of the 2.6 port that move; those that came home stay listed while they live.
moves() {
  seconds=$(((seconds + 1) % 10)) listed=
  set +f
  set -- "$proc"/[1-9]*
  set -f
  for folder in "$@"; do
    pid=${folder##*/} folder=$folder/$port where=
    case $pid in *[!0-9]* | ????????*) continue ;; esac
    read -r where < "$folder/where" || [ -f "$folder/where" ] || continue
    if [ "$where" = home ]; then
      case "$away " in *" $pid "*) ;; *) continue ;; esac
    fi
    moved $pid
  done
  before=$away away=$listed
  left away "$before"
}

# tell_version FILE WORDS: what the file's first line has behind the words; ? where that is no version.
tell_version() {
  line= version='?'
  read -r line < "$1"
  case $line in "$2"*) version=${line#"$2"} ;; esac
  case $version in '' | *[!0-9A-Za-z._+-]* | ?????????????????????*) version='?' ;; esac
  echo "meta version $version"
}

echo "mosview 1 $nonce"
echo "meta system Linux $release"
if [ -n "$hpc" ]; then
  if [ -n "$agent" ]; then
    echo "meta dialect agent"
    echo "meta version $agent"
    printf 'meta limit %.300s\n' "$limit"
  else
    echo "meta dialect openmosix"
  fi
  echo "meta root $hpc"
  echo "meta self $self"
  echo "keyed nodes load:load speed:speed cpus:count util:percent tmem:pages rmem:pages mem:pages status:bits"
  echo "keyed away where:node migrations:count started:ticks"
  echo "keyed guests home:node homepid:pid started:ticks"
  echo "texts commands"
elif [ -n "$mattx" ]; then
  table own
  frame= rows=0 mattx_sent=
  echo "meta dialect mattx"
  echo "meta root $mattx"
  echo "meta self $self"
  tell_version "$mattx/version" 'MattX Version: '
  echo "single mattx self:node load:load affinity:affinity memory:MB balancer:switch"
  echo "single oddities lines:count high:count beyond:count twice:count columns:count cut:switch pairs:count"
  echo "keyed nodes load:load affinity:affinity memory:MB"
  echo "texts addresses"
  echo "keyed away where:node started:ticks evidence:code"
  echo "keyed guests home:node started:ticks evidence:code"
  echo "texts commands"
elif [ -n "$port" ]; then
  echo "meta dialect openmosix26"
  echo "meta root $proc/self/$port"
  tell_version "$proc/hpc/admin/version" 'openMosix version: '
  own_addresses
  echo "meta addresses$addresses"
  echo "keyed away started:ticks side:code"
  echo "texts places"
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

minute=0
while read -r mode sequence what; do
  case $mode in own | all) ;; *) continue ;; esac
  if [ $minute = 0 ]; then
    machine
    # A module that was loaded, or an agent that was started or replaced meanwhile: the next sampler speaks of it.
    if [ -z "$hpc$mattx" ]; then
      find_mattx
      if [ -z "$mattx$port" ]; then find_agent; fi
      if [ -n "$hpc$mattx" ]; then exit; fi
    fi
    if [ -n "$agent" ]; then
      before="$agent $limit"
      agent_says
      if [ "$agent $limit" != "$before" ]; then exit; fi
    fi
  fi
  minute=$(((minute + 1) % 60))
  if [ -n "$agent" ] && [ ! -r "$hpc/admin/mospe" ]; then exit; fi
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
  elif [ -n "$mattx" ]; then
    if [ ! -r "$mattx/nodes" ]; then exit; fi
    table $mode
    if [ "$what" = places ]; then pairs; fi
    line="$bad $high $beyond $twice $strange $cut $odd"
    if [ "$line" != "$oddities_sent" ]; then oddities_sent=$line; add "oddities $line"; fi
  elif [ -n "$port" ] && [ "$what" = places ]; then
    moves
  fi
  printf '%send %s\n' "$frame" "$sequence"
  frame= rows=0
done
}
