"""What changed between two bundles of one VM: verdict, host, causes, attempts, and error lines that are new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from analyzer.report.clean import clean
from analyzer.report.findings import Body, Findings, code_words
from analyzer.report.screen_sheet import STYLES, Sheet
from analyzer.report.times import Zone

UNSEEN = "not-seen"


def show(old: Findings, new: Findings, zone: Zone, *, plain: bool = False) -> None:
    """Print the differences, or that there are none."""
    sheet = Sheet(plain=plain)
    for name, one in (("old", old), ("new", new)):
        verdict = one.body["verdict"]
        words = Text().append(f"{name}  ", style="dim").append(clean(verdict["cause"] or "no cause"), style="bold")
        words.append(f" {verdict['level']}", style=STYLES.get(verdict["level"], ""))
        words.append(f"  {zone.full(one.collected) if one.collected is not None else 'time unknown'}  {clean(one.body['bundle']['path'])}")
        sheet.wrapped(words, indent=0, hang=5)
    if old.body["host"]["hostname"] != new.body["host"]["hostname"]:
        sheet.wrapped(f"These are two hosts: {old.body['host']['hostname']} and {new.body['host']['hostname']}.", indent=0, style="yellow")
    written = [_host(sheet, old.body, new.body), _causes(sheet, old.body, new.body), _attempts(sheet, old.body, new.body, zone),
               _errors(sheet, old, new)]
    if not any(written):
        sheet.gap()
        sheet.wrapped("Nothing that the report speaks of has changed.", indent=0)


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        name = f"{above}{key}".replace("_", " ")
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name} ")
        else:
            yield name, value


def _host(sheet: Sheet, old: Body, new: Body) -> bool:
    before, after = dict(_flat(old["host"])), dict(_flat(new["host"]))
    changed = [name for name in after if before.get(name) != after[name]]
    if changed:
        sheet.heading("HOST")
    for name in changed:
        sheet.wrapped(f"{name}: {before.get(name) if before.get(name) is not None else 'unknown'} → "
                      f"{after[name] if after[name] is not None else 'unknown'}", hang=4)
    return bool(changed)


def levels(body: Body) -> dict[str, str]:
    """The level of every cause that has one other than not seen."""
    return {**{one["id"]: "not-assessed" for one in body["not_assessed"]}, **{one["id"]: "ruled-out" for one in body["ruled_out"]},
            **{one["id"]: one["level"] for one in body["causes"]}}


def _causes(sheet: Sheet, old: Body, new: Body) -> bool:
    before, after = levels(old), levels(new)
    changed = [name for name in sorted({*before, *after}) if before.get(name, UNSEEN) != after.get(name, UNSEEN)]
    if changed:
        sheet.heading("CAUSES")
    for name in changed:
        was, now = before.get(name, UNSEEN), after.get(name, UNSEEN)
        words = Text().append(clean(name), style="bold").append("  ").append(was, style=STYLES[was]).append(" → ").append(now, style=STYLES[now])
        sheet.wrapped(words, hang=4)
    return bool(changed)


def _attempts(sheet: Sheet, old: Body, new: Body, zone: Zone) -> bool:
    known = {(one["start"], one["outcome"], one["code"]) for one in old["attempts"]}
    fresh = [one for one in new["attempts"] if (one["start"], one["outcome"], one["code"]) not in known]
    if fresh:
        sheet.heading("NEW ATTEMPTS", f"times in {zone.name}")
    for one in fresh:
        sheet.wrapped(f"{one['id']}  {zone.full(one['start'])}  {one['outcome']}{code_words(one['code'])}", hang=4)
    return bool(fresh)


def _errors(sheet: Sheet, old: Findings, new: Findings) -> bool:
    known = {one["template"] for one in old.body["unrecognised"]}
    fresh = [one for one in new.body["unrecognised"] if one["template"] not in known]
    if fresh:
        sheet.heading("NEW ERRORS NOBODY EXPLAINS YET")
    for one in fresh:
        for number in one["cites"][:1]:
            sheet.quoted(new.full_labels[number], new.text(number), indent=2)
    return bool(fresh)
