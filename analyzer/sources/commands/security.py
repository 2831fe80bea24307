"""Security modules that can stop the agent: SELinux, AppArmor, and the FIPS mode of the kernel."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row

from .text import Output, row

_COUNT = re.compile(r"(\d{1,7}) profiles are in (enforce|complain|kill|unconfined|prompt) mode")


def read_selinux(output: Output) -> Iterator[Row]:
    """A row of `security` from getenforce, sestatus or /sys/fs/selinux/enforce."""
    status: dict[str, tuple[str, int]] = {}
    for line in output.lines[:60]:
        text = line.text.strip()
        if text.lower() in ("enforcing", "permissive", "disabled"):
            yield row("security", line.number, module="selinux", mode=text.lower())
            return
        if text in ("0", "1"):
            yield row("security", line.number, module="selinux", mode="enforcing" if text == "1" else "permissive")
            return
        label, colon, value = text.partition(":")
        if colon and len(label) < 40:
            status[label] = (value.strip().lower(), line.number)
    mode = status.get("Current mode") or status.get("SELinux status")
    if mode:
        yield row("security", mode[1], module="selinux", mode=mode[0], policy=status.get("Loaded policy name", (None, 0))[0])


def read_apparmor(output: Output) -> Iterator[Row]:
    """A row of `security` for AppArmor, and one per profile that is enforced or complains."""
    loaded: tuple[int, bool] | None = None
    counts: dict[str, int] = {}
    mode = None
    for line in output.lines:
        text = line.text.strip()
        found = _COUNT.match(text)
        if "module is" in text or text.startswith("AppArmor not"):
            loaded = (line.number, "not" not in text.split())
        elif found:
            mode = found.group(2)
            counts[mode] = int(found.group(1))
        elif line.text[:1].isspace() and mode and text and len(text) < 300:
            yield row("security", line.number, module="apparmor", mode={"enforce": "enforcing", "complain": "permissive"}.get(mode, mode),
                      profile=text)
        elif not line.text[:1].isspace():
            mode = None
    if loaded:
        state = "disabled" if not loaded[1] else "enforcing" if counts.get("enforce") else "permissive"
        yield row("security", loaded[0], module="apparmor", mode=state, enforced=counts.get("enforce"), complaining=counts.get("complain"))


def read_crypto_policy(output: Output) -> Iterator[Row]:
    """A row of `security` from `update-crypto-policies --show`."""
    for line in output.lines[:5]:
        if re.fullmatch(r"[A-Z][A-Z0-9:_-]{2,80}", line.text.strip()):
            yield row("security", line.number, module="crypto-policy", mode=line.text.strip().lower())
            return


def read_fips(output: Output) -> Iterator[Row]:
    """A row of `fips` from /proc/sys/crypto/fips_enabled or `fips-mode-setup --check`."""
    for line in output.lines[:20]:
        text = line.text.strip().lower()
        value = text.rpartition(":")[2].strip() if text.startswith("/") else text
        if value in ("0", "1"):
            yield row("fips", line.number, enabled=value == "1")
            return
        found = re.search(r"fips mode is (enabled|disabled)|crypto\.fips_enabled = ([01])", text[:200])
        if found:
            yield row("fips", line.number, enabled="enabled" in found.group() if found.group(1) else found.group(2) == "1")
            return
