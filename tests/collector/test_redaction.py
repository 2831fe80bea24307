"""Nothing leaks, and what the diagnosis needs stays."""

import base64
import gzip
import io
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from urllib.parse import quote
from xml.sax.saxutils import escape as xml_escape

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from collector.redact import LONGEST_LINE, Redactor
from collector.secrets import HARMLESS
from tests.collector import evidence, forms
from tests.collector.running import collect, every_byte

CASES = pathlib.Path(__file__).parents[2] / "fixtures/cases"
TAG = re.compile(rb"\[masked:[a-z-]+:[0-9a-f]{6}\]")


def masked(data, mode="secrets", pieces=None, **more):
    masker = Redactor(mode, **more).stream()
    if pieces is None:
        return masker.feed(data) + masker.finish()
    out = b"".join(masker.feed(data[at:at + pieces]) for at in range(0, len(data), pieces))
    return out + masker.finish()


@pytest.mark.parametrize("system", ["linux", "windows"])
@pytest.mark.parametrize("mode", ["secrets", "secrets+names"])
def test_no_canary_is_found_in_any_byte_of_the_bundle(pyz, tmp_path, system, mode):
    canaries = getattr(evidence, system)(tmp_path / "disk")
    done = collect(pyz, "--root", tmp_path / "disk", "--profile", "full", "--redact", mode)
    assert done.code == 0, done.err
    planted = {place: word.encode() for place, word in canaries.planted.items() if word}
    assert len(planted) > (100 if system == "linux" else 25)
    leaks = {(place, name) for name, data in every_byte(done.bundle.read_bytes()) for place, word in planted.items()
             if word in data or len(word) > 20 and word[9:-2] in data}
    assert not leaks


def test_what_the_diagnosis_needs_stays(pyz, vm):
    done = collect(pyz, "--root", vm)
    log = done.read("files/var/log/waagent.log").decode()
    assert "Wire server endpoint:168.63.129.16" in log and evidence.ACCOUNT in log and "-- IOError timed out" in log
    assert "sp=rw&se=2026-11-25T00%3A00%3A00Z&sig=[masked:sas:" in log
    assert log.count("\n") == (vm / "var/log/waagent.log").read_text().count("\n")
    settings = done.read(f"files/{evidence.HANDLER}/config/7.settings").decode()
    assert '"taskId": "5f0c3a52-94e1-4d3a-8a58-0b1f27a6c7d1"' in settings and '"commandToExecute": "snapshot"' in settings
    assert "A1" * 20 in settings
    conf = done.read("files/etc/waagent.conf").decode()
    assert conf == (vm / "etc/waagent.conf").read_text()


@pytest.mark.parametrize("line", forms.KEPT)
def test_harmless_lines_stay_as_they_are(line):
    assert masked(line.encode() + b"\n").decode() == line + "\n"


SECRETS = ["Kanari7QzX9wPmL2vB8t", "nurbuchstabenundlang"]


def traces(secret, data):
    """Whether the secret, or half of it, shows in the bytes in any encoding."""
    return any(part in data for trace in forms.TRACES for part in (trace(secret), trace(secret[:12]), trace(secret[8:])))


@pytest.mark.parametrize("key", forms.KEYS)
def test_a_secret_behind_any_telling_key_is_masked(key):
    for secret, form in itertools.product(SECRETS, forms.KEYED):
        line = form.replace("{key}", key).format(secret)
        assert not traces(secret, masked(f"before\n{line}\nafter\n".encode())), line


@pytest.mark.parametrize("form", forms.LINES)
def test_a_secret_is_masked_in_every_form_of_a_line(form):
    for secret in SECRETS[:1] if form in ("psexec", "sentence") else SECRETS:
        done = masked(f"before\n{forms.LINES[form].format(*[secret] * 2)}\nafter\n".encode())
        assert not traces(secret, done) and done.startswith(b"before\n") and done.endswith(b"\nafter\n") and done.count(b"\n") == 3


