"""Offline diagnosis of failed Azure VM backups. Data flows one way:

bundle -> sources -> scan and facts -> attempts -> language -> diagnosis -> timeline -> report.
"""

__version__ = "0.1.0"
