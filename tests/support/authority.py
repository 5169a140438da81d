"""A timestamp authority of its own, by `openssl ts`: a root, a certificate for a number of days, revocation lists."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer

_SETTINGS = """
[req]
distinguished_name = name
prompt = no
[name]
CN = unused
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[authority]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[ts]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
[ca]
default_ca = issuing
[issuing]
database = index.txt
serial = issued
new_certs_dir = .
default_md = sha256
default_crl_days = 30
policy = any
x509_extensions = authority
unique_subject = no
[any]
CN = supplied
"""
_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "settings")


class Authority:
    """`reply(request)` answers; `root` is its certificate, `crl()` its revocation list (PEM). Its certificate is
    valid from a day ago (or `begins`) for `days`."""

    def __init__(self, folder: Path, days: int = 3650, name: str = "Local", begins: int = -1) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "settings").write_text(_SETTINGS)
        for file, text in {"index.txt": "", "issued": "01", "serial": "01"}.items():
            (folder / file).write_text(text)
        root = (*_NEW_KEY, "-keyout", "root.key", "-out", "root.pem", "-subj", f"/CN={name} root", "-days", "9000")
        self._run("req", "-x509", *root, "-extensions", "root")
        self._run("req", *_NEW_KEY, "-keyout", "own.key", "-out", "own.csr", "-subj", f"/CN={name} authority")
        start = datetime.now(UTC) + timedelta(days=begins)
        dates = ("-startdate", f"{start:%Y%m%d%H%M%SZ}", "-enddate", f"{start + timedelta(days=days):%Y%m%d%H%M%SZ}")
        self._issuing("-batch", "-in", "own.csr", "-out", "own.pem", "-notext", *dates)

    def _run(self, *words: str) -> None:
        environment = {**os.environ, "OPENSSL_CONF": os.devnull}
        subprocess.run(["openssl", *words], cwd=self.folder, env=environment, check=True, capture_output=True)

    def _issuing(self, *words: str) -> None:
        self._run("ca", "-config", "settings", "-cert", "root.pem", "-keyfile", "root.key", *words)

    @property
    def root(self) -> bytes:
        return (self.folder / "root.pem").read_bytes()

    def crl(self, later: timedelta = timedelta()) -> bytes:
        """Its revocation list of now, or of `later`: of two of the same second, OpenSSL takes the first."""
        self._issuing("-gencrl", "-out", "crl.pem", "-crl_lastupdate", f"{datetime.now(UTC) + later:%Y%m%d%H%M%SZ}")
        return (self.folder / "crl.pem").read_bytes()

    def revoke(self) -> None:
        self._issuing("-revoke", "own.pem")

    def reply(self, request: bytes) -> bytes:
        (self.folder / "request").write_bytes(request)
        signer = ("-signer", "own.pem", "-inkey", "own.key", "-out", "reply")
        self._run("ts", "-reply", "-config", "settings", "-section", "ts", "-queryfile", "request", *signer)
        return (self.folder / "reply").read_bytes()

    @contextmanager
    def served(self) -> Iterator[str]:
        """Its web address, for the time of the block."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Type"] == "application/timestamp-query"
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
                self.wfile.write(authority.reply(request))

            def log_message(self, *_args: object) -> None:
                pass

        server = TCPServer(("127.0.0.1", 0), Handler)  # an HTTPServer asks for its own name first
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
