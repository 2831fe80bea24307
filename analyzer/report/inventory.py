"""What is in a bundle: each member, what it was taken for, and when it speaks; and what was planned and not collected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from analyzer.evidence import Evidence, MemberInfo
from analyzer.report.clean import clean
from analyzer.report.screen_sheet import Sheet
from analyzer.report.times import Zone

_STATUS = {"ok": "green", "tailed": "yellow", "changed": "green", "absent": "dim", "not-applicable": "dim", "skipped": "dim"}


def gathered(path: Path, signatures: Sequence[Path] = ()) -> Evidence:
    """The bundle's members, recognised and dated; no cause is judged. Raises BundleError, SignatureError."""
    from analyzer.attempts import PATTERNS
    from analyzer.bundle.bundle import open_bundle
    from analyzer.gather import gather
    from analyzer.language.knowledge import load_knowledge
    return gather(open_bundle(path), load_knowledge(signatures).catalogue, PATTERNS)


def show(evidence: Evidence, zone: Zone, *, unclaimed: bool = False, plain: bool = False) -> None:
    """Print the list: one member a line when piped, two lines on a terminal."""
    sheet = Sheet(plain=plain)
    members = [one for one in evidence.members if not unclaimed or not _taken_for(evidence, one)]
    for one in members:
        _member(sheet, one, ", ".join(_taken_for(evidence, one)), zone)
    what = "member" if len(members) == 1 else "members"
    sheet.wrapped(f"{len(members)} {what}{' taken for nothing' if unclaimed else ''}, times in {zone.name}", indent=0, style="dim")
    if not unclaimed:
        _missing(sheet, evidence)
        _problems(sheet, evidence)


def size_words(count: int) -> str:
    """Bytes for people: `512 B`, `12.3 KB`, `1.5 GB`."""
    size = float(count)
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GB"


def _taken_for(evidence: Evidence, one: MemberInfo) -> tuple[str, ...]:
    """The sources and tables a member was read as; text that nothing knows is searched as a console's, which is no claim."""
    claimed = evidence.catalogue.of(one.path, one.item.argv if one.item else ())
    guessed = tuple(name for name in one.sources if name != "console" or name in claimed)
    return (*guessed, *(name for name in one.tables if name not in guessed))


def _member(sheet: Sheet, one: MemberInfo, taken: str, zone: Zone) -> None:
    status = one.item.status if one.item else "ok"
    words = Text().append(f"{clean(status):<8}", style=_STATUS.get(status, "yellow")).append(f" {size_words(one.size):>9}  ")
    words.append(clean(taken or "nothing"), style="cyan" if taken else "dim")
    times = _times(one, zone)
    words.append(f"  {times}" if times else "")
    path = one.path if one.path and not one.name.endswith(one.path) else None
    if not sheet.terminal:
        sheet.line(Text().append_text(words).append(f"  {clean(one.name)}").append(f"  ({clean(path)})" if path else ""))
        return
    sheet.line(Text().append(clean(one.name), style="bold").append(f"  {clean(path)}" if path else "", style="dim"))
    sheet.wrapped(words, indent=4, hang=8)


def _times(one: MemberInfo, zone: Zone) -> str:
    activity = one.activity
    if not activity or activity.first is None:
        return ""
    first, last = zone.full(activity.first)[:19], zone.full(activity.latest)[:19]
    doubt = "~" if activity.uncertainty else ""
    return f"{doubt}{first} – {last[11:] if last[:10] == first[:10] else last}"


def _missing(sheet: Sheet, evidence: Evidence) -> None:
    manifest = evidence.bundle.manifest
    if not manifest:
        sheet.wrapped("There is no manifest: what was not collected, and why, is not known.", indent=0, style="yellow")
        return
    here = {member.name for member in evidence.members}
    reasons = {str(raw.get("id")): raw.get("why") for raw in manifest.raw.get("items", ()) if isinstance(raw, dict)}
    missing = [item for item in manifest.items if item.member not in here]
    if not missing:
        return
    sheet.heading("NOT COLLECTED", f"{len(missing)} of {len(manifest.items)} planned")
    for item in sorted(missing, key=lambda item: (item.status in ("absent", "not-applicable"), item.status, item.path or "")):
        words = Text().append(f"{clean(item.status):<14} ", style=_STATUS.get(item.status, "yellow"))
        words.append(clean(item.path or " ".join(item.argv) or item.id)).append(f"  {clean(item.reason)}" if item.reason else "")
        if reasons.get(item.id):
            words.append(f"  ({clean(reasons[item.id])})", style="dim")
        sheet.wrapped(words, hang=17) if sheet.terminal else sheet.line(Text("  ").append_text(words))


def _problems(sheet: Sheet, evidence: Evidence) -> None:
    if not evidence.bundle.problems:
        return
    sheet.heading("PROBLEMS OF THE BUNDLE")
    for one in evidence.bundle.problems:
        sheet.wrapped(Text().append(f"{clean(one.status):<14} ", style="yellow").append(f"{clean(one.item)}  {clean(one.reason)}"), hang=17)
