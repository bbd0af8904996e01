#!/bin/sh
# Process 1 under Debian's kernel. `boot` runs in the memory it was started from and makes a root of the files of the
# machine outside, read over virtio, under a layer in memory; `run` then runs the one command there and powers off.
# What it is given is in the file `settings` beside it, all of it set by debian-kernel.mjs.
set -eu

OWN=/.debian-kernel

boot() {
  . /settings
  for name in cp ln mkdir modprobe mount switch_root umount; do /bin/busybox ln -s busybox "/bin/$name"; done
  for place in proc sys dev lower layer root; do mkdir -p "/$place"; done
  mount -t devtmpfs devtmpfs /dev
  mount -t proc proc /proc
  mount -t sysfs sysfs /sys
  for module in $BOOT_MODULES; do modprobe "$module"; done
  mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro machine /lower
  mount -t tmpfs -o mode=755 layer /layer
  mkdir /layer/upper /layer/work
  mount -t overlay -o lowerdir=/lower,upperdir=/layer/upper,workdir=/layer/work overlay /root
  mkdir "/root$OWN"
  cp -p /init /settings /command /bin/busybox "/root$OWN"
  for name in modprobe poweroff; do ln -s busybox "/root$OWN/$name"; done
  umount /proc /sys
  mount --move /dev /root/dev
  exec switch_root /root "$OWN/init" run
}

run() {
  . "$OWN/settings"
  export PATH=/usr/sbin:/usr/bin:/sbin:/bin
  mount_files
  echo "$OWN/modprobe" >/proc/sys/kernel/modprobe
  # The kernel loads this one for a device file that only udev would make; criu looks for it.
  "$OWN/modprobe" tun
  "$OWN/busybox" hostname debian-kernel
  "$OWN/busybox" ip link set lo up
  # The command gets pipes, which can be opened anew by their name in /proc; a port can be opened only once.
  for name in output errors; do mkfifo "$OWN/$name"; done
  cat "$OWN/output" >"$(port 1)" &
  output=$!
  cat "$OWN/errors" >"$(port 2)" &
  errors=$!
  status=0
  sh "$OWN/command" </dev/null >"$OWN/output" 2>"$OWN/errors" || status=$?
  # What the command left running may hold the pipes open for ever.
  (sleep 5; kill "$output" "$errors") 2>/dev/null &
  wait "$output" "$errors" || true
  echo "$status" >"$(port 3)"
  "$OWN/poweroff" -f
}

port() {
  echo /dev/vport*p"$1"
}

# The file systems a machine that systemd started has; of /tmp and /run only what the command cannot do without is kept.
mount_files() {
  mount -t proc proc /proc
  mount -t sysfs sysfs /sys
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  mkdir -p /dev/pts /dev/shm "/lib/modules/$VERSION"
  # As udev makes them; bash needs the first.
  for link in fd:fd stdin:fd/0 stdout:fd/1 stderr:fd/2; do ln -sfn "/proc/self/${link#*:}" "/dev/${link%:*}"; done
  mount -t devpts -o mode=620,gid=5,ptmxmode=0666 devpts /dev/pts
  mount -t tmpfs -o mode=1777 shm /dev/shm
  mount --bind "$KERNEL/lib/modules/$VERSION" "/lib/modules/$VERSION"
  mkdir "$OWN/tmp" "$OWN/run"
  mount -t tmpfs -o mode=1777 tmp "$OWN/tmp"
  mount -t tmpfs -o mode=755 run "$OWN/run"
  for kept in $KEPT; do
    case $kept in
      /tmp/*|/run/*) mkdir -p "$OWN$kept"; mount --rbind "$kept" "$OWN$kept" ;;
    esac
  done
  mount --no-mtab --move "$OWN/run" /run
  mount --no-mtab --move "$OWN/tmp" /tmp
}

"${1:-boot}"
