"""How a record begins in the logs that people paste: with a time of the usual forms, or with words that begin an entry."""

import re

BEGINS = re.compile(
    r"\[?(?:\d{4}[-/]\d\d[-/]\d\d|\d{1,2}/\d{1,2}/\d{4}|[A-Z][a-z]{2} [ \d]\d \d\d:|\[ *\d+\.\d+\]|\[  OK  \]|\S{1,40} login: )"
    r"|\[\d{8}\] |\[[\dA-F]{4}:[\dA-F]{4}\]|MSI \([sc]\) |(?:Error|Warning|Information|Critical)[,\t]|Traceback |\s+File \"")
