"""What is told at the end: on the screen within 4,000 bytes, in the bundle as README.txt, for programs as JSON."""

import json

from collector.manifest import LOST, TAKEN, printable

LIMIT = 4000
_MOST_NAMED = 60
_MOST_NOTES, _LONGEST_NOTE = 4, 240
_ADVICE = (
    ("denied", "run it as root: sudo python collector.pyz"),
    ("budget", "give it more: --max-seconds 600, --max-bytes 1G, or --output FOLDER on a disk with room"),
    ("timeout", "something does not answer: look for hung mounts and frozen file systems in this bundle"),
    ("failed", "run it again; if it fails again, the reason itself is evidence"),
    ("vanished", "run it again"),
    ("special", "it is no regular file: someone replaced it"),
)
README = u"""Evidence of a failing Azure VM backup, collected by azure-backup-triage %(version)s
on %(host)s, %(finished)s (UTC of the VM).

manifest.json    everything that was planned, and what became of it
files/           files of the VM under their paths
commands/        output of programs, by id (see manifest.json for the command line)
probes/          what was tried live, and its result

%(masked)s
%(where)sA mask looks like [masked:sas:3f2a91]. The same secret has the same mask everywhere in this bundle.
%(unmasked)s
Never taken: private keys, certificate stores, provisioning data (ovf-env.xml, custom data, user data), password files,
SAM and SECURITY hives, memory dumps.

Not taken this time:
%(missing)s

To find the cause, on any computer with Python 3.11 or newer:  analyze THIS-FILE.zip
"""


def vital_missing(records):
    """Records of vital evidence that is there but could not be taken. A program's complaint or a probe's failure is an answer."""
    lost = []
    for record in records:
        if record.vital and (record.status in ("budget", "denied") or record.kind == "file" and record.status in LOST
                             or record.kind == "command" and record.status == "timeout"):
            lost.append(record)
    return lost


def no_trace(records):
    """Whether nothing at all of an Azure agent was found."""
    vital = [record for record in records if record.vital and record.kind != "command" and record.kind != "probe"]
    return bool(vital) and all(record.status == "absent" for record in vital)


def screen(run, path, size, sha256):
    """The closing summary."""
    counts = _counts(run.records)
    facts = "%s, SHA-256 %s" % (_bytes(size), sha256) if size is not None else "its disk is too slow to read it back"
    lines = ["Bundle: %s (%s)" % (printable(path), facts),
             "Taken: %s in %.0f s." % (", ".join("%d %ss" % (count, kind) for kind, count in sorted(counts.items())) or "nothing",
                                      run.budget.elapsed), masked_line(run.redactor)]
    lines += [note[:_LONGEST_NOTE] for note in run.notes[:_MOST_NOTES]]
    tail = closing(run)
    room = LIMIT - sum(len(line.encode("utf-8", "replace")) + 1 for line in lines + tail) - 120
    return "\n".join(lines + _missing_lines(run.records, room) + tail) + "\n"


def closing(run):
    """The last lines; the very last one says whether the bundle is complete."""
    lines = []
    if run.uploaded:
        lines.append(run.uploaded)
    else:
        lines.append("Next: copy the bundle off the VM (scp, a share, or --upload URL) and run: analyze BUNDLE")
    lost = vital_missing(run.records)
    if run.interrupted:
        lines.append("Interrupted (%s): the bundle is valid and holds what was taken until then." % run.interrupted)
    elif no_trace(run.records):
        lines.append("INCOMPLETE: no trace of an Azure agent was found here. Is this the right machine or disk?")
    elif lost:
        names = ", ".join(sorted(set(record.id.split(":")[0] for record in lost)))
        lines.append("INCOMPLETE: vital evidence is missing: %s. %s" % (names[:300], _advice(lost[0].status).capitalize() + "."))
    else:
        lines.append("Complete: all vital evidence that is there was taken.")
    return lines


