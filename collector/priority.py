"""Gives way to everything else on the VM: lowest CPU priority, idle I/O class. Each step is tried and may fail."""

import os
import platform

# ioprio_set(2): number of the system call by machine (asm/unistd.h); class idle is 3 << 13.
_IOPRIO_SET = {"x86_64": 251, "aarch64": 30, "i386": 289, "i686": 289, "ppc64le": 273, "s390x": 282, "armv7l": 314, "riscv64": 30}
_IDLE = 3 << 13
_BELOW_NORMAL = 0x00004000
_BACKGROUND = 0x00100000


def lower():
    """Lower the priority of this process and of all that it starts."""
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
        elif platform.machine() in _IOPRIO_SET:
            ctypes.CDLL(None).syscall(_IOPRIO_SET[platform.machine()], 1, 0, _IDLE)
    except (ImportError, OSError, AttributeError):
        pass
