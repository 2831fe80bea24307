"""Cut off after ten seconds on a machine where much hangs, the bundle still holds what is vital, and still tells the fault."""

import json
import pathlib
import shutil
import subprocess
import sys
import time

from tests.collector import evidence
from tests.collector.machines import NAMESPACE, VOID, needs_root, noise, programs
from tests.collector.running import outcome

CASES = pathlib.Path(__file__).parents[2] / "fixtures/cases"
VITAL = ("agent-log", "snapshot-log", "process", "disk", "mounts", "processes", "addresses", "routes", "agent-folder")
FAULTS = {"freeze-mount-busy": "fsfreeze-failed", "storage-says-403": "snapshot-storage-denied"}
FABRIC = ("import http.server as h, socketserver, sys\nclass H(h.BaseHTTPRequestHandler):\n do_GET = lambda s: (s.send_response(200), s.end_headers())\n log_message = lambda *a: None\n"
          "socketserver.TCPServer(('168.63.129.16', int(sys.argv[1])), H).serve_forever()\n")
FAILED_AT = "2026-02-11T03:00:10Z"
# A fabric that answers, an agent that lives.
AGENT = ('ip addr add 168.63.129.16/32 dev lo; for p in 80 32526; do ' + sys.executable + ' -c "$5" $p & done; '
         f'for role in -daemon -run-exthandlers; do {sys.executable} -c "import time; time.sleep(90)" /usr/sbin/waagent $role & done; sleep 1; ')
# The disk of the case becomes the machine's: its logs and the agent's folder. Then the collector runs with ten seconds.
COLLECT = ('mount -t proc proc /proc; mount -t tmpfs x /mnt; cp -a "$2/var/log" /mnt/log; cp -a "$2/var/lib/waagent" /mnt/lib; mount -t tmpfs x /var/lib; mkdir /var/lib/waagent; '
           f'mount --bind /mnt/log /var/log; mount --bind /mnt/lib /var/lib/waagent; mount -t tmpfs x /srv; '
           f'PATH="$3:$PATH" {sys.executable} "$1" --max-seconds 10 --output /srv --json || true; cat /srv/*.zip > "$4"')


@needs_root
def test_cut_off_after_ten_seconds_on_a_machine_where_much_hangs_the_bundle_still_tells_the_fault(pyz, tmp_path):
    """Programs hang, a log is long. The cases run side by side, for each mostly waits."""
    fake = programs(tmp_path, dict.fromkeys(["df", "systemctl", "iptables-save", "nft"], "sleep 60"))
    began, runs = time.time(), {}
    for case in FAULTS:
        disk = tmp_path / case
        shutil.copytree(CASES / case / "var", disk / "var")
        evidence.put(disk, "var/lib/waagent/provisioned", "1\n")
        (disk / "var/log/syslog").write_text(noise(6_000_000))
        runs[case] = subprocess.Popen([*NAMESPACE, "sh", "-e", "-c", VOID + AGENT + COLLECT, "sh", pyz, disk, fake, tmp_path / f"{case}.zip", FABRIC],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for case, cause in FAULTS.items():
        out, err = runs[case].communicate(timeout=60)
        done = outcome(0, out, err, tmp_path / f"{case}.zip")
        items = done.items
        for name in VITAL:
            assert items[name]["status"] == "ok", (name, items[name])
        assert all(json.loads(done.read(f"probes/{name}.json"))["ok"] for name in ("wireserver", "hostgaplugin", "wireserver-tcp", "process"))
        assert items["disk-space"]["status"] == "timeout" and done.manifest["complete"] is False
        assert "budget" in {item["status"] for item in done.manifest["items"]}
        assert json.loads(out)["seconds"] < 12
        report = subprocess.run([pathlib.Path(sys.executable).parent / "analyze", "--at", FAILED_AT, "--json", "-", done.bundle], capture_output=True, text=True, check=False)
        verdict = json.loads(report.stdout)["verdict"]
        assert (verdict["cause"], verdict["level"]) == (cause, "confirmed"), verdict
    assert time.time() - began < 30
