"""The desk refuses what its user's browser does not send from its pages: each as an attack, on a real server."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping

import pytest
from desk import BOUNDARY, FORM, DeskClient, serving
from program import copy_example

from smartreg.web.app import find_pages
from smartreg.web.safety import HEADERS, LARGEST_FORM, LARGEST_UPLOAD, START
from smartreg.web.visit import Page


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskClient]:
    with serving(copy_example(tmp_path_factory.mktemp("desk") / "root"), seconds=0.5) as client:
        yield client


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskClient]:
    with serving(copy_example(tmp_path_factory.mktemp("desk") / "root"), read_only=True) as client:
        yield client


def test_the_browser_that_was_let_in_is_answered(client: DeskClient) -> None:
    assert client.get("/").status == 200
    assert client.request("HEAD", "/").body == b""
    assert client.request("GET", "/", headers={"Sec-Fetch-Site": "none"}).status == 200  # typed, or from a bookmark
    assert client.request("GET", "/", headers={"Sec-Fetch-Site": None}).status == 200  # an older browser


@pytest.mark.parametrize("host", ["evil.example", "localhost", "127.0.0.1", "127.0.0.1:1", "", None])
def test_a_name_that_points_here_is_not_served(client: DeskClient, host: str | None) -> None:
    """DNS rebinding: the page of another site makes its own name this computer."""
    reply = client.request("GET", "/", headers={"Host": host})
    assert reply.status == (400 if host is None else 421)  # HTTP/1.1 needs one


def test_two_hosts_are_none(client: DeskClient) -> None:
    head = f"GET {client.desk.access.base}/ HTTP/1.1\r\nHost: {client.host}\r\nHost: evil.example\r\n"
    assert client.send_bytes(f"{head}Cookie: {client.cookie}\r\nConnection: close\r\n\r\n".encode())[9:12] in (
        b"400",
        b"421",
    )


@pytest.mark.parametrize(
    "cookie", [None, "", "smartreg=", "smartreg=guessed", "other=1", "smartreg=\x80", "a" * 4000, "smartreg"]
)
def test_without_the_cookie_nothing_is_shown(client: DeskClient, cookie: str | None) -> None:
    reply = client.request("GET", "/", headers={"Cookie": cookie})
    assert reply.status == 401
    assert "Aix" not in reply.text
    assert client.desk.access.csrf not in reply.text
    assert client.desk.access.base not in reply.text


def test_the_cookie_alone_shows_nothing_elsewhere(client: DeskClient) -> None:
    """Who stole it from a page on another port still lacks the path that it belongs to."""
    for path in (
        "!/",
        "!/records",
        "!/static/style.css",
        f"!{client.desk.access.base}",
        f"!{client.desk.access.base}x/",
    ):
        assert client.request("GET", path).status == 401


def test_the_token_works_once(client: DeskClient) -> None:
    heard: list[str] = []
    client.desk.access.renewed = heard.append
    path = client.desk.access.renew().removeprefix(client.origin)
    stranger = DeskClient(client.desk, "")
    first = stranger.request("GET", f"!{path}", headers={"Sec-Fetch-Site": "cross-site"})  # from the file on disk
    assert first.status == 200
    attributes = {part.strip() for part in first.headers["Set-Cookie"].split(";")}
    assert {f"Path={client.desk.access.base}", "HttpOnly", "SameSite=Strict"} <= attributes
    assert stranger.request("GET", f"!{path}").status == 401
    assert len(heard) == 2
    assert heard[1] != heard[0]
    for query in ("", "?token=", "?token=x", "?token=a&token=b", f"?token={'x' * 5000}", "?token=%ff"):
        assert stranger.request("GET", f"!{START}{query}").status == 401


def test_cookies_of_other_ports_do_no_harm(client: DeskClient) -> None:
    """Browsers send them along, also one that another port has set under our name."""
    for others in ('_xsrf=2|a|b; {"a": 1}; ', "smartreg=x; ", 'a="b c; d', "é=\xff; ;;; =; "):
        cookie = f"{others}; {client.cookie}"
        assert client.request("GET", "/static/style.css", headers={"Cookie": cookie}).status == 200, others


@pytest.mark.parametrize("site", ["cross-site", "same-site", "x"])
def test_another_site_reads_nothing(client: DeskClient, site: str) -> None:
    """`same-site` is a page of another port."""
    assert client.request("GET", "/", headers={"Sec-Fetch-Site": site}).status == 403
    assert client.request("POST", "/send", headers={"Sec-Fetch-Site": site}).status == 403


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1", "http://127.0.0.1:1", ""])
def test_another_origin_sends_nothing(client: DeskClient, origin: str | None) -> None:
    assert client.request("POST", "/send", headers={"Origin": origin}).status == 403
    https = client.origin.replace("http:", "https:")
    assert client.request("POST", "/send", headers={"Origin": https}).status == 403
    assert client.request("POST", "/send", headers={"Sec-Fetch-Site": "none"}).status == 403


def test_a_form_needs_the_token_of_the_session(client: DeskClient) -> None:
    for body in (b"", b"csrf=", b"csrf=guessed", b"csrf=%ff", b"x=1"):
        reply = client.request("POST", "/send", body)
        assert (reply.status, "not of this session" in reply.text) == (403, True)
    assert client.post("/send").status == 409  # it has no remote to send to


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "", None, f"multipart/form-data; boundary={BOUNDARY}"]
)
def test_only_forms_are_read(client: DeskClient, kind: str | None) -> None:
    """Files only where a page asks for one."""
    assert client.request("POST", "/send", b"csrf=x", {"Content-Type": kind}).status == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
def test_no_other_method_is_known(client: DeskClient, method: str) -> None:
    reply = client.request(method, "/")
    assert reply.status in (400, 405)
    assert not [name for name in reply.headers if name.lower().startswith("access-control")]


def test_a_page_that_takes_no_form_refuses_one(client: DeskClient) -> None:
    assert client.post("/records").status == 405


def head_of(client: DeskClient, path: str, headers: Mapping[str, str]) -> bytes:
    own = {"Host": client.host, "Cookie": client.cookie, "Origin": client.origin, "Content-Type": FORM, **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in own.items())
    return f"POST {client.desk.access.base}{path} HTTP/1.1\r\n{lines}\r\n".encode()


def test_a_body_that_says_it_is_too_large_is_not_read(client: DeskClient) -> None:
    answer = client.send_bytes(head_of(client, "/send", {"Content-Length": str(LARGEST_FORM + 1)}))
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_body_that_turns_out_too_large_is_not_kept(client: DeskClient) -> None:
    """In chunks, nobody says how long it will be."""
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    address, _, port = client.host.rpartition(":")
    with socket.create_connection((address, int(port)), timeout=30) as connection:
        connection.sendall(head_of(client, "/send", {"Transfer-Encoding": "chunked"}))
        try:
            for _ in range(2 * LARGEST_FORM // 0x10000):
                connection.sendall(chunk)
            connection.sendall(b"0\r\n\r\n")
            answer = connection.recv(100)
        except ConnectionError:  # it had hung up while we were still sending
            return
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_body_that_does_not_come_is_not_waited_for(client: DeskClient) -> None:
    answer = client.send_bytes(head_of(client, "/send", {"Content-Length": "20"}) + b"csrf=")
    assert answer.startswith(b"HTTP/1.1 408")
    assert client.get("/").status == 200


def test_a_form_of_very_many_fields_is_refused(client: DeskClient) -> None:
    body = f"csrf={client.desk.access.csrf}&".encode() + b"a=&" * 11_000
    assert client.request("POST", "/send", body).status == 400


@pytest.mark.parametrize("path", ["/", "/records", "/nothing", "/static/style.css", "/static/nothing", "!/", "!/start"])
def test_every_answer_has_the_headers(client: DeskClient, path: str) -> None:
    headers = client.request("GET", path).headers
    assert {name: headers[name] for name in HEADERS} == dict(HEADERS)
    assert "Server" not in headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name", ["..%2fapp.py", "%2e%2e/app.py", "..\\app.py", "desk.css%00", "%2fetc%2fpasswd", "__init__.py", ""]
)
def test_only_our_own_files_are_served(client: DeskClient, name: str) -> None:
    assert client.request("GET", f"/static/{name}").status == 404


def test_read_only_takes_no_form_and_offers_none(reader: DeskClient) -> None:
    assert reader.post("/send").status == 403
    assert 'method="post"' not in reader.get("/").text


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 9, b"G" * 100_000]
)
def test_noise_does_no_harm(client: DeskClient, noise: bytes) -> None:
    address, _, port = client.host.rpartition(":")
    with socket.create_connection((address, int(port)), timeout=30) as connection:
        connection.sendall(noise)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(100)
    assert client.get("/").status == 200


PLACES = {
    "kind": "equipment", "id": "demo-istres-noise-001", "field": "events", "commit": "HEAD", "upload": "0" * 64,
    "code": "CON301", "name": "style.css",
}  # fmt: skip
IN_THE_WAY: Mapping[str, tuple[int, dict[str, str | None]]] = {
    "nobody": (401, {"Cookie": None}),
    "another name": (421, {"Host": "evil.example"}),
    "another site": (403, {"Sec-Fetch-Site": "cross-site"}),
    "another port": (403, {"Sec-Fetch-Site": "same-site"}),
    "another origin": (403, {"Origin": "http://evil.example"}),
    "no origin": (403, {"Origin": None}),
    "no token": (403, {}),
    "no form": (415, {"Content-Type": "application/json"}),
    "too large": (413, {"Content-Length": str(LARGEST_UPLOAD + 2 * LARGEST_FORM)}),
}


@pytest.mark.promise("R11")
@pytest.mark.parametrize("page", find_pages(), ids=lambda page: page.path)
def test_no_page_is_an_exception(page: Page, client: DeskClient, reader: DeskClient) -> None:
    """Each page in each mode: who may read it, who may send its form, and what a desk that only shows takes."""
    path = page.path.format(**PLACES)
    for mode, (status, headers) in IN_THE_WAY.items():
        posted = client.request("POST", path, b"", headers)
        expected = 405 if not page.posts and mode == "no token" else status
        assert posted.status == expected, mode
        if status in (401, 421) or "site" in mode or "port" in mode:
            assert client.request("GET", path, headers=headers).status == status, mode
    multipart = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    assert client.request("POST", path, b"", multipart).status == (403 if page.uploads else 415)
    assert reader.post(path).status == 403
    shown = reader.get(path)
    assert shown.status in (200, 303, 400, 404, 409)
    assert 'method="post"' not in shown.text
