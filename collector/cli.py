"""The command `collector`. Exit: 0 complete; 1 something vital is missing; 2 usage; 3 no bundle; 130 interrupted."""

import json
import os
import sys

from collector import options as command_line
from collector import plan, priority, stop, summary, upload
from collector.content import Unreadable, shape_for
from collector.errors import CollectorError, Interrupted, NoBundle, UsageError
from collector.isolate import describe
from collector.redact import Redactor
from collector.run import Run, system_of

_AS_IT_IS = "surrogateescape" if sys.version_info[0] > 2 else "replace"


def main(argv=None):
    """Run the command line `argv`; returns the exit code."""
    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        if argv[:1] == ["redact"]:
            return _redact(argv[1:])
        if argv[:1] == ["upload"]:
            return _upload(argv[1:])
        options = command_line.parse(argv)
        if options.list:
            return _list(options)
        return _collect(options)
    except CollectorError as error:
        _say("collector: %s\n" % error, sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return Interrupted.exit_code
    except Exception as error:  # one line is of more use to whoever runs it than a traceback
        _say("collector: no bundle was written: %s: %s\n" % (type(error).__name__, describe(error)), sys.stderr)
        return NoBundle.exit_code


def _collect(options):
    if options.upload:
        upload.check(options.upload)
    stop.install()
    gives_way = priority.lower()
    run = Run(options, gives_way)
    if not options.quiet:
        _say("Collecting, at most %g s ...\n" % options.max_seconds, sys.stderr)
    path, size, sha256 = run.collect()
    failure = _send(run, path, options.upload) if options.upload else None
    if options.json:
        _say(summary.as_json(run, path, size, sha256), sys.stdout)
    elif not options.quiet:
        _say(summary.screen(run, path, size, sha256), sys.stdout)
    elif not run.complete():
        _say(summary.closing(run)[-1] + "\n", sys.stderr)
    if failure:
        _say("collector: %s\n" % failure, sys.stderr)
    if run.interrupted or stop.requested():
        return 130
    return 0 if run.complete() and not failure else 1


def _send(run, path, url):
    """Upload the bundle; the bundle is written in any case, so a failure is returned and not raised."""
    try:
        run.uploaded = upload.send(path, url)
        return None
    except CollectorError as error:
        return error


def _upload(argv):
    """Upload a bundle that was written earlier, or go on with an upload that broke off."""
    if len(argv) != 2 or not os.path.isfile(argv[0]):
        raise UsageError("usage: collector.pyz upload BUNDLE URL")
    _say(upload.send(*argv) + "\n", sys.stdout)
    return 0


def _list(options):
    """Every item, what it takes and why."""
    system = system_of(options.root or os.sep, options.root is None)
    chosen = plan.choose(system, options.profile, options.only, options.skip)
    if options.json:
        _say(json.dumps([{"id": item.id, "kind": item.kind, "vital": item.vital, "profile": item.profile, "why": item.why,
                          "paths": item.paths, "argv": item.argv, "target": item.target or item.channel or item.key}
                         for item in chosen.items], indent=1, sort_keys=True, separators=(",", ": ")) + "\n", sys.stdout)
        return 0
    for item in chosen.items:
        _say("%s  [%s%s]  %s\n" % (item.id, item.kind, ", vital" if item.vital else "", item.why), sys.stdout)
        for line in item.paths or [" ".join(item.argv or []) or item.target or item.channel or item.key or ""]:
            _say("      %s\n" % line, sys.stdout)
    _say("\n%d items; %d more with other options. Never taken, wherever it stands: %s\n"
         % (len(chosen.items), len(chosen.skipped), ", ".join(chosen.never)), sys.stdout)
    return 0


def _redact(argv):
    """Print a file as it would stand in a bundle."""
    names = "--names" in argv
    argv = [word for word in argv if word != "--names"]
    if len(argv) != 1 or argv[0].startswith("-"):
        raise UsageError("usage: collector.pyz redact [--names] FILE")
    out = getattr(sys.stdout, "buffer", sys.stdout)
    try:
        with open(argv[0], "rb") as stream:
            shape = shape_for(argv[0], plan.Item({"id": "redact", "kind": "file", "why": ""}),
                              Redactor("secrets+names" if names else "secrets"), out.write, 1 << 40, plan.load()[1])
            data = stream.read(1 << 18)
            while data:
                shape.feed(data)
                data = stream.read(1 << 18)
            shape.finish()
        out.flush()
    except Unreadable as error:
        raise UsageError("%s: %s" % (argv[0], error))
    except EnvironmentError as error:
        raise UsageError("%s: %s" % (argv[0], error.strerror))
    return 0


def _say(words, stream):
    """Print, whatever the encoding of the terminal; a terminal or a reader that is gone is no reason to fail."""
    try:
        raw = words if isinstance(words, bytes) else words.encode("utf-8", _AS_IT_IS)
        getattr(stream, "buffer", stream).write(raw)
        stream.flush()
    except (EnvironmentError, ValueError, AttributeError):
        pass
