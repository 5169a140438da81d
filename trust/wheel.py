"""Install a wheel as people do (pip, pipx, uv tool, uvx) on a system with only Python and Git, and use it.

    python trust/wheel.py WHEEL      exit code 1 if something does not work

Needs only the standard library: the release workflow runs it on Linux and macOS.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from readme_tour import PAGES, play_tour, programs_of  # noqa: E402

TOUR = "openpyxl"  # what the tour installs in addition to the extra
PASSED_ON = ("PIP_", "UV_", "SSL_", "HTTP", "TMP")
PAGES_AND_SCRIPTS = (
    "man/man1/smartreg.1",
    "man/man1/smartreg-add-sensor.1",
    "man/fr/man1/smartreg.1",
    "bash-completion/completions/smartreg",
)


@dataclass(frozen=True)
class Root:
    """An empty home, and an environment whose PATH has only Python, Git and the programs installed there."""

    wheel: Path
    tools: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name.upper().startswith(PASSED_ON)}
        path = f"{self.home / '.local' / 'bin'}{os.pathsep}{self.programs()}"
        return {
            **kept,
            "HOME": str(self.home),
            "PATH": path,
            "PYTHONUTF8": "1",
            "LANG": "C.UTF-8",
            "UV_PYTHON": sys.executable,
        }

    def programs(self) -> Path:
        """A folder with links to Git, Python and the few commands that the tour and uv call."""
        folder = self.home / "bin"
        folder.mkdir(exist_ok=True)
        targets = {name: shutil.which(name) for name in ("git", "cat", "dirname", "realpath")}
        for name, target in {**targets, "python3": sys.executable}.items():
            if target and not (folder / name).exists():
                (folder / name).symlink_to(target)
        return folder

    def run(self, *words: object, folder: Path | None = None) -> str:
        """What a program prints; RuntimeError if it fails."""
        command = [str(word) for word in words]
        done = subprocess.run(
            command, cwd=folder or self.home, env=self.environment, capture_output=True, encoding="utf-8", check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}"[-2000:])
        return done.stdout

    def tool(self, name: str) -> Path:
        return self.tools / "bin" / name

    def with_extra(self) -> str:
        return f"{self.wheel}[xlsx]"

    def use(self, *program: object) -> None:
        """Print the version, make the demonstration, and find it valid."""
        self.run(*program, "--version")
        self.run(*program, "demo", self.home / "demo")
        self.run(*program, "validate", "--fail-on", "error", folder=self.home / "demo")

    def has(self, share: Path) -> None:
        missing = [name for name in PAGES_AND_SCRIPTS if not (share / name).exists()]
        if missing:
            raise RuntimeError(f"{share} lacks {', '.join(missing)}")


def by_pip(root: Root) -> None:
    """Install into a virtual environment, and play README's tours word for word."""
    folder = root.home / "venv"
    root.run(sys.executable, "-m", "venv", folder)
    root.run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", root.with_extra(), TOUR)
    root.has(folder / "share")
    path = os.pathsep.join([str(folder / "bin"), root.environment["PATH"]])
    for lang in PAGES:
        (root.home / lang).mkdir()
        wrong = next(play_tour(lang, root.home / lang, programs_of({**root.environment, "PATH": path})), None)
        if wrong:
            raise RuntimeError(wrong)


def by_pipx(root: Root) -> None:
    root.run(root.tool("pipx"), "install", "--quiet", root.with_extra())
    root.use(root.home / ".local" / "bin" / "smartreg")
    if not (root.home / ".local/share/man/man1/smartreg.1").exists():
        raise RuntimeError("pipx did not link the manual pages")


def by_uv_tool(root: Root) -> None:
    root.run(root.tool("uv"), "tool", "install", "--quiet", root.with_extra())
    root.use(root.home / ".local" / "bin" / "smartreg")
    root.has(Path(root.run(root.tool("uv"), "tool", "dir").strip()) / "smartreg" / "share")


def by_uvx(root: Root) -> None:
    root.use(root.tool("uvx"), "--quiet", "--from", root.with_extra(), "smartreg")


Way: TypeAlias = Callable[[Root], None]
WAYS: dict[str, Way] = {"pip": by_pip, "pipx install": by_pipx, "uv tool install": by_uv_tool, "uvx": by_uvx}


def attempts(wheel: Path, folder: Path) -> Iterator[tuple[str, str | None]]:
    """Each way to install, and what went wrong, if anything."""
    tools = folder / "tools"
    subprocess.run([sys.executable, "-m", "venv", str(tools)], check=True)
    pip = [str(tools / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements-release.lock")], check=True)
    for number, (name, way) in enumerate(WAYS.items()):
        home = folder / f"home-{number}"
        home.mkdir()
        try:
            way(Root(wheel.resolve(), tools, home))
            yield name, None
        except RuntimeError as fault:
            yield name, str(fault)


def main() -> int:
    code = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, wrong in attempts(Path(sys.argv[1]), Path(folder).resolve()):
            print(f"{name}: {wrong or 'works'}", flush=True)
            code |= wrong is not None
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
