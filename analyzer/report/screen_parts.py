"""The parts of the terminal report, each a heading and a few lines; `whole` lifts the limits."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from analyzer.language.guide import GUIDE
from analyzer.report.clean import clean
from analyzer.report.findings import MEANING, Body, Findings, blind_spots, consequences, others, problems, proof
from analyzer.report.remedy import commands
from analyzer.report.screen_sheet import STYLES, Sheet
from analyzer.report.times import Zone

FEW = 6


def proven(sheet: Sheet, found: Findings, cause: Body, *, whole: bool) -> None:
    """The observations behind the verdict, each with its lines."""
    sheet.heading("PROOF")
    if whole:
        observations(sheet, found, cause)
        return
    for one in proof(found, cause):
        sheet.wrapped(one.note or one.name)
        for number in one.cites:
            quote(sheet, found, number)


def observations(sheet: Sheet, found: Findings, cause: Body, indent: int = 2) -> None:
    """Every observation of a cause: seen, clear or blind, with the reason and all citations."""
    marks = {"seen": ("●", "red"), "clear": ("○", "green"), "blind": ("?", "magenta")}
    for one in cause["evidence"]:
        mark, style = marks[one["state"]]
        words = Text().append(f"{mark} {one['state']:<5} ", style=style).append(clean(one["name"]), style="bold")
        told = one["note"] if one["state"] == "seen" else one["reason"] or one["note"]
        if told:
            words.append(f"  {clean(told)}")
        sheet.wrapped(words, indent=indent, hang=indent + 8)
        if one["state"] == "seen":
            for number in one["cites"]:
                quote(sheet, found, number, indent=indent + 8)


def quote(sheet: Sheet, found: Findings, number: str, indent: int = 4) -> None:
    """One cited line."""
    label = (found.labels if sheet.terminal and sheet.width < 140 else found.full_labels)[number]
    sheet.quoted(label, found.text(number), indent=indent, most=3)


def fixes(sheet: Sheet, found: Findings, cause: Body) -> None:
    """What to do: in words, the command for the host's family, the risk, how to verify, where to read on."""
    if not cause["fixes"]:
        return
    sheet.heading("WHAT TO DO")
    for number, fix in enumerate(cause["fixes"], 1):
        sheet.wrapped(fix["do"], prefix=f"{number}. ")
        for label, command in commands(fix["run"], found.family):
            sheet.command(command, label=label)
        for name in ("risk", "verify", "link"):
            if fix[name] and name == "link":
                sheet.line(Text().append("     read    ", style="dim").append(clean(fix[name]), style="underline"))
            elif fix[name]:
                sheet.wrapped(fix[name], indent=5, prefix=f"{name:<8}")


def beside(sheet: Sheet, found: Findings, *, whole: bool) -> None:
    """What the root brought about, and what else is possible."""
    after = consequences(found)
    if after:
        sheet.heading("BROUGHT ABOUT BY IT")
        _causes(sheet, found, after, whole=whole)
    rest = others(found)
    if rest:
        strong = found.root is not None
        sheet.heading("ALSO SEEN" if strong else "POSSIBLE", "" if strong else "signs, but too weak to name as the cause")
        _causes(sheet, found, rest, whole=whole)


def _causes(sheet: Sheet, found: Findings, causes: Sequence[Body], *, whole: bool) -> None:
    for cause in causes if whole else causes[:FEW]:
        title = Text().append(clean(cause["level"]), style=STYLES[cause["level"]])
        title.append(f"  {clean(cause['id'])}", style="bold").append(f": {clean(cause['sentence'])}")
        sheet.wrapped(title, hang=4)
        if whole:
            observations(sheet, found, cause, indent=4)
            continue
        for one in proof(found, cause, most=1)[:1]:
            for number in one.cites[:1]:
                quote(sheet, found, number)
    _left(sheet, len(causes) - FEW, "causes", whole)


def ruled_out(sheet: Sheet, found: Findings, *, whole: bool) -> None:
    """What was excluded, and because of what."""
    out = sorted(found.body["ruled_out"], key=lambda one: not one["cites"]) if not whole else found.body["ruled_out"]
    if not out:
        return
    sheet.heading("RULED OUT", MEANING["ruled-out"])
    for one in out if whole else out[:FEW]:
        words = Text().append(clean(one["id"]), style=STYLES["ruled-out"]).append(f"  {clean(one['because'])}")
        labels = found.labels if sheet.terminal else found.full_labels
        shown = one["cites"] if whole else one["cites"][:1]
        if shown:
            words.append(" [" + ", ".join(clean(labels[number]) for number in shown) + "]", style="cyan")
        sheet.wrapped(words, hang=4)
    _left(sheet, len(out) - FEW, "more", whole)


def not_looked(sheet: Sheet, found: Findings, *, whole: bool) -> None:
    """What could not be looked at, by reason; and what is wrong with the bundle."""
    spots, troubles = blind_spots(found, everything=whole), problems(found)
    if not spots and not troubles:
        return
    sheet.heading("COULD NOT LOOK", "what is not here rules nothing out")
    for spot in spots if whole else spots[:FEW]:
        words = Text(clean(spot.reason)).append(f"  ({_list(spot.causes, 99 if whole else 3)})", style="dim")
        sheet.wrapped(words, hang=4)
    _left(sheet, len(spots) - FEW, "reasons", whole)
    if troubles:
        for reason, items in troubles if whole else troubles[:FEW]:
            words = Text().append("bundle: ", style="dim").append(_list(items, 99 if whole else 2)).append(f"  {clean(reason)}", style="yellow")
            sheet.wrapped(words, hang=4)
        _left(sheet, len(troubles) - FEW, "troubles of the bundle", whole)


def _list(items: Sequence[str], most: int) -> str:
    shown = ", ".join(clean(item) for item in items[:most])
    return shown if len(items) <= most else f"{shown} and {len(items) - most} more"


def _left(sheet: Sheet, count: int, what: str, whole: bool) -> None:
    if count > 0 and not whole:
        sheet.wrapped(f"… {count} {what}: -v", style="dim")


def steps(sheet: Sheet, found: Findings) -> None:
    """The guide's causes in the symptom's order, each with how it was judged."""
    sheet.heading("CHECKLIST", f"for {found.symptom}, in the guide's order")
    for number, step in enumerate(found.body["checklist"], 1):
        level = step["level"]
        words = Text().append(f"{level.replace('-', ' '):<13}", style=STYLES[level])
        words.append(clean(GUIDE.get(step["guide_cause"], step["guide_cause"])))
        if step["cause"]:
            words.append(f"  {clean(step['cause'])}", style="bold")
        sheet.wrapped(words, prefix=f"{number}. ", hang=18)


def unrecognised(sheet: Sheet, found: Findings, zone: Zone, most: int) -> None:
    """Error lines that no signature explains: a lead where there is no cause."""
    lines = found.body["unrecognised"]
    if not lines:
        return
    sheet.heading("ERRORS NOBODY EXPLAINS YET", "nearest to the attempt first")
    for one in lines[:most]:
        times = f"{one['count']}x" if one["count"] > 1 else "once"
        near = " · near the attempt" if one["near_attempt"] else ""
        last = f" · last {zone.full(one['last'])}" if one["last"] else ""
        sheet.wrapped(f"{times}{last}{near}", style="dim")
        for number in one["cites"][:1]:
            quote(sheet, found, number)
    if len(lines) > most:
        sheet.wrapped(f"… {len(lines) - most} more: -v", style="dim")
