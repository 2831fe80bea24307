"""Entry point of `python -m collector` and of collector.pyz: makes sure of what the rest relies on, whatever this Python is like."""

import os
import sys


def _standard_streams():
    """Give standard streams that are closed something to hold on to, or files that are opened later would take their place."""
    try:
        for number in (0, 1, 2):
            try:
                os.fstat(number)
            except OSError:
                os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        for name in ("stdin", "stdout", "stderr"):
            if getattr(sys, name) is None:
                setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))
    except EnvironmentError:
        pass  # no /dev/null either


def run():
    """The exit code of the command line."""
    try:
        _standard_streams()
        import warnings
        warnings.simplefilter("ignore")  # they are for programmers, and PYTHONWARNINGS may make errors of them
        from collector.cli import main
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # an installation of Python that is damaged
        sys.stderr.write("collector: this Python (%s) lacks something that is needed: %s: %s. Try another one: python3, python2, "
                         "/usr/libexec/platform-python\n" % (sys.executable, type(error).__name__, error))
        return 3
    try:
        return main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(run())
