"""Starts the live probes, all at once and each in a child of its own, and writes their results in the order of the plan."""

import json
import os
import time

from collector import machine, manifest, network, state
from collector.bundle import NoRoom
from collector.isolate import Hung, Task

SECONDS = 5.0
MAX_HOSTS = 3
_HEADERS = {"wireserver": {"x-ms-version": "2015-04-05"}, "imds": {"Metadata": "true"}}
_PROBES = {"tcp": network.tcp, "dns": network.dns, "tls": network.tls, "disk": machine.disk, "mounts": machine.mounts, "frozen": machine.frozen,
           "load": machine.load, "dhcp": state.dhcp, "process": state.process, "service": state.service, "python": state.python,
           "openssl": state.openssl}


class Probes(object):
    """The probes of one run."""

    def __init__(self, run):
        self._run, self._tasks, self._answers = run, {}, []

    def start(self, items):
        """Begin every probe whose target is known beforehand."""
        for item in items:
            if item.probe == "http":
                self._tasks[item.id] = Task(network.http, (item.target, _HEADERS.get(item.id)), SECONDS)
            elif item.probe in _PROBES:
                self._tasks[item.id] = Task(_PROBES[item.probe], (item.target,), SECONDS)

    def take(self, item, hosts):
        """Wait for the item's result and keep it. `hosts` are the storage hosts seen so far, with their counts."""
        if item.probe == "clock":
            self._keep(item, item.id, item.target, lambda _: network.clock(item.target, self._answers))
        elif item.probe == "storage":
            self._storage(item, _chosen(hosts))
        elif item.id in self._tasks:
            self._keep(item, item.id, item.target, self._tasks.pop(item.id).result)

    def cancel(self):
        for task in self._tasks.values():
            task.cancel()

    @property
    def skew(self):
        """(seconds, source) of the clock's error, or (None, None)."""
        for answer in self._answers:
            if answer.get("skew_seconds") is not None:
                return answer["skew_seconds"], "Date header of " + answer["target"]
        return None, None

    def _storage(self, item, hosts):
        if not hosts:
            self._run.add(manifest.Record(item.id, item.kind, item.why, item.vital)).end(
                "skipped", "no storage host is named in the evidence")
            return
        proxy = _proxy()
        tasks = []
        for host in hosts:
            tasks.append(("dns-" + host, host, Task(network.dns, (host,), SECONDS)))
            tasks.append(("tls-" + host, host + ":443", Task(network.tls, (host + ":443",), SECONDS)))
            if proxy:
                tasks.append(("proxy-" + host, host + ":443", Task(network.tls, (host + ":443", proxy), SECONDS)))
        if proxy:
            tasks.append(("proxy", proxy, Task(network.tcp, (proxy,), SECONDS)))
        for name, target, task in tasks:
            self._keep(item, name, target, task.result)

    def _keep(self, item, name, target, ask):
        run = self._run
        record = run.add(manifest.Record(name, item.kind, item.why, item.vital))
        moment = time.time()
        record.started = manifest.utc_text(moment)
        spent = run.budget.spent()
        if spent:
            record.end("budget", spent)
            return
        try:
            answer = ask(run.budget.seconds_left)
            status, reason = "ok", None
        except Hung as error:
            if run.budget.spent():
                record.end("budget", run.budget.spent())
                return
            answer = {"probe": item.probe if item.probe != "storage" else name.split("-")[0], "target": target, "ok": False,
                      "error": "timed out", "seconds": SECONDS}
            status, reason = "timeout", str(error)
        except EnvironmentError as error:
            record.end("failed", str(error))
            return
        answer["when"] = record.started
        if hasattr(os, "geteuid"):
            answer["uid"] = os.geteuid()  # the agent's firewall rules keep all but root from the fabric
        if answer.get("skew_seconds") is not None:
            self._answers.append(answer)
        for number in ("started", "mtime"):
            _dates(answer, number)
        self._write(name, answer, record, status, reason)

    def _write(self, name, answer, record, status, reason):
        run = self._run
        text = json.dumps(answer, indent=1, sort_keys=True, separators=(",", ": ")) + "\n"
        masker = run.redactor.stream()
        masked = masker.feed(text.encode("utf-8")) + masker.finish()
        try:
            member = run.bundle.retry(lambda: _keep_member(run.bundle, "probes/%s.json" % name, masked))
        except NoRoom as error:
            record.end("budget", str(error))
            return
        record.member, record.bytes, record.sha256, record.redactions = member.name, member.bytes, member.sha256, masker.count
        record.seconds = answer.get("seconds")
        record.end(status, reason)


def _keep_member(bundle, name, data):
    member = bundle.member(name, time.time())
    member.write(data)
    member.finish()
    return member


def _dates(value, key):
    """Turn moments inside an answer into UTC text."""
    if isinstance(value, dict):
        if isinstance(value.get(key), float):
            value[key] = manifest.utc_text(value[key])
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            _dates(part, key)


def _chosen(hosts):
    """The hosts named most often, those of snapshots (md-...) first."""
    ranked = sorted(hosts, key=lambda host: (not host.startswith("md-"), -hosts[host], host))
    return [host for host in ranked if ".blob." in host][:MAX_HOSTS]


def _proxy():
    try:
        return Task(state.proxy_of_agent, (), 2.0).result()
    except (Hung, EnvironmentError):
        return None
