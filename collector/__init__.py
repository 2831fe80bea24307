"""Collects the evidence of a failing Azure VM backup into one zip. Standard library only; Python 2.7 and 3.4 or newer."""

__version__ = "0.1.0"
