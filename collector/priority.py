"""Gives way to everything else on the VM: lowest CPU priority, idle I/O class. Each step is tried and may fail.

Where the processor is so busy that nothing is left for those who give way, the evidence would never be taken, and a processor
that is too busy is one of the causes looked for. So there the run goes on like any other program.
"""

import os
import platform

# ioprio_set(2): number of the system call by machine (asm/unistd.h); class idle is 3 << 13, class best effort 2 << 13.
_IOPRIO_SET = {"x86_64": 251, "aarch64": 30, "i386": 289, "i686": 289, "ppc64le": 273, "s390x": 282, "armv7l": 314, "riscv64": 30}
_IDLE, _BEST_EFFORT = 3 << 13, 2 << 13 | 4
_PRIO_PROCESS = 0
_BELOW_NORMAL = 0x00004000
_BACKGROUND = 0x00100000
_STARVED_SECONDS = 1.5
_CROWDED_SECONDS = 0.25


def lower():
    """Lower the priority of this process and of all that it starts; False, and nothing done, where that would leave nothing for it.

    Its own start tells: at the lowest priority, beside a few programs that want the processor, a run of seconds would come to no slice.
    """
    ran, waited = _times(["self"])
    if waited > _CROWDED_SECONDS and waited > 2 * ran:
        return False
    if hasattr(os, "nice"):
        try:
            os.nice(19)
        except OSError:
            pass
    try:
        import ctypes
        if os.name == "nt":
            ctypes.windll.kernel32.SetPriorityClass(ctypes.windll.kernel32.GetCurrentProcess(), _BELOW_NORMAL)
            ctypes.windll.kernel32.SetPriorityClass(ctypes.windll.kernel32.GetCurrentProcess(), _BACKGROUND)
        else:
            _io_priority(ctypes.CDLL(None), 0, _IDLE)
    except (ImportError, OSError, AttributeError):
        pass
    return True


def starved(children):
    """Whether we and our children (process ids) mostly wait for a processor."""
    ran, waited = _times(["self"] + list(children))
    return waited > _STARVED_SECONDS and waited > 3 * ran


def normal(children):
    """Go on at normal priority, with the children; whether that was allowed."""
    try:
        import ctypes
        libc = ctypes.CDLL(None)
        refused = [pid for pid in [0] + list(children) if libc.setpriority(_PRIO_PROCESS, pid, 0)]
        for pid in [0] + list(children):
            _io_priority(libc, pid, _BEST_EFFORT)
        return 0 not in refused
    except (ImportError, OSError, AttributeError):
        return False


def _times(pids):
    """Seconds that these processes ran, and waited for a processor, by proc(5) schedstat; nothing where the kernel does not count."""
    ran = waited = 0
    for pid in pids:
        try:
            with open("/proc/%s/schedstat" % pid) as stream:
                words = stream.read().split()
            ran, waited = ran + int(words[0]), waited + int(words[1])
        except (EnvironmentError, ValueError, IndexError):
            continue
    return ran / 1e9, waited / 1e9


def _io_priority(libc, pid, value):
    if platform.machine() in _IOPRIO_SET:
        libc.syscall(_IOPRIO_SET[platform.machine()], 1, pid, value)
