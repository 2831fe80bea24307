"""Errors the reader of the screen must understand: what happened, where, and what to do.

TriageError
├── UsageError       bad options                                exit 2
├── BundleError      unreadable, refused, or without evidence   exit 3
└── SignatureError   a signature that cannot be used            exit 5
"""

from __future__ import annotations


class TriageError(Exception):
    """Base of all errors that are shown as one line, without a traceback. `exit_code` is the process status."""

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", advice: str = "") -> None:
        self.what, self.where, self.advice = what, where, advice
        super().__init__(what)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.advice})" if self.advice else ""
        return f"{place}{self.what}{advice}"


class UsageError(TriageError):
    """The command line asks for something that cannot be done."""


class BundleError(TriageError):
    """The bundle cannot be read, was refused as unsafe, or holds no evidence."""

    exit_code = 3


class SignatureError(TriageError):
    """A signature file is wrong; `where` names the file and the key."""

    exit_code = 5