def masked_line(redactor):
    counts = redactor.counts
    if not counts:
        return "Masked: no secrets were met."
    return "Masked: %d secrets (%s)." % (sum(counts.values()), ", ".join("%s %d" % pair for pair in sorted(counts.items())))


def readme(run, host, finished, version):
    """README.txt as bytes."""
    missing = _missing_lines(run.records, 20000)[1:]
    raw = any(record.status in TAKEN and (record.note or "").startswith("binary") for record in run.records)
    return (README % {"version": version, "host": host or "a mounted disk", "finished": finished, "masked": masked_line(run.redactor), "where": _masked_where(run.records),
                      "unmasked": "Event logs (.evtx) and registry hives are binary and are NOT masked." if raw else "",
                      "missing": "\n".join(missing) or "  nothing"}).encode("utf-8", "replace")


def _masked_where(records):
    """Which members have how many marks, the most first."""
    marked = sorted((record for record in records if record.member and record.redactions), key=lambda record: (-record.redactions, record.member))
    lines = ["  %6d  %s" % (record.redactions, record.member) for record in marked[:_MOST_NAMED]]
    if len(marked) > _MOST_NAMED:
        lines.append("  and %d more members: see \"redactions\" in manifest.json" % (len(marked) - _MOST_NAMED))
    return "".join(line + "\n" for line in lines)


def as_json(run, path, size, sha256):
    """The summary for programs."""
    lost = vital_missing(run.records)
    data = {"bundle": printable(path), "bytes": size, "sha256": sha256, "seconds": round(run.budget.elapsed, 1), "complete": run.complete(),
            "interrupted": run.interrupted, "taken": _counts(run.records), "masked": run.redactor.counts,
            "notes": [note[:_LONGEST_NOTE] for note in run.notes[:_MOST_NOTES]], "uploaded": run.uploaded,
            "vital_missing": [{"id": record.id[:200], "status": record.status, "reason": (record.reason or "")[:160]} for record in lost[:20]],
            "vital_missing_count": len(lost), "statuses": _statuses(run.records)}
    while True:
        text = json.dumps(data, indent=1, sort_keys=True, separators=(",", ": ")) + "\n"
        if len(text) <= LIMIT or not data["vital_missing"]:
            return text
        data["vital_missing"].pop()


def _missing_lines(records, room):
    """What could not be taken, vital first, each with its reason; as many as fit into `room` bytes, then how many more."""
    lost = [record for record in records if record.status in LOST and not (record.kind == "command" and record.status == "failed")
            and not (record.kind == "probe" and record.status == "timeout")]
    lost.sort(key=lambda record: not record.vital)
    if not lost:
        return []
    lines, shown = ["Missing:"], 0
    for record in lost:
        line = "  %s%s: %s%s" % ("(vital) " if record.vital else "", (record.path or record.id)[:160], record.status,
                                 " (%s)" % record.reason[:160] if record.reason else "")
        if room - len(line.encode("utf-8", "replace")) < 500:
            break
        room -= len(line.encode("utf-8", "replace")) + 1
        lines.append(line)
        shown += 1
    if shown < len(lost):
        lines.append("  and %d more: see manifest.json" % (len(lost) - shown))
    for status, advice in _ADVICE:
        if any(record.status == status for record in lost[:shown]):
            lines.append("  %s: %s" % (status, advice))
    return lines


def _advice(status):
    return dict(_ADVICE).get(status, "see manifest.json")


def _counts(records):
    counts = {}
    for record in records:
        if record.status in TAKEN:
            counts[record.kind] = counts.get(record.kind, 0) + 1
    return counts


def _statuses(records):
    counts = {}
    for record in records:
        counts[record.status] = counts.get(record.status, 0) + 1
    return counts


def _bytes(count):
    for unit in ("bytes", "KB", "MB"):
        if count < 1024 or unit == "MB":
            return ("%d %s" if unit == "bytes" else "%.1f %s") % (count, unit)
        count /= 1024.0
