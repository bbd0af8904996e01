#!/bin/sh
# The lab's machines, made of namespaces. It is three programs, each started by the one before:
#   watch  outside: makes the control groups, starts the hub, waits until its standard input ends, removes everything
#   hub    process 1 of a process namespace that holds all nodes; owns the bridge their cables end in
#   node   process 1 of one node: its own files, network, names and processes
# When the hub's process 1 is killed, the kernel ends every process of every node, and with them networks and mounts.
# Standard output says "hub PID" and "node N PID", with numbers as seen outside: until a node mounts its own /proc,
# /proc/self is the outer number. What it is given is in the environment, all of it set by lab.ts.
set -eu

watch() {
  trap '' HUP INT TERM PIPE
  make_groups
  export LAB_MACHINE=$$
  setpriv --pdeathsig KILL unshare --net --mount --propagation private --pid --fork --kill-child=KILL \
    /bin/sh "$0" hub </dev/null &
  hub=$!
  # Who reads the output sees its end when the hub has failed.
  exec >/dev/null
  cat >/dev/null || true
  # Nobody may be left to read what is said from here on.
  exec 2>/dev/null
  if [ -n "$LAB_OUTER" ]; then ip link delete "$LAB_OUTER" || true; fi
  if read -r first rest <"$LAB_FOLDER/hub"; then kill -KILL "$first" || true; fi
  kill -KILL "$hub" || true
  wait "$hub" || true
  for group in $LAB_CPU $LAB_UNIFIED; do remove_groups "$group"; done
  rm -rf "$LAB_FOLDER"
}

# Each node has a group for its share of the processors, and one in the tree of version 2, where its jobs have theirs.
make_groups() {
  for group in $LAB_CPU $LAB_UNIFIED; do mkdir "$group"; done
  if [ -z "$LAB_CPU" ]; then
    echo +cpu >"${LAB_UNIFIED%/*}/cgroup.subtree_control"
    echo +cpu >"$LAB_UNIFIED/cgroup.subtree_control"
  fi
  n=0
  for quota in $LAB_QUOTAS; do
    n=$((n + 1))
    for group in $LAB_CPU $LAB_UNIFIED; do mkdir "$group/node$n"; done
    if [ "$quota" = max ]; then continue; fi
    if [ -z "$LAB_CPU" ]; then
      echo "$quota $LAB_PERIOD" >"$LAB_UNIFIED/node$n/cpu.max"
    else
      echo "$LAB_PERIOD" >"$LAB_CPU/node$n/cpu.cfs_period_us"
      echo "$quota" >"$LAB_CPU/node$n/cpu.cfs_quota_us"
    fi
  done
}

# A group can be removed once its last process is gone, which takes the kernel a moment.
remove_groups() {
  tries=0
  while [ -d "$1" ] && [ $tries -lt 500 ]; do
    find "$1" -depth -type d -exec rmdir {} + || true
    tries=$((tries + 1))
    if [ -d "$1" ]; then sleep 0.02; fi
  done
}

hub() {
  read -r LAB_HUB rest </proc/self/stat
  export LAB_HUB
  echo "$LAB_HUB" >"$LAB_FOLDER/hub"
  ip link set lo up
  ip link add hub type bridge
  ip address add 10.99.0.254/24 dev hub
  ip link set hub up
  if [ -n "$LAB_OUTER" ]; then
    ip link add outer type veth peer name "$LAB_OUTER" netns "/proc/$LAB_MACHINE/ns/net"
    ip link set outer master hub up
    nsenter --target "$LAB_MACHINE" --net ip address add 10.99.0.253/24 dev "$LAB_OUTER"
    nsenter --target "$LAB_MACHINE" --net ip link set "$LAB_OUTER" up
  fi
  echo "hub $LAB_HUB"
  n=0
  for quota in $LAB_QUOTAS; do
    n=$((n + 1))
    start_node $n &
  done
  exec >/dev/null
  wait
}

start_node() {
  for group in $LAB_CPU $LAB_UNIFIED; do echo 0 >"$group/node$1/cgroup.procs"; done
  exec unshare --net --mount --propagation private --uts --ipc --cgroup --pid --fork --kill-child=KILL \
    /bin/sh "$0" node "$1" </dev/null
}

