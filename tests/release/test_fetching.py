"""Releases over HTTPS: a real server with a certificate of its own; no byte too many, no other host."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from smartreg.release.fetching import open_source
from smartreg.release.reading import Fetch

pytestmark = pytest.mark.promise("R8")


class Answers(BaseHTTPRequestHandler):
    """`/pub/a` has ten bytes, `/pub/moved` is `/pub/a`, `/pub/away` is on another host, `/pub/plain` without TLS."""

    def do_GET(self) -> None:
        assert isinstance(self.server, HTTPServer)
        port = self.server.server_port
        there = {
            "/pub/moved": f"https://localhost:{port}/pub/a",
            "/pub/away": f"https://127.0.0.1:{port}/pub/a",
            "/pub/plain": f"http://localhost:{port}/pub/a",
        }.get(self.path)
        if there is not None:
            self.send_response(302)
            self.send_header("Location", there)
            self.end_headers()
        elif self.path == "/pub/a":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"0123456789")
        else:
            self.send_error(404)

    def log_message(self, *_words: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fetch]:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command, *names, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    server = HTTPServer(("localhost", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("no_proxy", "*")
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield open_source(f"https://localhost:{server.server_port}/pub/", tmp_path)
    server.shutdown()
    server.server_close()
    serving.join()


def test_files_are_read_from_their_host_alone(fetch: Fetch) -> None:
    assert fetch("a", 100) == b"0123456789"
    assert fetch("a", 4) == b"0123"
    assert fetch("moved", 100) == b"0123456789"
    for path in ("away", "plain", "missing"):
        with pytest.raises(OSError):  # noqa: PT011  (its words are those of the system)
            fetch(path, 100)


def test_a_server_without_a_trusted_certificate_is_not_read(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(OSError, match="CERTIFICATE"):
        fetch("a", 100)


def test_a_folder_is_read_from_the_root_of_the_registry(tmp_path: Path) -> None:
    (tmp_path / "pub").mkdir()
    (tmp_path / "pub/a").write_bytes(b"0123456789")
    assert open_source("../pub", tmp_path / "pub")("a", 4) == b"0123"
