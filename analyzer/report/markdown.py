"""The report as Markdown, for a ticket or a chat. Evidence stands in code fences that it cannot close."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analyzer.language.guide import GUIDE
from analyzer.report.clean import clean
from analyzer.report.findings import MEANING, Body, Findings, blind_spots, consequences, host_line, judged, others, problems, proof
from analyzer.report.remedy import commands
from analyzer.report.screen_time import around_attempt
from analyzer.report.times import Zone

_MARKUP = re.compile(r"([\\`*_{}\[\]<>|#~!&$@])")


def render(found: Findings, zone: Zone) -> str:
    """The whole report, what matters first."""
    return "\n".join(_lines(found, zone)).rstrip() + "\n"


def plain(text: object) -> str:
    """Words that Markdown shows as they are: no markup, no links, no mentions."""
    return _MARKUP.sub(r"\\\1", clean(text))


def code(text: object) -> str:
    """Words as inline code, whatever backticks they hold."""
    words = clean(text)
    return f"`{words}`" if "`" not in words else f"`` {words} ``" if "``" not in words else plain(words)


def fenced(lines: Sequence[str]) -> list[str]:
    """Lines between fences longer than any run of backticks in them."""
    shown = [clean(line) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", *shown, fence]


def _lines(found: Findings, zone: Zone) -> Iterator[str]:
    verdict, root = found.body["verdict"], found.root
    if root is None:
        yield f"# {'Cannot judge' if found.exit_code == 4 else 'No cause found'}"
        yield from ("", plain(verdict["sentence"]), "")
    else:
        yield f"# {plain(root['title'])}"
        yield from ("", f"**{root['level'].capitalize()}** ({MEANING[root['level']]}): {plain(root['sentence'])}", "",
                    f"Cause {code(root['id'])}.", "")
    yield f"{plain(' · '.join(host_line(found.body)))}  "
    yield f"{plain(judged(found, zone.full))}."
    if root is not None:
        yield from ("", "## Proof", "", *_proof(found, root, 6))
        yield from _fixes(found, root)
    for title, causes in (("Brought about by it", consequences(found)), ("Also seen" if root else "Possible", others(found))):
        if causes:
            yield from ("", f"## {title}", "")
            for cause in causes:
                yield f"- **{cause['level']}** {code(cause['id'])}: {plain(cause['sentence'])}"
    yield from _excluded(found)
    if found.symptom:
        yield from ("", f"## Checklist for {plain(found.symptom)}", "")
        for number, step in enumerate(found.body["checklist"], 1):
            named = f" ({code(step['cause'])})" if step["cause"] else ""
            yield f"{number}. {plain(GUIDE.get(step['guide_cause'], step['guide_cause']))}: **{step['level'].replace('-', ' ')}**{named}"
    if root is None and found.body["unrecognised"]:
        yield from ("", "## Errors nobody explains yet", "")
        yield from fenced([_cited(found, number) for one in found.body["unrecognised"][:10] for number in one["cites"][:1]])
    yield from _timeline(found, zone)
    yield from ("", f"Bundle {code(found.body['bundle']['path'])}, SHA-256 `{found.body['bundle']['sha256'] or 'none: a folder'}`; "
                f"{found.body['tool']['name']} {found.body['tool']['version']}.")


def _proof(found: Findings, cause: Body, most: int) -> Iterator[str]:
    for one in proof(found, cause, most):
        yield f"- {plain(one.note or one.name)}"
        if one.cites:
            yield from ("", *(f"  {line}" for line in fenced([_cited(found, number) for number in one.cites])), "")


def _cited(found: Findings, number: str) -> str:
    return f"{found.full_labels[number]}  {found.text(number)}"


def _fixes(found: Findings, cause: Body) -> Iterator[str]:
    if cause["fixes"]:
        yield from ("", "## What to do", "")
    for number, fix in enumerate(cause["fixes"], 1):
        yield f"{number}. {plain(fix['do'])}"
        for label, command in commands(fix["run"], found.family):
            yield from ("", *([f"   {plain(label)}:", ""] if label else []), *(f"   {line}" for line in fenced(command.strip().split("\n"))), "")
        for name in ("risk", "verify", "link"):
            if fix[name]:
                yield f"   - {'read' if name == 'link' else name}: {f'<{clean(fix[name])}>' if name == 'link' else plain(fix[name])}"


def _excluded(found: Findings) -> Iterator[str]:
    if found.body["ruled_out"]:
        yield from ("", "## Ruled out", "")
    for one in found.body["ruled_out"]:
        places = ", ".join(code(found.full_labels[number]) for number in one["cites"][:2])
        yield f"- {code(one['id'])}: {plain(one['because'])}{f' ({places})' if places else ''}"
    spots, troubles = blind_spots(found), problems(found)
    if spots or troubles:
        yield from ("", "## Could not look", "", "What is not here rules nothing out.", "")
    for spot in spots:
        yield f"- {plain(spot.reason)} ({', '.join(code(cause) for cause in spot.causes)})"
    for reason, items in troubles:
        more = f" and {len(items) - 5} more" if len(items) > 5 else ""
        yield f"- bundle: {', '.join(code(item) for item in items[:5])}{more}: {plain(reason)}"


def _timeline(found: Findings, zone: Zone) -> Iterator[str]:
    moments = around_attempt(found)
    if not moments:
        return
    yield from ("", f"## Timeline (times in {plain(zone.name)}; ~ in doubt)", "")
    yield from fenced([f"{'~' if one['uncertainty_seconds'] else ' '}{zone.full(one['time'])}  "
                       f"{found.full_labels[one['cite']] + '  ' if one['cite'] else ''}{one['text']}" for one in moments])
