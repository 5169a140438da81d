"""Fixtures of all tests: nothing of the user's configuration, identity or language; real Git repositories."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import settings

Git: TypeAlias = Callable[..., str]

FOREIGN = ("GIT_", "SMARTREG_", "XDG_", "LC_", "LANG", "CI", "GITHUB_", "TF_BUILD")

# A slow machine is no fault of the code. Half as many cases as Hypothesis tries elsewhere: `make trust` tries 20 seeds.
settings.register_profile("suite", parent=settings(), deadline=None, max_examples=50)
settings.load_profile("suite")

# The program collects no garbage while it runs (cli/main.py); thousands of its runs in one process must, but seldom.
gc.set_threshold(100_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def neutral_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty HOME, none of the caller's Git, smartreg or language settings, no system configuration of Git; new
    repositories without the sixteen files that Git shows as examples."""
    template = tmp_path_factory.mktemp("template")
    for folder in ("hooks", "info"):
        (template / folder).mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(FOREIGN):
                patch.delenv(name)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("GIT_TERMINAL_PROMPT", "0")
        patch.setenv("GIT_TEMPLATE_DIR", str(template))
        patch.setenv("LC_ALL", "C.UTF-8")
        yield


@pytest.fixture(scope="session", autouse=True)
def kept_commands() -> None:
    """A run in this process does not make its command anew."""
    from kept_commands import keep_commands  # and with it Typer

    keep_commands()


@pytest.fixture(autouse=True)
def heard_interrupt() -> None:
    """Ctrl-C is heard: a shell makes programs in the background ignore it, as a command does once it has written."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def day(request: pytest.FixtureRequest) -> Iterator[datetime | None]:
    """The day of a test that is marked with one (see `support/days.py`); None: the real one."""
    if (mark := request.node.get_closest_marker("day")) is None:
        yield None
        return
    from days import go_to  # and with it the program

    with pytest.MonkeyPatch.context() as patch:
        yield go_to(mark.args[0], patch)


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A HOME of this test alone, for tests that write a .gitconfig or a cache there."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def git(request: pytest.FixtureRequest) -> Git:
    """`git("log", "-1")` runs Git in `git_repo`, `git(…, cwd=folder)` elsewhere; the output comes back as text."""

    def run(*arguments: str, cwd: Path | None = None) -> str:
        where = cwd or request.getfixturevalue("git_repo")
        done = subprocess.run(["git", *arguments], cwd=where, check=True, capture_output=True)
        return done.stdout.decode()

    return run


@pytest.fixture(scope="session")
def empty_repository(neutral_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new repository, for tests to copy."""
    root = tmp_path_factory.mktemp("empty") / "repo"
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(root)], check=True)
    with (root / ".git/config").open("a", encoding="utf-8") as config:
        config.write(
            "[user]\n\tname = Service registre\n\temail = registre@example.org\n"
            "[commit]\n\tgpgSign = false\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
        )
    return root


@pytest.fixture
def git_repo(empty_repository: Path, tmp_path: Path) -> Path:
    """The work tree of a new repository: branch `main` without a commit, an identity, no signing, no upkeep behind."""
    return Path(shutil.copytree(empty_repository, tmp_path / "repo"))


@pytest.fixture
def registry(base: Path, tmp_path: Path) -> Path:
    """A copy, to write in, of the registry that the module of the test has made as its `base`."""
    return Path(shutil.copytree(base, tmp_path / "registry"))


@pytest.fixture(scope="session")
def golden_base(empty_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The registry of the golden files of exports, with every kind and every list, in one commit, for tests to copy."""
    from exports import commit_golden  # and with it half of the program

    return commit_golden(Path(shutil.copytree(empty_repository, tmp_path_factory.mktemp("golden") / "repo")))


@pytest.fixture
def golden_registry(golden_base: Path, git_repo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to write in, where every commit is of the same moment."""
    from exports import MOMENT

    for name, moment in MOMENT.items():
        monkeypatch.setenv(name, moment)
    return Path(shutil.copytree(golden_base, git_repo, dirs_exist_ok=True))


@pytest.fixture(scope="session")
def year_of_commits(neutral_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The registry of the tests of reports, with its year of commits, to be read only."""
    from bilans import make_past

    return make_past(tmp_path_factory.mktemp("year") / "registry")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update` writes what is found into the files that tests compare with; read the difference before committing."""
    parser.addoption("--update", action="store_true", help="rewrite the expected files of tests")


def pytest_collection_finish() -> None:
    """All tests and modules stay: no collection looks through them again, which took a second."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """What is garbage now closes its files, and may warn; pytest looks ten times more."""
    gc.collect()
    gc.freeze()


def pytest_runtest_teardown() -> None:
    """What a test has left in cycles keeps its files open; a system may allow no more than a thousand."""
    for generation in (1, 2):  # what is young first: to look through all takes a second
        free = os.open(os.devnull, os.O_RDONLY)  # the lowest number: all below are open
        os.close(free)
        if free > 300:
            gc.collect(generation)
