#!/bin/sh
# The first process of a machine, in new mount, network, pid and uts namespaces: builds the root and goes into it.
#   machine.sh WORK NAME [PYTHON_HOME]
# WORK holds root.img, data.img (optional), agent/ (the layer), layer/ (files of this lab over /usr).
# Only file systems of its own come into view: an image on a loop device, overlays (which cannot be frozen) and tmpfs.
set -eu
work=$1 name=$2 python=${3:-}
cd "$work"
mount --make-rprivate /

attach() { # IMAGE: sets $loop, the device that shows it; goes away with its last mount
    loop=$(losetup --find --show "$1") || { sleep 0.3; loop=$(losetup --find --show "$1"); }
}
attach root.img
root_loop=$loop
root_number=$(stat -c '%Hr %Lr' "$loop")
data_loop=
if [ -e data.img ]; then
    attach data.img
    data_loop=$loop
    data_number=$(stat -c '%Hr %Lr' "$loop")
fi

# A /dev of its own hides the host's disks; it is moved into the new root below.
mkdir -p devices
mount -t tmpfs -o mode=755,size=1024k devtmpfs devices
for node in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0'; do
    set -- $node
    mknod -m 666 "devices/$1" c "$2" "$3"
done
# Messages for the console go nowhere.
mknod -m 600 devices/console c 1 3
mknod devices/sda1 b $root_number
[ -z "$data_loop" ] || mknod devices/sdc1 b $data_number
ln -s /proc/self/fd devices/fd
mkdir devices/shm

mkdir -p root
mount --bind devices /dev
mount -t ext4 /dev/sda1 root
[ -z "$data_loop" ] || mount -t ext4 /dev/sdc1 root/data
umount /dev
losetup -d "$root_loop"
[ -z "$data_loop" ] || losetup -d "$data_loop"

mkdir -p upper
mount -t tmpfs tmpfs upper
mkdir upper/usr upper/work upper/python upper/pwork
mount -t overlay overlay -o "lowerdir=layer/usr:agent/usr:/usr,upperdir=upper/usr,workdir=upper/work" root/usr
if [ -n "$python" ]; then
    mkdir -p "root$python"
    mount -t overlay overlay -o "lowerdir=$python,upperdir=upper/python,workdir=upper/pwork" "root$python"
fi
mount -t proc proc root/proc
mount -t sysfs -o ro sysfs root/sys
mount -t tmpfs -o mode=755,size=64m tmpfs root/run
mount --move devices root/dev
mount -t tmpfs -o size=64m tmpfs root/dev/shm
hostname "$name"

cd root
mkdir -p .old
pivot_root . .old
umount -l /.old
rmdir /.old
cd /
echo ready
# The clock, the kernel and the devices are not the machine's to change.
exec setpriv --bounding-set=-sys_time,-sys_module,-sys_boot,-sys_rawio,-mknod \
    bash -c 'exec -a /sbin/init bash -c "while read -r _; do :; done"'
