"""The command line. Exit codes are in cli.py."""

import argparse
import re

from collector import __version__
from collector.errors import UsageError

_UNITS = {"": 1, "k": 1024, "m": 1024 ** 2, "g": 1024 ** 3}
_SPANS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST = 100 * 366 * 86400.0


def parse(argv):
    """Options of a collecting run."""
    options = _parser().parse_args(argv)
    options.since_seconds = options.since
    options.argv = list(argv)
    return options


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise UsageError("%s. Try: collector.pyz --help" % message)


def _parser():
    parser = _Parser(prog="collector.pyz", formatter_class=argparse.RawDescriptionHelpFormatter,
                     description="Collects what tells why the backup of this Azure VM fails, into one zip.\n"
                                 "Secrets are masked before anything is written. Nothing on the VM is changed.",
                     epilog="Run it as root or administrator: sudo python collector.pyz\n"
                            "collector.pyz redact FILE prints FILE as it would stand in the bundle.\n"
                            "collector.pyz upload BUNDLE URL uploads a bundle that is there already.\n"
                            "Exit: 0 complete; 1 something vital is missing; 2 usage; 3 no bundle; 130 interrupted, bundle valid.")
    add = parser.add_argument
    add("--list", action="store_true", help="say what would be taken, and why, and take nothing")
    add("--profile", choices=("min", "backup", "full"), default="backup", help="how much to take (default: backup)")
    add("--only", action="append", default=[], metavar="ID", help="take only this item; may be repeated")
    add("--skip", action="append", default=[], metavar="ID", help="do not take this item; may be repeated")
    add("--output", metavar="PATH", help="file or folder of the bundle (default: here)")
    add("--root", metavar="DIR", help="collect from a mounted disk, Linux or Windows, instead of from this machine")
    add("--max-seconds", type=_positive, default=120.0, metavar="N", help="time limit (default: 120)")
    add("--max-bytes", type=_size, default=200 * 1024 ** 2, metavar="SIZE", help="bytes to take in (default: 200M)")
    add("--max-file-bytes", type=_size, default=25 * 1024 ** 2, metavar="SIZE", help="of a larger file head and tail are kept (default: 25M)")
    add("--since", type=_duration, metavar="DURATION", help="leave out older rotated files and journal entries, such as 7d or 12h")
    add("--no-probes", action="store_true", help="do not try the network, processes and disks")
    add("--no-commands", action="store_true", help="do not run programs")
    add("--redact", choices=("secrets", "secrets+names"), default="secrets",
        help="mask secrets, or also names, addresses and ids (default: secrets)")
    add("--upload", metavar="URL", help="then upload the bundle to this container or blob URL with a SAS that support gave you")
    add("--quiet", action="store_true", help="print only what went wrong")
    add("--json", action="store_true", help="print the summary as JSON")
    add("--version", action="version", version="collector " + __version__)
    return parser


def _size(text):
    match = re.match(r"^(\d+)\s*([kmg]?)i?b?$", text.strip().lower())
    if not match or not int(match.group(1)):
        raise argparse.ArgumentTypeError("%r is not a size such as 200M" % text)
    return int(match.group(1)) * _UNITS[match.group(2)]


def _duration(text):
    match = re.match(r"^(\d+(?:\.\d+)?)\s*([smhdw])$", text.strip().lower())
    seconds = float(match.group(1)) * _SPANS[match.group(2)] if match else 0
    if not 0 < seconds < _LONGEST:
        raise argparse.ArgumentTypeError("%r is not a duration such as 7d or 12h" % text)
    return seconds


def _positive(text):
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError("%r is not a number of seconds" % text)
    return value
