"""The file tree of the VM: the running system, or a disk mounted somewhere. Finds files; follows only links one may trust.

A link is followed when it stays inside the tree and root, or the owner of what it points to, made it: nobody can have a file
collected that he could not read himself.
"""

import errno
import fnmatch
import os
import re
import stat

_MAX_LINKS = 40
_WILD = re.compile(r"[*?\[]")
MAX_DEPTH = 6


class Refused(Exception):
    """A path that must not or cannot be taken: `status` is one of the manifest's words."""

    def __init__(self, status, reason):
        Exception.__init__(self, reason)
        self.status, self.reason = status, reason


class Tree(object):
    """Files below `root` (native string). `ignore_case` for Windows disks seen from Linux."""

    def __init__(self, root, ignore_case=False):
        self.root = root.rstrip("/") if os.sep == "/" else root.rstrip("\\/") + "\\"
        self.ignore_case = ignore_case

    def on_disk(self, path):
        """`path` of the VM, "/var/log/x", as this machine opens it."""
        return os.path.join(self.root, *path.strip("/").split("/")) if os.sep != "/" else self.root + path

    def find(self, pattern):
        """(path on the VM, mtime) of all files that match, as they are found; `*` `?` `[]` within names, `**` for any folders."""
        try:
            for path in self._expand("", [part for part in pattern.split("/") if part]):
                status = self._status(path)
                if status is not None and not stat.S_ISDIR(status.st_mode):
                    yield path, status.st_mtime
        except EnvironmentError as error:
            raise refusal(error)

    def resolve(self, path):
        """The path without links in it; raises Refused when a link leaves the tree, loops, or is not to be trusted."""
        done, todo, links = "", [part for part in path.split("/") if part], 0
        while todo:
            part = todo.pop(0)
            if part in (".", ""):
                continue
            if part == "..":
                if not done:
                    raise Refused("denied", "the link leads out of the tree")
                done = done.rpartition("/")[0]
                continue
            here = done + "/" + part
            try:
                status = os.lstat(self.on_disk(here))
            except EnvironmentError as error:
                raise refusal(error)
            if not stat.S_ISLNK(status.st_mode):
                done = here
                continue
            if os.sep != "/":
                raise Refused("denied", "links are not followed on Windows")
            links += 1
            if links > _MAX_LINKS:
                raise Refused("denied", "the links form a loop")
            target = os.readlink(self.on_disk(here))
            self._trust(status, here, target)
            todo = [piece for piece in target.split("/") if piece] + todo
            if target.startswith("/"):
                done = ""
        return done

    def _trust(self, link, here, target):
        if link.st_uid == 0:
            return
        base = "" if target.startswith("/") else here.rpartition("/")[0]
        try:
            owner = os.stat(self.on_disk(os.path.normpath(base + "/" + target))).st_uid
        except EnvironmentError as error:
            raise refusal(error)
        if owner != link.st_uid:
            raise Refused("denied", "the link was made by a user who does not own what it points to")

    def _status(self, path):
        """The status of the file behind links; None when it is not there. A link not to be followed counts as found."""
        try:
            status = os.lstat(self.on_disk(path))
            if stat.S_ISLNK(status.st_mode):
                try:
                    return os.lstat(self.on_disk(self.resolve(path)))
                except Refused as refused:
                    return None if refused.status == "absent" else status
            return status
        except EnvironmentError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
                return None
            raise

    def _expand(self, base, parts, depth=0):
        if not parts:
            yield base
            return
        part, rest = parts[0], parts[1:]
        if part == "**":
            for path in self._expand(base, rest, depth):
                yield path
            if depth < MAX_DEPTH:
                for name in self._names(base):
                    status = self._status(base + "/" + name)
                    if status and stat.S_ISDIR(status.st_mode) and not os.path.islink(self.on_disk(base + "/" + name)):
                        for path in self._expand(base + "/" + name, parts, depth + 1):
                            yield path
        elif _WILD.search(part) or self.ignore_case:
            matches = re.compile(fnmatch.translate(part), re.IGNORECASE if self.ignore_case else 0).match
            for name in self._names(base):
                if matches(name):
                    for path in self._expand(base + "/" + name, rest, depth):
                        yield path
        else:
            here = base + "/" + part
            if not rest or os.path.isdir(self.on_disk(here)):
                for path in self._expand(here, rest, depth):
                    yield path
            elif rest:
                self._status(here)

    def _names(self, base):
        """Names in a folder, sorted; a link to a folder is followed under the same rules as a link to a file."""
        try:
            real = self.resolve(base) if base else ""
            return sorted(os.listdir(self.on_disk(real or "/")))
        except Refused as refused:
            if refused.status == "absent":
                return []
            raise
        except EnvironmentError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                return []
            raise


_STATUS_OF = {errno.ENOENT: "absent", errno.ENOTDIR: "absent", errno.EACCES: "denied", errno.EPERM: "denied",
              errno.ELOOP: "denied", errno.ESTALE: "vanished"}


def refusal(error):
    """The Refused that tells of an operating system's error."""
    from collector.isolate import describe
    return Refused(_STATUS_OF.get(error.errno, "failed"), describe(error))
