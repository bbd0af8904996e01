#!/bin/sh
# Run once inside the root of a fresh Debian: makes it a machine that root and a user enter with the key that was laid into
# /root/key.pub, and whose second network card joins it to the others. Started by debian-machine.mjs.
set -eu

useradd --create-home --shell /bin/bash user
for home in /root /home/user; do
  install -d -m 700 "$home/.ssh"
  cp /root/key.pub "$home/.ssh/authorized_keys"
done
chown -R user: /home/user/.ssh
rm /root/key.pub

# Only what these machines have: an emulated one unpacks the usual 40 MB for half a minute.
printf '%s\n' virtio_pci virtio_blk ext4 >>/etc/initramfs-tools/modules
echo MODULES=list >/etc/initramfs-tools/conf.d/modules
update-initramfs -u

printf '[Match]\nName=en*\n[Network]\nDHCP=yes\n' >/etc/systemd/network/50-outside.network
for number in 1 2; do
  printf '[Match]\nMACAddress=52:54:00:00:00:0%s\n[Network]\nAddress=10.77.0.%s/24\n' "$number" "$number" \
    >"/etc/systemd/network/40-cluster-$number.network"
done
systemctl enable systemd-networkd
# Each makes a number of its own at its first start.
: >/etc/machine-id