@pytest.mark.parametrize("form", forms.BLOCKS)
def test_a_secret_is_masked_over_several_lines_and_in_every_encoding(form):
    for secret in SECRETS:
        data = forms.BLOCKS[form](secret)
        data = data if isinstance(data, bytes) else data.encode()
        assert masked(data) != data
        for pieces in (None, 1, 50):
            done = masked(data, pieces=pieces)
            assert not traces(secret, done) and done.count(b"\n") == data.count(b"\n")


@pytest.mark.parametrize("form", forms.ISSUED)
def test_what_its_issuer_made_recognisable_is_masked_wherever_it_stands(form):
    """For the letters stands one row, long enough for every token, so that nothing but the mark tells."""
    row = "Kanari7QzX9wPmL2vB8tNc4RdHs6YfGj3TkWbE5uZ1oMxVqSaDpIlOyC0hUrFnAe" * 2
    token = re.sub(r"\{(\d+)\}", lambda length: row[:int(length.group(1))], form)
    for line in ("{}", "cloning with {} now", "x='{}',", '{{"k": "{}"}}', "<a>{}</a>", "a={}&b=1"):
        done = masked(line.format(token).encode() + b"\n")
        assert b"Kanari7QzX9" not in done and b"[masked:" in done, done


def test_what_a_file_is_its_bytes_tell_and_not_its_name(pyz, vm):
    done = collect(pyz, "--root", vm)
    items = {name: done.item(f"/{evidence.LOGS}/{name}.log") for name in ("old", "older", "twice", "zip-in-gzip", "sealed", "sealed-too", "sealed-in-gzip", "certificate", "compress", "lzma", "lzip", "utf-32", "zlib")}
    assert [name for name, item in items.items() if item["status"] == "ok"] == ["old", "older", "twice", "zip-in-gzip"]
    assert {items[name]["reason"] for name in list(items)[4:]} == {"its format cannot be masked, and what cannot be masked is not taken"}
    assert b"[masked:sas:" in gzip.decompress(done.read(items["old"]["member"])) and items["old"]["redactions"] == 1
    assert items["older"]["note"] == "left out of it: TransportPrivate.pem, ovf-env.xml"
    assert [name for name in zipfile.ZipFile(io.BytesIO(done.read(items["older"]["member"]))).namelist() if re.fullmatch(r"a/s\.sh\?sig=\[masked:sas:\w{6}\]", name)]
    assert b"[masked:sas:" in done.read("files/var/log/waagent.log.2.gz")


def test_a_secret_in_the_name_of_a_file_is_masked_in_the_bundle_and_its_manifest(pyz, vm):
    evidence.put(vm, f"{evidence.LOGS}/s.sh?sv=1&sig=TopSecretInName&se=2.log", "fetched\n")
    done = collect(pyz, "--root", vm)
    assert not any(b"TopSecretInName" in data for _, data in every_byte(done.bundle.read_bytes()))
    assert [name for name in done.names() if "s.sh?sv=1&sig=[masked:sas:" in name]


def test_what_is_packed_is_masked_inside_and_packed_again():
    text = b"Failed https://x?sig=TopSecretValue12&se=1 timed out"
    done = masked(b"op=x, message=" + base64.b64encode(zlib.compress(text)) + b", duration=0\n")
    inside = zlib.decompress(base64.b64decode(re.search(rb"message=([^,]+)", done).group(1)))
    assert re.fullmatch(rb"Failed https://x\?sig=\[masked:sas:\w{6}\]&se=1 timed out", inside)


@pytest.mark.parametrize("beginning", ["-----BEGIN PRIVATE KEY-----", '"secrets": {', "user_data: |", "credString =", "<CustomData>", "chpasswd:"])
def test_a_beginning_that_was_cut_off_does_not_hide_the_rest_of_the_log(beginning):
    ends = ("timed out", "activity 8f14e45f-ceea-467a-9af0-1f2d3c4b5a69", "sha256 " + "0123456789abcdef" * 4, "Wire server endpoint:168.63.129.16")
    log = "".join(f"2026-11-23T05:20:{n % 60:02d}Z INFO ExtHandler line {n}: {ends[n % 4] if n < 40 else 'see /var/lib/waagent/history/some/folder'}\n" for n in range(2000))
    done = masked(f"{beginning}\n{log}".encode()).decode()
    assert done.endswith(log) and done.count("[masked:") <= 1