node() {
  read -r self rest </proc/self/stat
  ip link add eth0 type veth peer name "node$1" netns "/proc/$LAB_HUB/ns/net"
  nsenter --target "$LAB_HUB" --net ip link set "node$1" master hub up
  ip link set lo up
  ip address add "10.99.0.$1/24" dev eth0
  ip link set eth0 up
  hostname "node$1"
  mount_files
  name_itself "$1"
  cd /
  mount -t proc proc /proc
  mkdir -p /run/sshd
  /usr/sbin/sshd -f "/run/lab/node$1/sshd_config" -E "/run/lab/node$1/sshd.log"
  echo "node $1 $self"
  exec >/dev/null 2>&1
  # Process 1 never waits for its children, and the kernel need not keep them for it.
  trap '' CHLD
  exec sleep infinity
}

# What a node has for itself: /run, /tmp, /dev/shm, its terminals, its view of the control groups, and changes to /etc,
# /var/lib and /usr/local/bin, which lie over the machine's own. /srv is one folder that all nodes share.
mount_files() {
  own=$LAB_FOLDER/own
  mount -t tmpfs -o mode=755 own "$own"
  for place in run tmp shm; do
    mkdir "$own/$place"
    mount -t tmpfs -o "mode=1777,size=$LAB_RUN_SIZE" "$place" "$own/$place"
  done
  chmod 755 "$own/run"
  mkdir "$own/run/lab"
  mount --bind "$LAB_FOLDER" "$own/run/lab"
  for kept in $LAB_KEPT; do
    case $kept in
      /tmp/*|/run/*) mkdir -p "$own$kept"; mount --rbind "$kept" "$own$kept" ;;
    esac
  done
  for place in etc var/lib usr/local/bin; do
    name=$(echo "$place" | tr / -)
    mkdir "$own/$name" "$own/$name.work"
    mount -t overlay -o "lowerdir=/$place,upperdir=$own/$name,workdir=$own/$name.work" overlay "/$place"
  done
  mkdir -p /etc/mosview /var/lib/mosview
  mount -t tmpfs -o mode=700 mosview /etc/mosview
  mount -t tmpfs -o mode=700 mosview /var/lib/mosview
  mount --bind "$LAB_FOLDER/shared" /srv
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts /dev/pts
  umount -l "$LAB_UNIFIED_MOUNT"
  mount -t cgroup2 cgroup2 "$LAB_UNIFIED_MOUNT"
  if [ -n "$LAB_CPU" ]; then
    umount -l "$LAB_CPU_MOUNT"
    mount -t cgroup -o "$LAB_CPU_CONTROLLERS" cgroup "$LAB_CPU_MOUNT"
  fi
  mount --no-mtab --move "$own/shm" /dev/shm
  mount --no-mtab --move "$own/run" /run
  # Last, as the lab's folder may be there.
  mount --no-mtab --move "$own/tmp" /tmp
}

# Its name, its neighbours' names, and the commands it has: Node, mos, and criu where it has one.
name_itself() {
  echo "node$1" >/etc/hostname
  echo '127.0.0.1 localhost' >/etc/hosts
  n=0
  for quota in $LAB_QUOTAS; do
    n=$((n + 1))
    echo "10.99.0.$n node$n" >>/etc/hosts
  done
  ln -sf "$LAB_NODE" /usr/local/bin/node
  # As main/enrol/package.ts writes it.
  provide mos "export MOSVIEW_OPEN_FILES=\"\$(ulimit -Sn)\"; exec '$LAB_NODE' $LAB_NODE_OPTIONS '$LAB_PROJECT/out/agent/mosview-agent.mjs' \"\$@\""
  case " $LAB_WITHOUT_CRIU " in
    *" $1 "*) provide criu "echo 'criu: not installed on this node of the lab' >&2; exit 127" ;;
    *) provide criu "exec '$LAB_CRIU' \"\$@\"" ;;
  esac
}

provide() {
  rm -f "/usr/local/bin/$1"
  printf '#!/bin/sh\n%s\n' "$2" >"/usr/local/bin/$1"
  chmod 755 "/usr/local/bin/$1"
}

"$@"
