"""Looks for programs from a process of its own, because a folder of PATH may lie on a mount that hangs: even asking then never returns.

A folder that did not answer is not asked again, so it costs its time once and not once for every program.
"""

import os

from collector.isolate import Hung, Worker

_SECONDS = 2.0
_FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_WINDOWS_FOLDERS = ("System32", "System32\\Wbem", "System32\\WindowsPowerShell\\v1.0")


class Programs(object):
    """The programs of this machine. `hung` are the folders that do not answer."""

    def __init__(self):
        self.hung = set()
        self._pid, self._worker = None, None

    def find(self, name):
        """The path of a program, absolute or looked for on PATH and in the usual folders; None if there is none."""
        if self._pid != os.getpid():  # a process of ours has no part in the helper of its parent
            self._pid, self._worker = os.getpid(), Worker(_look, _SECONDS)
        for folder in [""] if os.path.isabs(name) else search_path():
            if folder in self.hung:
                continue
            try:
                found = list(self._worker.ask((folder, name)))
            except Hung:
                self.hung.add(folder or os.path.dirname(name))
                continue
            except EnvironmentError:
                continue
            if found:
                return found[0]
        return None


def search_path():
    """Folders in which programs are looked for: those of PATH that are absolute, then the usual ones."""
    named = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(folder)]
    if os.name == "nt":
        usual = [os.path.join(os.environ.get("SystemRoot", "C:\\Windows"), folder) for folder in _WINDOWS_FOLDERS]
    else:
        usual = list(_FOLDERS)
    return named + [folder for folder in usual if folder not in named]


def _look(request):
    """In the helper: the program in this folder, if it is there."""
    folder, name = request
    for ending in ("", ".exe", ".com", ".cmd", ".bat") if os.name == "nt" and folder else ("",):
        path = os.path.join(folder, name + ending) if folder else name
        if os.path.isfile(path) and os.access(path, os.X_OK):
            yield path
            return
