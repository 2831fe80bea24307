"""Tells UTF-16, and finds UTF-16 inside of bytes and bytes inside of UTF-16."""

import codecs
import re

WIDE_RUN = re.compile(br"(?:[\x09\x20-\x7e]\x00){6,}")
NARROW_RUN = re.compile(br"(?<!\x00)[\x09\x20-\x7e]{16,}(?!\x00)")
# Bytes that are looked at to tell an encoding.
SAMPLE = 4096


def wide_encoding(sample):
    """"utf-16-le" or "utf-16-be" when `sample`, the beginning of a file, is UTF-16 with or without a mark; else None."""
    if sample.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if sample.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    sample = sample[:SAMPLE]
    pairs = len(sample) // 2
    if pairs < 4:
        return None
    even, odd = sample[0:pairs * 2:2].count(b"\0"), sample[1:pairs * 2:2].count(b"\0")
    if odd > pairs * 0.4 and even < pairs * 0.1:
        return "utf-16-le"
    if even > pairs * 0.4 and odd < pairs * 0.1:
        return "utf-16-be"
    return None
