"""Keys and certificates of the fabric, made once with openssl and kept in a folder.

An authority of our own signs the storage hosts; the tenant certificate is what a goal state delivers to the machine, packed
as a PFX and encrypted to the transport certificate that the agent sends (azurelinuxagent goal_state.py, class Certificates).
"""

import base64
import subprocess
from pathlib import Path

from .names import DISK_HOST, PACKAGE_HOSTS


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    """Runs openssl with the given standard input; returns its standard output, raises if it fails."""
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout


def _pem(certificate: str) -> bytes:
    """The base64 body of a certificate, as in the agent's header, back in PEM lines."""
    body = "\n".join(certificate[at : at + 64] for at in range(0, len(certificate), 64))
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n".encode()


class Pki:
    """The key material in `folder`; missing pieces are made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "complete").exists():
            self._make()
        self.authority, self.host = folder / "ca.pem", folder / "host.pem"
        printed = openssl("x509", "-in", str(folder / "tenant.crt"), "-noout", "-fingerprint", "-sha1").decode()
        self.thumbprint = printed.split("=")[1].strip().replace(":", "")
        self.authority_hash = openssl("x509", "-in", str(self.authority), "-noout", "-hash").decode().strip()

    def _make(self) -> None:
        at = self.folder
        names = ",".join(f"DNS:{host}" for host in (*PACKAGE_HOSTS, DISK_HOST))
        new = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "730"]
        openssl(*new, "-subj", "/O=Lab/CN=Lab Root", "-keyout", str(at / "ca.key"), "-out", str(at / "ca.pem"))
        openssl(*new, "-subj", "/CN=*.blob.core.windows.net", "-addext", f"subjectAltName={names}", "-addext",
                "basicConstraints=critical,CA:FALSE", "-CA", str(at / "ca.pem"), "-CAkey", str(at / "ca.key"),
                "-keyout", str(at / "host.key"), "-out", str(at / "host.crt"))
        (at / "host.pem").write_bytes((at / "host.key").read_bytes() + (at / "host.crt").read_bytes())
        for name in ("tenant", "stranger"):
            openssl(*new, "-subj", "/DC=Windows Azure CRP Certificate Generator", "-keyout", str(at / f"{name}.key"),
                    "-out", str(at / f"{name}.crt"))
        for key, more in (("pfx", ["-inkey", str(at / "tenant.key")]), ("keyless.pfx", ["-nokeys"])):
            openssl("pkcs12", "-export", "-in", str(at / "tenant.crt"), *more, "-passout", "pass:",
                    "-out", str(at / f"tenant.{key}"))
        (at / "complete").touch()

    def certificates(self, transport: str, what: str) -> str:
        """The body of `comp=certificates` for the agent's transport certificate.

        `what`: "ok", "no-key" (certificate without its private key), "stranger" (encrypted to somebody else) or "garbage".
        """
        recipient = self.folder / "stranger.crt" if what == "stranger" else None
        package = self.folder / ("tenant.keyless.pfx" if what == "no-key" else "tenant.pfx")
        if what == "garbage":
            data = base64.encodebytes(b"this is no CMS message " * 40)
        else:
            # In lines: openssl cms reads nothing from a single long one.
            certificate = recipient.read_bytes() if recipient else _pem(transport)
            data = base64.encodebytes(self._encrypt(package.read_bytes(), certificate))
        return ('<?xml version="1.0" encoding="utf-8"?><CertificateFile xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
                "<Version>2012-11-30</Version><Incarnation>1</Incarnation><Format>Pkcs7BlobWithPfxContents</Format>"
                f"<Data>{data.decode()}</Data></CertificateFile>")

    def protect(self, settings: bytes, what: str) -> str:
        """Protected settings as base64 of a CMS message for the tenant certificate; `what` "garbage" gives no CMS at all."""
        if what == "garbage":
            return base64.b64encode(b"no CMS data here " * 30).decode()
        return base64.b64encode(self._encrypt(settings, (self.folder / "tenant.crt").read_bytes())).decode()

    @staticmethod
    def _encrypt(text: bytes, recipient: bytes) -> bytes:
        # A file descriptor would do, but openssl cms wants the recipient as a path.
        import tempfile

        with tempfile.NamedTemporaryFile(suffix=".pem") as certificate:
            certificate.write(recipient)
            certificate.flush()
            return openssl("cms", "-encrypt", "-binary", "-outform", "DER", "-aes-128-cbc", certificate.name, given=text)
