"""Find or install a browser for the tests of the page, and print the path of a Chromium that starts.

    python scripts/get_browser.py          one that is there ($SMARTREG_BROWSER, on the PATH, or installed before)
    python scripts/get_browser.py --get    the same; else one of Debian's (as root) or @sparticuz/chromium (npm)

Exit code 1, with the reason, if there is none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

OWN = Path(__file__).parents[1] / ".venv" / "browser"
SHELL = "chromium-headless-shell"  # Chromium without what only a window needs: a third of the processor time
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
SECONDS = 600
UNPACK = """import("@sparticuz/chromium").then(async (found) => console.log(await found.default.executablePath()))"""
LIBRARIES = "al2023/lib"  # where @sparticuz/chromium puts the libraries that a bare system lacks
LAUNCHER = """#!/bin/sh
LD_LIBRARY_PATH="{libraries}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}" exec "{program}" "$@"
"""


def candidates() -> Iterator[str]:
    """Paths where a browser may be; only the one in SMARTREG_BROWSER if it is set."""
    named = os.environ.get("SMARTREG_BROWSER")
    if named:
        yield named
        return
    yield from filter(None, map(shutil.which, NAMES))
    yield str(OWN / "chromium")


def starts(path: str) -> bool:
    """Whether this program exists, finds its libraries and prints its version."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and bool(done.stdout.strip())


def install_from_debian() -> None:
    """Install Debian's chromium-headless-shell, or its chromium where there is no such package, if apt may."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run(["apt-get", "-q", "update"], environment)
        install = ["apt-get", "-q", "-y", "install", "--no-install-recommends", "fonts-dejavu-core"]
        for name in (SHELL, "chromium"):
            if not shutil.which(name):
                _run([*install, name], environment)
            if shutil.which(name):
                return


def install_from_npm() -> None:
    """Install @sparticuz/chromium below the virtual environment, with the libraries that it contains."""
    if not (shutil.which("npm") and shutil.which("node")):
        return
    OWN.mkdir(parents=True, exist_ok=True)
    _run(["npm", "install", "--silent", "--prefix", str(OWN), "@sparticuz/chromium"], dict(os.environ))
    # On a bare system, as this variable claims, the package also unpacks libraries into TMPDIR.
    environment = {**os.environ, "TMPDIR": str(OWN), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs20.x"}
    program = _run(["node", "--eval", UNPACK], environment).strip()
    if program:
        launcher = OWN / "chromium"
        if Path(program) == launcher:
            program = str(launcher.rename(OWN / "chromium.bin"))
        launcher.write_text(LAUNCHER.format(libraries=OWN / LIBRARIES, program=program))
        launcher.chmod(0o755)


def _run(words: Sequence[str], environment: dict[str, str]) -> str:
    """Standard output of a command; failures are printed, and the next way is tried."""
    try:
        done = subprocess.run(words, env=environment, cwd=OWN if OWN.is_dir() else None, capture_output=True,
                              encoding="utf-8", timeout=SECONDS, check=False)  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{words[0]}: {error}", file=sys.stderr)
        return ""
    if done.returncode:
        print(f"{' '.join(words)}: exit code {done.returncode}\n{done.stderr[-2000:]}", file=sys.stderr)
    return done.stdout


def main(words: Sequence[str]) -> int:
    ways: list[Callable[[], None]] = [install_from_debian, install_from_npm] if "--get" in words else []
    for get in (lambda: None, *ways):
        get()
        found = next(filter(starts, candidates()), None)
        if found:
            print(found)
            return 0
    print(
        "no browser starts: the tests of the page need one. Install Chromium (Debian: apt-get install "
        "chromium-headless-shell), or set SMARTREG_BROWSER=/path/to/chromium",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