def test_the_same_secret_has_the_same_tag_in_every_spelling():
    text = masked(b"x?sig=ab%2Bcd%2Fef%3D\nx?sig=ab+cd/ef=\nx?sig=AB+cd/ef=\n" b'"u\\u0026sig=ab\\u002bcd\\/ef\\u003d"\n')
    tags = TAG.findall(text)
    assert tags[0] == tags[1] == tags[3] != tags[2]


def test_the_key_changes_with_every_run():
    assert masked(b"x?sig=abcdefgh\n") != masked(b"x?sig=abcdefgh\n")


def test_masking_twice_changes_nothing_more(vm):
    once = masked((vm / "var/log/waagent.log").read_bytes())
    assert masked(once) == once


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf_16_is_masked_and_stays_utf_16(encoding):
    text = "".join(f"line {n} zażółć\r\n" for n in range(50)) + 'x?sig=TopSecretValue123 "DefaultPassword"="TopSecret"\r\nlast\r\n'
    for pieces in (None, 7, 4096):
        done = masked(text.encode(encoding), pieces=pieces).decode("utf-16" if encoding == "utf-16" else encoding)
        assert "TopSecret" not in done and done.count("\n") == text.count("\n") and "line 7 zażółć" in done


def test_utf_16_inside_a_file_of_bytes_is_masked():
    data = b"2026 plain line\n" * 300 + "x?sig=TopSecretValue123&se=1".encode("utf-16-le") + b"\nplain again\n"
    assert "TopSecret".encode("utf-16-le") not in masked(data) and masked(data).endswith(b"plain again\n")


def test_exported_registry_values_are_masked_over_all_their_lines():
    text = evidence.reg('Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\X]\n"DefaultPassword"=hex(1):53,00,65,00,\\\n  63,00,72,00,\\\n'
                        '  65,00,74,00\n"Release"=dword:00080ff4\n"ProxyServer"="http=u:Hidden99@proxy:80"\n"Url"="https://u:Hidden99@x/"\n')
    done = masked(text).decode("utf-16")
    assert "53,00" not in done and "63,00" not in done and "65,00,74" not in done
    assert '"Release"=dword:00080ff4' in done and done.count("\n") == text.decode("utf-16").count("\n")


def test_an_element_over_several_lines_is_masked():
    done = masked(b"<CustomData>\nU2VjcmV0\nSecretWord\n</CustomData><After>kept</After>\nnext\n")
    assert b"Secret" not in done and b"U2Vj" not in done and b"<After>kept</After>\nnext\n" in done


def test_the_inside_of_a_key_without_its_beginning_is_masked():
    body = "\n".join(["tail of a log"] + [base64.b64encode(bytes(range(n, n + 48))).decode() for n in range(5)] + ["QUJDRA=="] + ["kept"])
    done = masked(body.encode()).decode()
    assert done.startswith("tail of a log\n") and done.endswith("\nkept") and "QUJDRA" not in done and done.count("masked:blob") == 6


def test_an_endless_line_is_cut_and_no_secret_is_cut_in_two():
    for shift in range(0, 60, 7):
        line = b"x" * (LONGEST_LINE - 40 + shift) + b' "password":"CutSecret-CutSecret" ' + b"y" * 3_000_000 + b"\nnext\n"
        done = masked(line, pieces=250_000)
        assert b"CutSecret" not in done and done.endswith(b"\nnext\n") and done.count(b"\n") == 2


CUTS = {"at the gap": ("syslog", lambda data: data), "in a gzipped file": ("syslog.2.gz", gzip.compress), "in UTF-16": ("syslog", lambda data: ("\ufeff" + data.decode()).encode("utf-16-le")),
        "without line ends": ("syslog", lambda data: data.replace(b"\n", b", "))}


