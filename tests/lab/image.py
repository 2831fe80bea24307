"""The disk images of a machine: a small Debian-like root in ext4, and a data disk if the scenario has one."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from .fabric import names
from .fabric.pki import Pki

_SIZE = "8G"  # sparse: what is written is a few MB

CONF = {
    "Extensions.Enabled": "y", "Provisioning.Agent": "disabled", "Provisioning.DeleteRootPassword": "n",
    "Provisioning.RegenerateSshHostKeyPair": "n", "Provisioning.SshHostKeyPairType": "auto", "Provisioning.MonitorHostName": "n",
    "ResourceDisk.Format": "n", "ResourceDisk.Filesystem": "ext4", "ResourceDisk.MountPoint": "/mnt/resource",
    "ResourceDisk.EnableSwap": "n", "Logs.Verbose": "n", "Logs.Collect": "n", "OS.EnableFIPS": "n",
    "OS.RootDeviceScsiTimeout": "300", "OS.OpensslPath": "None", "OS.SshDir": "/etc/ssh", "AutoUpdate.Enabled": "n",
    "OS.EnableFirewall": "n",
}
_FILES = {
    "etc/hostname": f"{names.MACHINE_NAME}\n",
    "etc/hosts": f"127.0.0.1 localhost\n127.0.1.1 {names.MACHINE_NAME}\n",
    "etc/resolv.conf": f"nameserver {names.WIRESERVER}\noptions timeout:2 attempts:2\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "etc/passwd": "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "etc/group": "root:x:0:\nadm:x:4:\nnogroup:x:65534:\n",
    "etc/fstab": "/dev/sda1 / ext4 defaults 0 1\n",
    "etc/timezone": "Etc/UTC\n",
    "var/lib/waagent/provisioned": f"{names.VM_ID}\n",
    "etc/machine-id": "7d3f1c5a9b2e4860a1c7e5d3f9b08642\n",
}
_FOLDERS = ("boot", "data", "dev", "etc/azure", "home", "mnt", "proc", "root", "run", "sys", "tmp", "usr", "var/lib/waagent",
            "var/lib/dhcp", "var/log", "var/tmp")
_COPIED = ("etc/os-release", "etc/ld.so.cache", "etc/ssl/openssl.cnf", "etc/debian_version")
_LINKS = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64", "etc/localtime": "/usr/share/zoneinfo/UTC",
          "etc/mtab": "/proc/self/mounts", "var/run": "/run",
          "etc/systemd/system/multi-user.target.wants/walinuxagent.service": "/lib/systemd/system/walinuxagent.service", "var/lock": "/run/lock"}


def build(work: Path, pki: Pki, conf: Mapping[str, str], files: Mapping[str, str], data_disk: bool) -> None:
    """Writes `work/root.img` (and `data.img`): `conf` changes waagent.conf, `files` adds to the root, `data_disk` adds /data."""
    skeleton = work / "skeleton"
    for folder in _FOLDERS:
        (skeleton / folder).mkdir(parents=True, exist_ok=True)
    settings = "".join(f"{key}={value}\n" for key, value in (CONF | dict(conf)).items())
    written = _FILES | {"etc/waagent.conf": f"#\n# Microsoft Azure Linux Agent Configuration\n#\n\n{settings}"} | dict(files)
    for path, text in written.items():
        target = skeleton / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        if text.startswith("#!"):
            target.chmod(0o700)
    for path in _COPIED:
        if Path("/", path).exists():
            (skeleton / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path("/", path), skeleton / path)
    if Path("/etc/alternatives").is_dir():  # awk and its like are links through it
        shutil.copytree("/etc/alternatives", skeleton / "etc/alternatives", symlinks=True)
    for link, target_name in _LINKS.items():
        (skeleton / link).parent.mkdir(parents=True, exist_ok=True)
        (skeleton / link).symlink_to(target_name)
    certificates = skeleton / "etc/ssl/certs"
    certificates.mkdir(parents=True)
    for name in ("ca-certificates.crt", f"{pki.authority_hash}.0"):
        shutil.copy(pki.authority, certificates / name)
    (skeleton / "tmp").chmod(0o1777)
    (skeleton / "var/lib/waagent").chmod(0o700)
    _format(work / "root.img", "cloudimg-rootfs", "-d", str(skeleton))
    if data_disk:
        _format(work / "data.img", "data")
    shutil.rmtree(skeleton)


def _format(image: Path, label: str, *more: str) -> None:
    options = ["-q", "-F", "-L", label, "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0"]
    # A journal of the default size would cost more to write than the whole rest.
    subprocess.run(["mkfs.ext4", *options, "-J", "size=8", *more, str(image), _SIZE], check=True, capture_output=True,
                   env={**os.environ, "MKE2FS_SYNC": "0"})
