"""Settings of Git that change what it prints: every command answers as without them (R10, R16)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from crashes import git, make_base, run

pytestmark = pytest.mark.promise("R10", "R16")

SETTINGS = (
    *("i18n.logOutputEncoding=UTF-16", "i18n.logOutputEncoding=nonsense", "i18n.commitEncoding=ISO-8859-1"),
    *("color.ui=always", "color.diff=always", "color.status=always", "color.branch=always", "column.ui=always"),
    *("core.abbrev=4", "core.quotePath=true", "core.pager=false", "core.commentChar=s", "core.logAllRefUpdates=false"),
    *("log.showSignature=true", "log.date=raw", "log.date=format:%s", "log.decorate=full", "log.follow=true"),
    *("log.abbrevCommit=true", "log.showRoot=false", "log.mailmap=true", "log.diffMerges=combined", "log.graphColors="),
    *("format.pretty=oneline", "format.notes=true", "notes.displayRef=refs/notes/*", "diff.renames=copies"),
    *("diff.noprefix=true", "diff.relative=true", "diff.orderFile=/dev/null", "diff.submodule=log", "diff.context=0"),
    *("diff.ignoreSubmodules=all", "diff.mnemonicPrefix=true", "diff.statGraphWidth=1", "diff.colorMoved=zebra"),
    *("status.short=true", "status.branch=true", "status.showStash=true", "status.relativePaths=false"),
    *("status.showUntrackedFiles=no", "status.renames=copies", "tag.sort=-version:refname", "branch.sort=-refname"),
    *(
        "merge.renames=false",
        "merge.conflictStyle=zdiff3",
        "grep.lineNumber=true",
        "blame.date=raw",
        "rerere.enabled=1",
    ),
    *("core.attributesFile=/dev/null", "submodule.recurse=true", "fetch.prune=true", "index.version=4"),
)


LINES = (
    *("log --json", "log party/istres --json", "blame use-case/bruit --json", "audit --json", "status --json"),
    *("diff HEAD~3 --json", "validate --since HEAD~3 -f json", "query 'SELECT * FROM history' -f json", "list --json"),
)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[int, str]]]:
    root = make_base(tmp_path_factory.mktemp("settings"))
    git(root, "stash", "push", "--quiet")
    git(root, "config", "user.name", "Élodie Lefèvre")
    git(root, "notes", "add", "-m", "a note", "HEAD~1")
    git(root, "branch", "side", "HEAD~1")
    assert run(root, "set use-case/bruit title='Bruit des églises' -y").code == 0
    git(root, "checkout", "--quiet", "side")
    assert run(root, "set party/istres name='Île d’Istres' -y").code == 0
    git(root, "checkout", "--quiet", "main")
    git(root, "merge", "--quiet", "--no-edit", "side")
    return root, answers(root)


def answers(root: Path) -> list[tuple[int, str]]:
    ended = [run(root, line) for line in LINES]
    return [(one.code, one.out) for one in ended]


@pytest.mark.parametrize("settings", [SETTINGS[::2], SETTINGS[1::2]], ids=" ".join)  # of a name, the last one counts
def test_what_git_prints_is_not_for_settings_to_choose(
    registry: tuple[Path, list[tuple[int, str]]], settings: tuple[str, ...]
) -> None:
    root, expected = registry
    config = root / ".git/config"
    before = config.read_bytes()
    with config.open("a", encoding="utf-8") as file:
        for setting in settings:
            section, name, value = re.split("[.=]", setting, maxsplit=2)
            file.write(f'[{section}]\n\t{name} = "{value}"\n')
    try:
        assert answers(root) == expected
    finally:
        config.write_bytes(before)
