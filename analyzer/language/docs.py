"""Pages for people out of signatures: what a cause is, what proves it, what rules it out, what follows, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from analyzer.language.expression import names_in
from analyzer.language.guide import GUIDE
from analyzer.language.knowledge import Knowledge
from analyzer.language.schema import Evidence, Fix, Signature, Window

_INTRODUCTION = ("confirmed", "likely", "possible", "ruled-out")
_HEADINGS = {"confirmed": "What proves it", "likely": "What makes it likely", "possible": "What makes it possible", "ruled-out": "What rules it out"}


def pages(knowledge: Knowledge) -> dict[str, str]:
    """The text of every page by file name: one for each cause, and README.md as the index."""
    found = {f"{signature.id}.md": page(knowledge, signature) for signature in knowledge.signatures.values()}
    return {**found, "README.md": _index(knowledge)}


def write(knowledge: Knowledge, folder: Path) -> tuple[int, int]:
    """Write the pages that changed, remove those of causes that are gone; how many were written, and removed."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pages(knowledge)
    written = removed = 0
    for name, text in wanted.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            written += 1
    for path in folder.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
            removed += 1
    return written, removed


def page(knowledge: Knowledge, signature: Signature) -> str:
    """The page of one cause, in Markdown."""
    lines = [f"# {signature.title}", "", _facts_line(signature), ""]
    if signature.about.strip():
        lines += [signature.about.strip(), ""]
    for level in _INTRODUCTION:
        if level in signature.verdict:
            lines += _level(signature, level)
    if signature.weakened_by:
        lines += ["One step less sure with: " + ", ".join(f"`{name}`" for name in signature.weakened_by) + ".", ""]
    lines += ["## What is looked at", "", *_evidence_table(knowledge, signature), ""]
    lines += list(_chain(knowledge, signature))
    lines += ["## What to do", "", *(_fix(fix) for fix in signature.fixes)]
    lines += list(_issues(signature.known_issues))
    if signature.links:
        lines += ["## Read more", "", *(f"- <{link}>" for link in signature.links), ""]
    lines += [f"Written from `signatures/{signature.file}` by `analyze signatures docs`; do not edit."]
    return "\n".join(lines).rstrip() + "\n"


def _facts_line(signature: Signature) -> str:
    systems = " and ".join(name.capitalize() for name in sorted(signature.platforms))
    trial = ", on trial" if signature.status == "trial" else ""
    return f"`{signature.id}` · [{GUIDE[signature.guide_cause]}](README.md#{signature.guide_cause}) · {systems} · {signature.severity}{trial}" + (
        f" · reviewed {signature.reviewed}" if signature.reviewed else "")


def _level(signature: Signature, level: str) -> list[str]:
    text = signature.verdict_text[level]
    lines = [f"## {_HEADINGS[level]}", "", f"`{text}`", ""]
    names = names_in(text, list(signature.evidence))
    for name in names:
        negated = " (not seen)" if re.search(rf"\bnot {re.escape(name)}(?![\w-])", text) else ""
        lines.append(f"- `{name}`{negated}: {_flat(signature.evidence[name].note) or signature.evidence[name].shape}")
    if signature.say.get(level):
        lines += ["", f"> {_flat(signature.say[level])}"]
    return [*lines, ""]


def _evidence_table(knowledge: Knowledge, signature: Signature) -> Iterator[str]:
    yield "| observation | where | seen when |"
    yield "|---|---|---|"
    for one in signature.evidence.values():
        yield f"| `{one.name}` | {_cell(_where(knowledge, one))} | {_cell(_when(one))} |"


def _where(knowledge: Knowledge, one: Evidence) -> str:
    if one.source:
        return knowledge.catalogue[one.source].title
    if one.fact:
        return f"fact `{one.fact}`"
    return f"table `{one.table}`" if one.table else "other observations"


def _when(one: Evidence) -> str:
    text = getattr(_Shapes, one.shape)(one)
    if one.cleared_by:
        text += ", and after it neither " if len(one.cleared_by) > 1 else ", and after it no "
        text += " nor ".join(f"`{name}`" for name in one.cleared_by)
    return str(text)


