"""Frozen file systems, no network, names that do not resolve, a fabric that swallows packets: each probe ends in time and says so."""

import json
import os
import sys
import time

import pytest

from tests.collector import evidence
from collector import network
from tests.collector.machines import BOTH, NAMESPACE, VOID, inside, needs_root
from tests.collector.running import collect


@needs_root
@BOTH
def test_no_network_at_all(pyz, tmp_path, python):
    done = collect(pyz, "--profile", "min", "--no-commands", prefix=NAMESPACE, python=python)
    probe = json.loads(done.read("probes/wireserver.json"))
    assert probe["uid"] == os.geteuid()
    assert probe["ok"] is False and "unreachable" in probe["error"].lower() and probe["target"] == "http://168.63.129.16:80/?comp=versions"
    assert done.manifest["clock"]["skew_seconds"] is None and done.code in (0, 1)


@needs_root
def test_a_fabric_that_drops_packets_and_names_that_never_resolve(pyz, tmp_path):
    """Packets to an address on a link where nobody answers vanish."""
    began = time.time()
    code, out, err = inside(VOID + 'mount -t tmpfs x /mnt; echo nameserver 10.9.9.3 > /mnt/r; mount --bind /mnt/r /etc/resolv.conf; '
                            'ip neigh add 10.9.9.3 lladdr 02:00:00:00:00:02 dev d0; mkdir -p /mnt/log; printf "https://%s/x\\n" "$2" > /mnt/log/waagent.log; mount --bind /mnt/log /var/log; '
                            f'{sys.executable} "$1" --profile min --no-commands --output /mnt --json || true; cd /mnt; unzip -qq *.zip; cat probes/*.json',
                            pyz, evidence.HOST)
    assert time.time() - began < 30 and code in (0, 1), (out, err)
    assert out.count('"timed out"') >= 5, out
    assert '"probe": "dns"' in out and '"probe": "tls"' in out
    assert f'"target": "{evidence.HOST}"' in out


@needs_root
@pytest.mark.parametrize("body", [b'{"compute": {"name": {"password": "TopSecret"}, "location": ["TopSecret"], "zone": NaN, "vmId": "v1"}}', b"[" * 100_000, b'{"compute": ["TopSecret"]}', b"\xff\xfe"])
def test_of_the_instance_metadata_only_words_are_taken(body):
    assert network._chosen_metadata(body) in ({"vmId": "v1"}, None)


def test_the_fabric_answers_and_the_clock_is_compared(pyz, tmp_path):
    server = ("import http.server,sys\nclass H(http.server.BaseHTTPRequestHandler):\n def do_GET(s):\n  s.protocol_version='HTTP/1.1'\n  s.send_response_only(200)\n"
              "  s.send_header('Date','Mon, 23 Nov 2026 00:00:00 GMT')\n  s.end_headers()\n  s.wfile.write(b'{\"compute\":{\"vmSize\":\"Standard_B2s\",\"userData\":\"TopSecret\",\"customData\":\"TopSecret\",\"tags\":\"NotOfOurBusiness\"}}')\n log_message=lambda *a:None\n"
              "http.server.HTTPServer((sys.argv[1],int(sys.argv[2])),H).serve_forever()\n")
    code, out, err = inside('ip link set lo up; for a in 168.63.129.16 169.254.169.254; do ip addr add $a/32 dev lo; done; mount -t tmpfs x /mnt; '
                            f'for p in "168.63.129.16 80" "168.63.129.16 32526" "169.254.169.254 80"; do {sys.executable} -c "$2" $p & done; sleep 1; '
                            f'{sys.executable} "$1" --profile min --no-commands --output /mnt --json || true; cd /mnt; unzip -qq *.zip; cat probes/wireserver.json probes/hostgaplugin.json probes/imds.json probes/clock.json manifest.json',
                            pyz, server)
    assert out.count('"status": 200') == 3 and '"vmSize": "Standard_B2s"' in out and "TopSecret" not in out and "NotOfOurBusiness" not in out, (out, err)
    assert '"skew_source": "Date header of http://168.63.129.16:80/?comp=versions"' in out and '"probe": "clock"' in out