@pytest.mark.parametrize("where", CUTS)
def test_where_a_file_is_cut_no_half_of_a_secret_is_left(pyz, vm, where):
    """The key, or what tells at the other end, is on the side that is missing."""
    name, shape = CUTS[where]
    for shift in range(0, 90, 6):
        text = b'x' * shift + b' see http://user:CutSecret-CutSecret@proxy:80 {"password":"CutSecret-CutSecret"}\n' * 3_000 + b"y" * shift
        evidence.put(vm, f"var/log/{name}", shape(text))
        done = collect(pyz, "--root", vm, "--max-file-bytes", "100K", "--only", "system-log", "--only", "system-log-rotated")
        assert done.item(f"/var/log/{name}")["status"] == "tailed"
        assert not any(b"CutSecret" in data or b"et-CutS" in data for _, data in every_byte(done.bundle.read_bytes()))


def test_a_hostile_line_takes_no_time():
    import time
    for line in (b"eyJ" * 300_000, b"password" * 100_000, b'"protectedSettings":' * 40_000, b"://" + b"a" * 900_000, b"<password " * 90_000,
                 b"MII" * 300_000, b"sig=" * 200_000, b"\\" * 900_000 + b'"', b"-p " * 300_000, b"token : " * 100_000,
                 b'\\"' * 300_000, b"a0=\"x\" a1=" * 80_000, b"%20a" * 200_000, b"['a', '-b', " * 60_000, b"password='a" * 80_000, b"to-securestring 'a`" * 40_000, b"curl -u a:'" * 60_000,
                 b"echo 'a' | chpasswd " * 40_000, b"a b " * 200_000, b"password: not a b " * 40_000, b"password,|" * 90_000):
        began = time.process_time()
        masked(line + b"\n")
        assert time.process_time() - began < 5, line[:20]


def test_names_become_pseudonyms_and_the_fabric_stays():
    text = (b"vm-harbour 10.1.2.3 and 10.1.2.3 but 168.63.129.16, 127.0.0.1, 169.254.169.254 and agent 2.11.1.4 for anna@corp.example "
            b"S-1-5-21-1-2-3-1104 S-1-5-18 00:0d:3a:7c:4e:11 8f14e45f-ceea-467a-9af0-1f2d3c4b5a69 C:\\Users\\anna\\x /home/anna/y\n")
    done = masked(text, "secrets+names", hostname="vm-harbour.corp")
    for gone in (b"harbour", b"10.1.2.3", b"anna", b"1104", b"7c:4e", b"8f14"):
        assert gone not in done
    for kept in (b"168.63.129.16", b"127.0.0.1", b"169.254.169.254", b"2.11.1.4", b"S-1-5-18"):
        assert kept in done
    assert len(set(re.findall(rb"\[masked:address:(\w+)\]", done))) == 1


SECRET = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=12, max_size=60)
ANY_TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=6, max_size=40).filter(lambda text: re.search(r"\w{4}", text) and text == text.strip())
ENVELOPES = [form for name, form in forms.LINES.items() if name not in ("sentence", "psexec", "omapi", "to the end", "words with articles", "two columns", "table", "ppp", "ppp, any client", "trace of echo", "preseed", "ldap", "time server", "pgpass", "haproxy", "ospf", "print_r", "identified by, bare", "form", "url of a command", "unicode blanks",
                                                                               "octal", "with password", "set password for", "temporary password", "signtool", "rdp", "audit, without quotes", "sssd") and "snmp" not in name] + [
    form.replace("{key}", key) for form in forms.KEYED for key in ("password", "accountKey", "clientSecret", "protectedSettings")]


