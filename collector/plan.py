"""What to take, and why: reads plan.json and chooses from it."""

import json
import pkgutil

from collector.errors import UsageError

PROFILES = ("min", "backup", "full")
_KEYS = frozenset(["id", "kind", "platform", "profile", "vital", "why", "paths", "limit", "newest", "raw", "hosts", "argv", "seconds",
                   "probe", "target", "channel", "key", "live", "offline"])


class Item(object):
    """One line of the plan. A file item may stand for many files, by its patterns."""

    def __init__(self, data):
        self.id, self.kind, self.why = data["id"], data["kind"], data["why"]
        self.platform = data.get("platform", "linux")
        self.profile = data.get("profile", "backup")
        self.vital = data.get("vital", False)
        self.paths = [str(path) for path in data.get("paths", [])]
        self.limit = data.get("limit")
        self.newest = data.get("newest")
        self.raw = data.get("raw", False)
        self.hosts = data.get("hosts", False)
        self.argv = [str(word) for word in data["argv"]] if "argv" in data else None
        self.seconds = data.get("seconds")
        self.probe, self.target = data.get("probe"), data.get("target")
        self.channel, self.key = data.get("channel"), data.get("key")
        self.live, self.offline = data.get("live", True), data.get("offline", True)


class Plan(object):
    """The items of one run in the order in which they are taken, the never-list, and what was left out by choice."""

    def __init__(self, items, skipped, never):
        self.items, self.skipped, self.never = items, skipped, never


def load():
    """(all items, the words that no collected path may contain)."""
    data = json.loads(pkgutil.get_data("collector", "plan.json").decode("utf-8"))
    for entry in data["items"]:
        unknown = set(entry) - _KEYS
        if unknown:
            raise ValueError("plan.json: %s has unknown keys %s" % (entry["id"], sorted(unknown)))
    return [Item(entry) for entry in data["items"]], [str(word.lower()) for word in data["never"]]


def choose(system, profile, only=(), skip=()):
    """The plan for `system` (linux or windows)."""
    items, never = load()
    known = set(item.id for item in items)
    for name in list(only) + list(skip):
        if name not in known:
            close = sorted(other for other in known if name in other or other in name)
            raise UsageError("no such item: %s%s. See --list" % (name, " (did you mean %s?)" % ", ".join(close[:4]) if close else ""))
    wanted, skipped = [], []
    for item in items:
        if item.platform not in (system, "any"):
            continue
        if only:
            taken = item.id in only
        else:
            taken = PROFILES.index(item.profile) <= PROFILES.index(profile)
        if taken and item.id not in skip:
            wanted.append(item)
        else:
            skipped.append((item, "left out by the command line" if only or item.id in skip else "only with --profile " + item.profile))
    return Plan(wanted, skipped, never)
