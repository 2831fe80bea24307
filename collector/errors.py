"""Everything that ends a run early, each with the exit code it means.

CollectorError
  UsageError      2  the command line, or the folder given to --root, makes no sense
  NoBundle        3  no place could be found to write the bundle to
  Interrupted   130  a signal asked to stop; what is there is sealed
"""


class CollectorError(Exception):
    """One line for the reader, without a traceback."""

    exit_code = 3


class UsageError(CollectorError):
    """Raised before anything is collected."""

    exit_code = 2


class NoBundle(CollectorError):
    """Raised when no folder took the bundle."""


class Interrupted(CollectorError):
    """Raised in the main thread by SIGINT, SIGTERM and SIGHUP."""

    exit_code = 130
