"""--upload against a server that behaves like the blob service."""

import base64
import contextlib
import http.server
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.parse

import pytest

from collector import upload
from tests.collector.machines import wait_for
from tests.collector.running import INTERPRETERS, collect


class BlobService:
    """Put Block, Get Block List and Put Block List of one container; can break off after a number of blocks."""

    def __init__(self):
        self.files = {}
        self.uncommitted, self.blobs, self.put_blocks, self.fail_after, self.refuse, self.troubles = {}, {}, 0, None, None, []
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self):
                assert self.headers["x-ms-version"] and "Transfer-Encoding" not in self.headers
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if service.troubles and self.in_trouble(service.troubles.pop(0)):
                    return
                self.reply(*service.put(self.path, body))

            def in_trouble(self, trouble):
                if trouble == "cut":
                    self.wfile.write(b"HTTP/1.1 201 Cre")
                elif trouble == "garbage":
                    self.wfile.write(b"this is not HTTP\r\n\r\n")
                elif trouble == "mute":
                    time.sleep(20)
                elif trouble == "endless":
                    with contextlib.suppress(OSError):
                        self.wfile.write(b"HTTP/1.1 201 Created\r\nServer: x\r\n\r\n")
                        while True:
                            self.wfile.write(bytes(1 << 20))
                elif trouble == "elsewhere":
                    self.send_response(302)
                    self.send_header("Location", f"{service.url}/other/b.zip?sig=TopSecret%2Bsas%3D")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return True
                elif trouble != "silent":
                    self.reply(trouble, b"busy")
                    return True
                self.close_connection = True
                self.connection.shutdown(2)
                return True

            def do_GET(self):
                if self.path in service.files:
                    self.reply(200, service.files[self.path])
                    return
                self.reply(*service.get(self.path))

            def reply(self, status, body=b""):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def put(self, path, body):
        parts, query = self.split(path)
        if self.refuse:
            return self.refuse, b""
        if query["comp"] == "block":
            if self.fail_after is not None and self.put_blocks >= self.fail_after:
                return 400, b""
            assert len(base64.b64decode(query["blockid"])) <= 64 and len(body) <= 100 << 20
            assert {len(name) for name in self.uncommitted.get(parts, {})} <= {len(query["blockid"])}, "all ids of a blob have to be of one length"
            self.put_blocks += 1
            self.uncommitted.setdefault(parts, {})[query["blockid"]] = body
            return 201, b""
        names = re.findall(r"<Latest>([^<]+)</Latest>", body.decode())
        there = self.uncommitted.pop(parts, {})
        if any(name not in there for name in names):
            return 400, b""
        self.blobs[parts] = b"".join(there[name] for name in names)
        return 201, b""

    def get(self, path):
        parts, query = self.split(path)
        assert query["comp"] == "blocklist"
        if parts not in self.uncommitted:
            return 404, b""
        names = "".join(f"<Block><Name>{name}</Name><Size>1</Size></Block>" for name in self.uncommitted[parts])
        return 200, f"<BlockList><UncommittedBlocks>{names}</UncommittedBlocks></BlockList>".encode()

    @staticmethod
    def split(path):
        parts = urllib.parse.urlsplit(path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        assert query["sig"] == "TopSecret+sas="
        return parts.path, query


DOC = pathlib.Path(__file__).parents[2] / "docs/getting-it-off-the-vm.md"
SAS = "sv=2023-08-03&sr=c&sp=rcw&sig=TopSecret%2Bsas%3D"


@pytest.fixture
def service():
    made = BlobService()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.mark.parametrize("python", INTERPRETERS[:1] + INTERPRETERS[-1:], ids=lambda path: path.parts[-3])
def test_the_bundle_arrives_in_the_container(pyz, vm, service, python):
    done = collect(pyz, "--root", vm, "--upload", f"{service.url}/inbox?{SAS}", python=python)
    assert done.code == 0, done.err
    assert service.blobs == {f"/inbox/{done.bundle.name}": done.bundle.read_bytes()}
    assert "Uploaded to" in done.out and "TopSecret" not in done.out + done.err
    assert b"TopSecret" not in done.read("manifest.json")


def test_a_url_of_a_blob_is_used_as_it_is(pyz, vm, service):
    collect(pyz, "--root", vm, "--upload", f"{service.url}/inbox/case-1.zip?{SAS.replace('sr=c', 'sr=b')}")
    assert list(service.blobs) == ["/inbox/case-1.zip"]


def test_an_upload_that_broke_off_goes_on_where_it_was(tmp_path, service, monkeypatch):
    monkeypatch.setattr(upload, "BLOCK", 1000)
    bundle = tmp_path / "b.zip"
    bundle.write_bytes(bytes(range(256)) * 40)
    service.fail_after = 4
    with pytest.raises(upload.UploadFailed):
        upload.send(str(bundle), f"{service.url}/inbox?{SAS}")
    service.fail_after = None
    line = upload.send(str(bundle), f"{service.url}/inbox?{SAS}")
    assert service.put_blocks == 11 and service.blobs["/inbox/b.zip"] == bundle.read_bytes() and "6240 of them now" in line


def test_a_refused_upload_leaves_the_bundle_and_says_where(pyz, vm, service):
    service.refuse = 403
    done = collect(pyz, "--root", vm, "--upload", f"{service.url}/inbox?{SAS}")
    assert done.code == 1 and done.bundle.exists() and "expired" in done.err and str(done.bundle) in done.err and "TopSecret" not in done.err


def test_upload_alone_sends_a_bundle_that_is_there(pyz, service, tmp_path):
    bundle = tmp_path / "b.zip"
    bundle.write_bytes(b"PK")
    done = subprocess.run([sys.executable, pyz, "upload", bundle, f"{service.url}/inbox?{SAS}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and service.blobs == {"/inbox/b.zip": b"PK"}


@pytest.mark.parametrize("trouble", [500, 503, 429, "cut", "garbage", "silent"])
def test_a_block_that_fails_is_sent_again(tmp_path, service, monkeypatch, trouble):
    monkeypatch.setattr(upload, "pause", lambda seconds: None)
    bundle = tmp_path / "b.zip"
    bundle.write_bytes(b"PK" * 1000)
    service.troubles = [trouble, trouble]
    assert "2000 of them now" in upload.send(str(bundle), f"{service.url}/inbox?{SAS}")
    assert service.blobs == {"/inbox/b.zip": b"PK" * 1000}


@pytest.mark.parametrize("python", INTERPRETERS[:1] + INTERPRETERS[-1:], ids=lambda path: path.parts[-3])
@pytest.mark.parametrize("trouble", [403, 404, "garbage", "elsewhere"])
def test_an_upload_that_fails_for_good_is_one_line_without_the_sas(pyz, service, tmp_path, trouble, python):
    bundle = tmp_path / "b.zip"
    bundle.write_bytes(b"PK")
    service.troubles = [trouble] * 9
    script = "import sys\nsys.path.insert(0, sys.argv[1])\nfrom collector import cli, upload\nupload.pause = lambda seconds: None\nsys.exit(cli.main(['upload'] + sys.argv[2:]))"
    done = subprocess.run([python, "-c", script, pyz, bundle, f"{service.url}/inbox?{SAS}"], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "try again: collector.pyz upload" in done.stderr and "TopSecret" not in done.stderr + done.stdout


def test_an_answer_without_end_takes_no_memory(pyz, service, tmp_path):
    bundle = tmp_path / "b.zip"
    bundle.write_bytes(b"PK")
    service.troubles = ["endless"]
    done = subprocess.run([sys.executable, "-c", "import resource, sys\nresource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))\nsys.path.insert(0, sys.argv[1])\n"
                           "from collector import cli\nsys.exit(cli.main(['upload'] + sys.argv[2:]))", pyz, bundle, f"{service.url}/inbox?{SAS}"],
                          capture_output=True, text=True, check=False, timeout=60)
    assert "MemoryError" not in done.stderr and done.returncode in (0, 1), done


def test_a_signal_ends_an_upload_to_a_server_that_says_nothing(pyz, service, vm, tmp_path):
    service.troubles = ["mute"] * 9
    process = subprocess.Popen([sys.executable, pyz, "--root", vm, "--only", "agent-conf", "--output", tmp_path / "b.zip", "--upload", f"{service.url}/inbox?{SAS}"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: (tmp_path / "b.zip").exists() and len(service.troubles) < 9)
    began = time.time()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130 and time.time() - began < 5 and "interrupted" in err and "TopSecret" not in out + err, (out, err)


def test_a_server_that_is_not_there_leaves_the_bundle_and_says_where(tmp_path, monkeypatch):
    monkeypatch.setattr(upload, "pause", lambda seconds: None)
    bundle = tmp_path / "b.zip"
    bundle.write_bytes(b"PK")
    with pytest.raises(upload.UploadFailed) as failed:
        upload.send(str(bundle), f"http://127.0.0.1:9/inbox?{SAS}")
    assert "Connection refused" in str(failed.value) and str(bundle) in str(failed.value) and "TopSecret" not in str(failed.value)


def test_an_interrupted_upload_ends_after_the_block_it_is_at(tmp_path, service, monkeypatch):
    monkeypatch.setattr(upload, "BLOCK", 1000)
    bundle = tmp_path / "b.zip"
    bundle.write_bytes(bytes(range(256)) * 40)
    monkeypatch.setattr(upload.stop, "requested", lambda: "SIGINT" if service.put_blocks == 3 else None)
    with pytest.raises(upload.UploadFailed, match="interrupted"):
        upload.send(str(bundle), f"{service.url}/inbox?{SAS}")
    assert service.put_blocks == 3 and not service.blobs


def test_a_large_bundle_is_sent_in_blocks_of_four_megabytes(tmp_path, service):
    bundle = tmp_path / "b.zip"
    bundle.write_bytes(b"0123456789abcdef" * 600_000)
    upload.send(str(bundle), f"{service.url}/inbox?{SAS}")
    assert service.put_blocks == 3 and service.blobs["/inbox/b.zip"] == bundle.read_bytes()


def test_the_line_for_the_portals_run_command_works(pyz, vm, service, tmp_path):
    """The line of docs/getting-it-off-the-vm.md, with a disk in place of the machine; the portal shows the end of what it prints."""
    line = next(line for line in DOC.read_text().split("\n") if line.startswith("cd /var/tmp && curl"))
    service.files["/collector.pyz"] = pyz.read_bytes()
    (tmp_path / "tmp").mkdir()
    line = (line.replace("/var/tmp", str(tmp_path / "tmp")).replace("URL-OF-THE-COLLECTOR", f"{service.url}/collector.pyz").replace("URL-OF-THE-CONTAINER", f"{service.url}/inbox?{SAS}")
            .replace("python3 collector.pyz", f"{sys.executable} collector.pyz --root {vm}"))
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=False)
    shown = done.stdout[-4096:].decode()
    bundle = pathlib.Path(shown.split("Bundle: ")[1].split(" (")[0])
    assert done.returncode == 0 and shown == done.stdout.decode() and bundle.parent == tmp_path / "tmp" and shown.strip().split("\n")[-1].startswith("Complete:")
    assert service.blobs == {f"/inbox/{bundle.name}": bundle.read_bytes()} and "TopSecret" not in shown
