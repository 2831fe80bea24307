"""A laboratory: the real Azure Linux agent in its own namespaces, against a small fake fabric, one injected fault a run.

`python -m tests.lab` runs every scenario of `faults.py`, collects a bundle inside each broken machine with the collector,
lets the analyzer name the cause, and compares. It needs root, loop devices, overlay file systems and Debian's archive.
"""
