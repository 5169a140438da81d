"""Fetch what a registry publishes: from a folder, or over HTTPS with the standard library. Only plain files, never more
bytes than asked for, and no address but the one of the settings: a redirection stays on its host.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlsplit

from smartreg.release.reading import Fetch, fetch_from

SECONDS = 30
SECURE = "https://"


def open_source(address: str, root: Path) -> Fetch:
    """What reads the files below an address: `https://…`, or a folder, from `root` on."""
    return _fetch_over_https(address.rstrip("/")) if address.startswith(SECURE) else fetch_from(root / address)


def _fetch_over_https(address: str) -> Fetch:
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, ProxyHandler, build_opener

    host = urlsplit(address).netloc

    class OnSameHost(HTTPRedirectHandler):
        """Follows redirections on the same host alone."""

        def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
            there = urlsplit(newurl)
            if there.scheme != "https" or there.netloc != host:
                raise OSError(f"redirected to {there.scheme}://{there.netloc}")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    opener: OpenerDirector = build_opener(ProxyHandler(), HTTPSHandler(), OnSameHost())

    def fetch(path: str, limit: int) -> bytes:
        try:
            with opener.open(f"{address}/{quote(path, safe='/=')}", timeout=SECONDS) as answer:
                content: bytes = answer.read(limit)
                return content
        except HTTPError as fault:
            fault.close()
            what = FileNotFoundError if fault.code in (404, 410) else OSError
            raise what(f"HTTP {fault.code} {fault.reason}") from None
        except URLError as fault:
            raise OSError(str(fault.reason)) from None
        except HTTPException as fault:
            raise OSError(str(fault)) from None

    return fetch