class _Shapes:
    """What each shape asks for, in words."""

    @staticmethod
    def line(one: Evidence) -> str:
        within = f" within {one.count.within:g} s" if one.count.within else ""
        often = "" if one.count.at_least == 1 else f"{one.count.at_least} lines{within}: "
        return f"{often}{_code(one.match)}{_window(one.window)}"

    @staticmethod
    def record(one: Evidence) -> str:
        ids = ", ".join(map(str, one.event_ids))
        fields = "".join(f", {key} = {_value(value)}" for key, value in one.data.items())
        return f"event {ids} of {one.provider or 'any provider'}{fields}{_window(one.window)}"

    @staticmethod
    def fact(one: Evidence) -> str:
        operator, wanted = next(iter(one.compare.items()))
        return f"{operator} {_value(wanted)}"

    @staticmethod
    def row(one: Evidence) -> str:
        what = ", ".join(f"{column} {_value(wanted)}" for column, wanted in one.where.items()) or "anything"
        amount = "no row" if one.none else "a row" if one.at_least == 1 else f"{one.at_least} rows"
        return f"{amount} with {what}" + (f", taken within {one.fresh:g} s of the attempt" if one.fresh else "")

    @staticmethod
    def span(one: Evidence) -> str:
        return f"{_code(one.begin)} until {_code(one.end)}: {one.want}, limit {one.within:g} s{_window(one.window)}"

    @staticmethod
    def silence(one: Evidence) -> str:
        return f"nothing written for {one.silent_for:g} s{_window(one.window)}"

    @staticmethod
    def order(one: Evidence) -> str:
        return "in this order: " + ", ".join(f"`{name}`" for name in one.order) + (f", within {one.within:g} s" if one.within else "")


def _window(window: Window) -> str:
    hours = f"{window.seconds / 3600:g} h" if window.seconds >= 3600 else f"{window.seconds / 60:g} min"
    return {"any": ", at any time", "before": f", up to {hours} before the attempt", "after": f", up to {hours} after the attempt",
            "last-words": f", among the last {hours} of it"}.get(window.kind, "")


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return " and ".join(f"{operator} {_value(operand)}" for operator, operand in value.items())
    return _code(str(value).lower() if isinstance(value, bool) else str(value))


def _chain(knowledge: Knowledge, signature: Signature) -> Iterator[str]:
    causes = [other.id for other in knowledge.signatures.values() if signature.id in other.leads_to]
    for heading, names in (("What it leads to", signature.leads_to), ("What may lie behind it", causes)):
        if names:
            yield from (f"## {heading}", "", *(_link(knowledge, name) for name in names), "")


def _link(knowledge: Knowledge, name: str) -> str:
    return f"- [{knowledge.signatures[name].title}]({name}.md)" if name in knowledge.signatures else f"- `{name}`"


def _fix(fix: Fix) -> str:
    on = f"On {fix.on.capitalize()}: " if fix.on else ""
    lines = [f"- {on}{_flat(fix.do)}"]
    if fix.when_text:
        lines.append(f"  When: `{fix.when_text}`.")
    for family, command in fix.run.items():
        label = "" if family == "any" else f" ({family})"
        lines += ["", f"  Run{label}:", "", "  ```", *(f"  {line}" for line in command.strip().splitlines()), "  ```"]
    lines += [""] if fix.run else []
    lines += [f"  {name}: {_flat(text)}\\" for name, text in (("Risk", fix.risk), ("Then", fix.verify), ("See", fix.link)) if text]
    return "\n".join(lines).removesuffix("\\") + "\n"


def _issues(issues: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    issues = list(issues)
    if not issues:
        return
    yield from ("## Known issues", "")
    for issue in issues:
        details = [f"{key}: {_flat(str(value))}" for key, value in issue.items() if key not in ("title", "link")]
        title = f"[{issue.get('title', '')}]({issue['link']})" if issue.get("link") else str(issue.get("title", ""))
        yield f"- {title}" + (f" — {'; '.join(details)}" if details else "")
    yield ""


def _index(knowledge: Knowledge) -> str:
    lines = ["# Causes", "", "What the analyzer can tell apart, in the order of the troubleshooting guide. Each page is written from its signature",
             "by `analyze signatures docs`.", ""]
    for guide, title in GUIDE.items():
        lines += [f'<a id="{guide}"></a>', f"## {title}", "", "| cause | on | severity | leads to |", "|---|---|---|---|"]
        for one in sorted((one for one in knowledge.signatures.values() if one.guide_cause == guide), key=lambda one: one.id):
            following = ", ".join(f"[{name}]({name}.md)" if name in knowledge.signatures else name for name in one.leads_to)
            lines.append(f"| [{one.id}]({one.id}.md): {_cell(one.title)} | {', '.join(sorted(one.platforms))} | {one.severity} | {following} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _code(text: str) -> str:
    """Text in a code span, whatever backticks it holds itself."""
    fence = "``" if "`" in text else "`"
    return f"{fence} {text} {fence}" if fence == "``" else f"`{text}`"


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _cell(text: str) -> str:
    return _flat(text).replace("|", "\\|")