@settings(max_examples=300, deadline=None)
@example("000000000000", "password：{}", "utf-16", 1, "")
@given(SECRET, st.sampled_from(ENVELOPES), st.sampled_from(["utf-8", "utf-16", "utf-16-le"]), st.integers(1, 5000),
       st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0\ufeff\ufffe"), max_size=40))
def test_no_generated_secret_survives(secret, envelope, encoding, pieces, noise):
    noise = re.sub(r"[\n\r\"'\\:=<>&\[{|]", " ", noise)
    assume(secret not in noise)
    text = f"first line\n{noise} {envelope.format(*[secret] * 2)}\nlast line of the file\n" * 3
    done = masked(text.encode(encoding), pieces=pieces).decode(encoding, "replace")
    assert secret not in done and done.count("\n") == text.count("\n") and done.endswith("last line of the file\n")


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT, st.integers(0, 2), st.booleans())
def test_any_text_in_json_is_masked_and_the_json_stays_valid(secret, depth, ascii_only):
    assume(not HARMLESS.match(secret.encode()) and (depth == 0 or not re.search(r"[\"\\']", secret)))
    text = json.dumps({"password": secret, "next": 1}, ensure_ascii=ascii_only)
    for _ in range(depth):
        text = json.dumps({"inner": text}, ensure_ascii=ascii_only)
    done = masked(text.encode() + b"\n").decode()
    for _ in range(depth):
        done = json.loads(done)["inner"]
    assert re.fullmatch(r"\[masked:password:\w{6}\]", json.loads(done)["password"]) and json.loads(done)["next"] == 1


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_any_text_is_masked_in_xml_and_in_urls(secret):
    assume(not HARMLESS.match(secret.encode()))
    done = masked(f"<a><Password>{xml_escape(secret)}</Password><b>kept</b></a>\n".encode()).decode()
    assert re.fullmatch(r"<a><Password>\[masked:password:\w{6}\]</Password><b>kept</b></a>\n", done)
    done = masked(f"https://a.blob.core.windows.net/c?sv=1&sig={quote(secret, safe='')}&se=2\n".encode()).decode()
    assert re.fullmatch(r"https://a\.blob\.core\.windows\.net/c\?sv=1&sig=\[masked:sas:\w{6}\]&se=2\n", done)
    done = masked(f"x http://user:{quote(secret, safe='')}@proxy:3128/ y\n".encode()).decode()
    assert re.fullmatch(r"x http://\[masked:userinfo:\w{6}\]@proxy:3128/ y\n", done)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=3000), st.integers(1, 700))
def test_any_bytes_go_through_and_keep_their_lines(data, pieces):
    data = b"plain text to start with\n" + data.replace(b"\0", b"")
    assert masked(data, pieces=pieces).count(b"\n") == data.count(b"\n")


def test_redact_shows_a_file_as_it_would_stand_in_the_bundle(pyz, tmp_path):
    file = tmp_path / "a.log"
    file.write_text("x?sig=TopSecretValue&se=1\nkept\n")
    done = subprocess.run([sys.executable, pyz, "redact", file], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"x\?sig=\[masked:sas:\w{6}\]&se=1\nkept\n", done.stdout)
    packed = tmp_path / "a.log.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    done = subprocess.run([sys.executable, pyz, "redact", packed], capture_output=True, check=True)
    assert b"TopSecret" not in gzip.decompress(done.stdout)
    assert subprocess.run([sys.executable, pyz, "redact", tmp_path / "none"], capture_output=True, check=False).returncode == 2


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_masking_changes_no_verdict(tmp_path, case):
    shutil.copytree(CASES / case, tmp_path / case)
    (tmp_path / case / "case.toml").unlink(missing_ok=True)
    verdicts = []
    for mode in (None, "secrets", "secrets+names"):
        for path in (tmp_path / case).rglob("*") if mode else ():
            if path.is_file() and path.suffix != ".evtx":
                path.write_bytes(masked(path.read_bytes(), mode))
        report = subprocess.run([pathlib.Path(sys.executable).parent / "analyze", "--json", "-", tmp_path / case], capture_output=True, text=True, check=False)
        verdict = json.loads(report.stdout)["verdict"]
        verdicts.append(verdict and (verdict["cause"], verdict["level"]))
    assert verdicts == verdicts[:1] * 3
