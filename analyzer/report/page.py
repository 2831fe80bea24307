"""The report as one HTML page that needs nothing else: no script, no network; for reading, printing and sending on.

Everything goes through `told`, which makes text harmless and escapes it; the page's policy forbids scripts on top.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from string import Template

from analyzer.language.guide import GUIDE
from analyzer.report.clean import clean
from analyzer.report.findings import MEANING, Blind, Body, Findings, blind_spots, consequences, host_line, judged, others, problems, proof
from analyzer.report.page_frame import FRAME
from analyzer.report.remedy import commands
from analyzer.report.screen_time import around_attempt
from analyzer.report.times import Zone


def render(found: Findings, zone: Zone) -> str:
    """The whole page."""
    root = found.root
    title = root["title"] if root else found.body["verdict"]["sentence"]
    body = "\n".join((*_verdict(found, zone), *(_proof_part(found, root) if root else ()), *(_fixes(found, root) if root else ()), *_beside(found),
                      *(() if root else _unexplained(found, zone)), *_ruled_out(found), *_not_looked(found), *_checklist(found),
                      *_timeline(found, zone), *_all_causes(found), *_colophon(found)))
    return Template(FRAME).substitute(title=told(title), body=body)


def told(text: object) -> str:
    """Text of any origin, harmless on a page."""
    return escape(clean(text), quote=True)


def _level(level: str, words: str = "") -> str:
    return f'<span class="level {told(level)}">{told(words or level.replace("-", " "))}</span>'


def _verdict(found: Findings, zone: Zone) -> Iterator[str]:
    verdict, root = found.body["verdict"], found.root
    level = root["level"] if root else "not-assessed" if found.exit_code == 4 else "not-seen"
    words = level if root else "cannot judge" if found.exit_code == 4 else "no cause found"
    yield f'<header class="verdict {level}"><p class="host">{told(" · ".join(host_line(found.body)))}</p>'
    yield f"<h1>{_level(level, words)} {told(root['title']) if root else ''}</h1>"
    yield f"<p class=sentence>{told(verdict['sentence'])}</p>"
    if root:
        weak = f"; weakened by {', '.join(root['weakened_by'])}" if root["weakened_by"] else ""
        yield f"<p class=dim><code>{told(root['id'])}</code> · {told(root['level'])}: {told(MEANING[root['level']] + weak)}</p>"
    yield f"<p class=dim>{told(judged(found, zone.full))}. Times are in {told(zone.name)}.</p>"
    if found.body["bundle"]["integrity"] == "tampered":
        yield "<p class=warning>Parts of this bundle were changed after collection; nothing is concluded from their silence.</p>"
    if found.body["bundle"]["complete"] is False:
        yield "<p class=warning>The collector did not finish: what is missing is listed below.</p>"
    yield "</header>"


def _cites(found: Findings, numbers: Sequence[str]) -> str:
    lines = "".join(f"<li><cite>{told(found.full_labels[number])}</cite> <code>{told(found.text(number))}</code></li>" for number in numbers)
    return f"<ul class=cites>{lines}</ul>" if lines else ""


def _proof_part(found: Findings, cause: Body) -> Iterator[str]:
    yield "<section><h2>Proof</h2><ul class=proof>"
    for one in proof(found, cause, 6):
        yield f"<li>{told(one.note or one.name)}{_cites(found, one.cites)}</li>"
    yield "</ul></section>"


def _fixes(found: Findings, cause: Body) -> Iterator[str]:
    if not cause["fixes"]:
        return
    yield "<section><h2>What to do</h2><ol>"
    for fix in cause["fixes"]:
        yield f"<li>{told(fix['do'])}"
        for label, command in commands(fix["run"], found.family):
            shown = "\n".join(told(line) for line in command.strip().split("\n"))
            yield f"{f'<p class=dim>{told(label)}:</p>' if label else ''}<pre>{shown}</pre>"
        told_of = [(name, told(fix[name])) for name in ("risk", "verify") if fix[name]]
        if fix["link"]:
            link = told(fix["link"])
            safe = fix["link"].startswith(("https://", "http://"))
            told_of.append(("read", f'<a rel="noreferrer noopener" href="{link}">{link}</a>' if safe else link))
        yield "<dl>" + "".join(f"<dt>{name}</dt><dd>{words}</dd>" for name, words in told_of) + "</dl></li>"
    yield "</ol></section>"


def _beside(found: Findings) -> Iterator[str]:
    for title, causes in (("Brought about by it", consequences(found)), ("Also seen" if found.root else "Possible", others(found))):
        if not causes:
            continue
        yield f"<section><h2>{title}</h2><ul>"
        for cause in causes:
            numbers = [number for one in proof(found, cause, 1)[:1] for number in one.cites[:1]]
            yield f"<li>{_level(cause['level'])} <code>{told(cause['id'])}</code> {told(cause['sentence'])}{_cites(found, numbers)}</li>"
        yield "</ul></section>"


def _unexplained(found: Findings, zone: Zone) -> Iterator[str]:
    if not found.body["unrecognised"]:
        return
    yield "<section><h2>Errors nobody explains yet</h2><ul>"
    for one in found.body["unrecognised"]:
        near = " · near the attempt" if one["near_attempt"] else ""
        last = f" · last {zone.full(one['last'])}" if one["last"] else ""
        yield f"<li class=dim>{one['count']} times{told(last + near)}{_cites(found, one['cites'][:1])}</li>"
    yield "</ul></section>"


def _ruled_out(found: Findings) -> Iterator[str]:
    if not found.body["ruled_out"]:
        return
    yield f"<section><h2>Ruled out</h2><p class=dim>{told(MEANING['ruled-out'])}</p><ul>"
    for one in found.body["ruled_out"]:
        places = ", ".join(f"<cite>{told(found.full_labels[number])}</cite>" for number in one["cites"][:3])
        yield f"<li><code>{told(one['id'])}</code> {told(one['because'])} {places}</li>"
    yield "</ul></section>"


def _not_looked(found: Findings) -> Iterator[str]:
    spots, troubles = blind_spots(found), problems(found)
    if not spots and not troubles:
        return
    yield "<section><h2>Could not look</h2><p class=dim>What is not here rules nothing out.</p><ul>"
    yield from (_spot(spot) for spot in spots)
    for reason, items in troubles:
        shown = ", ".join(f"<code>{told(item)}</code>" for item in items[:8]) + (f" and {len(items) - 8} more" if len(items) > 8 else "")
        yield f"<li>bundle: {shown}: {told(reason)}</li>"
    yield "</ul></section>"


def _spot(spot: Blind) -> str:
    causes = ", ".join(told(cause) for cause in spot.causes[:4]) + (f" and {len(spot.causes) - 4} more" if len(spot.causes) > 4 else "")
    return f"<li>{told(spot.reason)} <span class=dim>({causes})</span></li>"


def _checklist(found: Findings) -> Iterator[str]:
    if not found.symptom:
        return
    yield f"<section><h2>Checklist</h2><p class=dim>for {told(found.symptom)}, in the guide's order</p><ol>"
    for step in found.body["checklist"]:
        cause = f" <code>{told(step['cause'])}</code>" if step["cause"] else ""
        yield f"<li>{_level(step['level'])} {told(GUIDE.get(step['guide_cause'], step['guide_cause']))}{cause}</li>"
    yield "</ol></section>"


def _timeline(found: Findings, zone: Zone) -> Iterator[str]:
    everything = found.body["timeline"]
    if not everything:
        return
    near = around_attempt(found)
    doubt = " ~ marks a time in doubt." if any(one["uncertainty_seconds"] for one in everything) else ""
    yield f"<section><h2>Timeline</h2><p class=dim>Times are in {told(zone.name)}.{doubt}</p>"
    yield f"<details open><summary>around the attempt ({len(near)})</summary>{_rows(found, near, zone)}</details>"
    if len(everything) > len(near):
        yield f"<details><summary>all of it ({len(everything)})</summary>{_rows(found, everything, zone)}</details>"
    yield "</section>"


def _rows(found: Findings, moments: Sequence[Body], zone: Zone) -> str:
    rows = []
    for one in moments:
        place = f"<cite>{told(found.full_labels[one['cite']])}</cite>" if one["cite"] else ""
        mark = "~" if one["uncertainty_seconds"] else ""
        cause = f"<code>{told(one['cause'])}</code>" if one["cause"] else ""
        when = told(mark + zone.full(one["time"]))
        rows.append(f'<tr class="{told(one["kind"])}"><td><time>{when}</time><td>{told(one["text"])} {place}<td>{cause}</tr>')
    return f"<table><thead><tr><th>time<th>what<th>cause</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _all_causes(found: Findings) -> Iterator[str]:
    causes = found.body["causes"]
    if not causes:
        return
    yield "<section><h2>Every observation</h2><p class=dim>seen; clear: looked for, and not there; blind: could not be looked at</p>"
    for cause in causes:
        yield f"<details><summary>{_level(cause['level'])} <code>{told(cause['id'])}</code> {told(cause['title'])}</summary><ul class=observations>"
        for one in cause["evidence"]:
            words = one["note"] if one["state"] == "seen" else one["reason"] or one["note"]
            cites = _cites(found, one["cites"]) if one["state"] == "seen" else ""
            yield f"<li><span class=\"state {told(one['state'])}\">{told(one['state'])}</span> <b>{told(one['name'])}</b> {told(words)}{cites}</li>"
        yield "</ul></details>"
    yield "</section>"


def _colophon(found: Findings) -> Iterator[str]:
    bundle, tool = found.body["bundle"], found.body["tool"]
    digest = f" · SHA-256 <code>{told(bundle['sha256'])}</code>" if bundle["sha256"] else ""
    yield (f"<footer class=dim>{told(tool['name'])} {told(tool['version'])} · <code>{told(bundle['path'])}</code> · {bundle['members']} members"
           f" · integrity {told(bundle['integrity'])}{digest}</footer>")
