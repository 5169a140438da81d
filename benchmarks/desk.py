"""Measure the desk (`smartreg web`): the first page after the start, pages and searches when warm, to the first byte.

    python benchmarks/desk.py [--records 100000] [--rounds 9] [--datasette PROGRAM]

With --datasette, the same table page and search are asked of datasette, over our SQLite export, in the same run; it is
installed elsewhere (`pipx install datasette`). Times depend on the machine: only the ratios of one run mean something.
"""

from __future__ import annotations

import argparse
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from statistics import median

from generate import commit_all, generate
from measure import BIN, compile_all, environment, machine, run

SMARTREG = str(BIN / "smartreg")
WORDS = "rue mistral"
PATIENCE_S = 600.0
WARM_S, FIRST_S, SEARCH_S = 0.2, 1.0, 0.1


class Client:
    """Asks one server, on connections that stay open."""

    def __init__(self, host: str, base: str = "", cookie: str = "") -> None:
        self._connection = HTTPConnection(host, timeout=PATIENCE_S)
        self._base, self._headers = base, {"Cookie": cookie} if cookie else {}

    def get(self, path: str) -> float:
        """Seconds to the first byte of a page, which is then read."""
        start = time.perf_counter()
        self._connection.request("GET", self._base + path, headers=self._headers)
        response: HTTPResponse = self._connection.getresponse()
        took = time.perf_counter() - start
        response.read()
        if response.status != 200:
            raise SystemExit(f"{path}: {response.status}")
        return took


@contextmanager
def desk(root: Path) -> Iterator[Client]:
    """`smartreg web`, once it says that it is ready."""
    words = [SMARTREG, "web", "--no-browser", "--lang", "en"]
    with subprocess.Popen(words, cwd=root, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        address = next(found for line in process.stderr if (found := re.search(r"http://([^/]+)(/start\?\S+)", line)))
        connection = HTTPConnection(address[1], timeout=PATIENCE_S)
        connection.request("GET", address[2])
        cookie = connection.getresponse().headers["Set-Cookie"]
        base = re.search("Path=([^;]+)", cookie)
        assert base is not None
        yield Client(address[1], base[1], cookie.partition(";")[0])
        process.terminate()


@contextmanager
def datasette(program: str, database: Path) -> Iterator[Client]:
    """datasette over our export, once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [program, "serve", str(database), "--port", str(port), "--setting", "sql_time_limit_ms", "60000"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        give_up = time.monotonic() + PATIENCE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.1)
        yield Client(f"127.0.0.1:{port}")
        process.terminate()


def warm(ask: Callable[[], float], rounds: int) -> float:
    """The median of some rounds after the first."""
    ask()
    return median(ask() for _ in range(rounds))


def line(what: str, seconds: float, most: float | None = None) -> str:
    verdict = "" if most is None else f"  {'pass' if seconds <= most else 'MISSED'} (at most {most * 1000:.0f})"
    return f"{what:<44} {seconds * 1000:>8.0f} ms{verdict}"


def main() -> None:
    parser = argparse.ArgumentParser(description="measure the desk")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--datasette", metavar="PROGRAM")
    options = parser.parse_args()
    compile_all()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "registry"
        made = generate(root, options.records, 1, 0.0)
        commit_all(root)
        (equipment, *_) = made.files["equipment"]
        with desk(root) as client:  # builds the index
            client.get("/")
        with desk(root) as client:
            print(line("/ first after the start", client.get("/"), FIRST_S))
            pages = {
                "/": WARM_S,
                "/records?kind=equipment": WARM_S,
                "/records?kind=equipment&where=status=active": None,
            }
            pages |= {f"/records/equipment/{Path(equipment).stem}": WARM_S}
            for path, most in pages.items():
                print(line(path, warm(lambda path=path: client.get(path), options.rounds), most))  # type: ignore[misc]
            search = f"/records?q={WORDS.replace(' ', '+')}"
            print(line(search, warm(lambda: client.get(search), options.rounds), SEARCH_S))
        if options.datasette:
            run([SMARTREG, "export", "-f", "sqlite", "-o", f"{folder}/", "--quiet"], root)
            (database,) = Path(folder).glob("*.sqlite")
            name = database.stem
            with datasette(options.datasette, database) as client:
                table = f"/{name}/equipment?_size=50"
                print(line(f"datasette {table}", warm(lambda: client.get(table), options.rounds)))
                found = f"/{name}/support?_size=50&address__contains={WORDS.replace(' ', '+')}"
                print(line(f"datasette {found}"[:44], warm(lambda: client.get(found), options.rounds)))


if __name__ == "__main__":
    main()
