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
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from statistics import median

from generate import commit_all, generate
from measure import BIN, compile_all, environment, machine, run

SMARTREG = str(BIN / "smartreg")
WORDS = "rue mistral"
PATIENCE_S = 30.0
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
        try:
            yield Client(address[1], base[1], cookie.partition(";")[0])
        finally:
            process.terminate()


@contextmanager
def datasette(program: str, database: Path) -> Iterator[Client]:
    """datasette over our export, once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [
        program,
        "serve",
        str(database),
        "--port",
        str(port),
        "--setting",
        "sql_time_limit_ms",
        f"{1000 * PATIENCE_S:.0f}",
    ]
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
        try:
            yield Client(f"127.0.0.1:{port}")
        finally:
            process.kill()  # a search that goes on would not let it end


def warm(ask: Callable[[], float], rounds: int) -> float:
    """The median of some rounds after the first."""
    ask()
    return median(ask() for _ in range(rounds))


def sentence(what: str, seconds: float, most: float | None = None) -> str:
    """What was measured, in milliseconds, with its floor."""
    verdict = "" if most is None else f" (at most {most * 1000:.0f} ms: {'pass' if seconds <= most else 'MISSED'})"
    return f"{what}: {seconds * 1000:.0f} ms{verdict}."


def measure_desk(root: Path, device: str, rounds: int) -> Iterator[str]:
    """The pages and the search of a registry, one of whose devices has the id `device`."""
    with desk(root) as client:  # builds the index
        client.get("/")
    pages = ("/", "/records?kind=equipment", "/records?kind=equipment&status=active", f"/records/equipment/{device}")
    with desk(root) as client:
        yield sentence("`smartreg web`, first page after the start", client.get("/"), FIRST_S)
        for path in pages:
            yield sentence(f"`smartreg web`, {path}, warm", warm(partial(client.get, path), rounds), WARM_S)
        search = f"/records?q={WORDS.replace(' ', '+')}"
        yield sentence(f"`smartreg web`, {search}, warm", warm(partial(client.get, search), rounds), SEARCH_S)


def measure_datasette(program: str, database: Path, rounds: int) -> Iterator[str]:
    """The same table page and search, asked of datasette over our SQLite export; a search that does not end is left
    after a while."""
    name = database.stem
    with datasette(program, database) as client:
        table = f"/{name}/equipment?_size=50"
        yield sentence("datasette, the same table page, warm", warm(partial(client.get, table), rounds))
        search = f"/{name}/supports?_size=50&address__contains={WORDS.replace(' ', '+')}"
        try:
            yield sentence("datasette, the same search, warm", warm(partial(client.get, search), rounds))
        except TimeoutError:
            yield f"datasette, the same search: no answer in {PATIENCE_S:.0f} s."


def install_datasette(folder: Path) -> str | None:
    """The program, installed into an environment of its own; None if pip could not fetch it."""
    try:
        run([sys.executable, "-m", "venv", str(folder)], Path.cwd())
        run([str(folder / "bin/pip"), "install", "-q", "datasette"], Path.cwd())
    except SystemExit:
        return None
    return str(folder / "bin/datasette")


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
        for each in measure_desk(root, Path(made.files["equipment"][0]).stem, options.rounds):
            print(each)
        if options.datasette:
            database = Path(folder) / "registry.sqlite"
            run([SMARTREG, "export", "-f", "sqlite", "-o", str(database), "--quiet"], root)
            for each in measure_datasette(options.datasette, database, options.rounds):
                print(each)


if __name__ == "__main__":
    main()
