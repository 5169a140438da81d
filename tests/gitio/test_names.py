"""YML011 and YML012: names of files that some computers cannot hold, or take for another one."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Git
from program import start

from smartreg.registry import odd_names

FINE = ["registry/parties/istres.yaml", "registry/README.md", "smartreg.toml", "schemas/party.schema.json"]


@pytest.mark.parametrize(
    "name",
    [
        *("con.yaml", "AUX", "nul.tar.gz", "com1.yaml", "lpt9", "conout$", "com¹.yaml"),
        *("a:b.yaml", "a?.yaml", "a\\b.yaml", "a|b", '"a"', "a<b>", "a*"),
        *("a.", "a ", "b./c.yaml", "tab\t.yaml", "bell\x07.yaml", "del\x7f.yaml"),
        *("zero\u200bwidth.yaml", "left\u202eright.yaml", "e\u0301tat.yaml", "x" * 190),
    ],
)
def test_names_that_some_computer_cannot_hold(name: str) -> None:
    assert [(found.code, found.where.file) for found in odd_names([*FINE, f"registry/parties/{name}"])] == [
        ("YML011", f"registry/parties/{name}")
    ]


@pytest.mark.parametrize(
    "name", ["contract.yaml", "com10.yaml", "Été.pdf", "a b.pdf", "auxerre.yaml", ".gitkeep", "lpt.txt"]
)
def test_names_that_all_can_hold(name: str) -> None:
    assert odd_names([*FINE, f"registry/annexes/{name}"]) == []


def test_names_that_are_one_elsewhere() -> None:
    paths = ["registry/supports/A/x.yaml", "registry/supports/a/y.yaml", "registry/README.md", "registry/readme.md"]
    found = odd_names(paths)
    assert [(one.code, one.where.file) for one in found] == [("YML012", path) for path in paths]
    assert [other.where.file for other in found[2].related] == ["registry/readme.md"]
    assert odd_names(["registry/é.pdf", "registry/É.pdf"])[0].code == "YML012"
    assert odd_names(["registry/A/x", "registry/b/X"]) == []


def test_validate_and_since_report_them(git_repo: Path, git: Git) -> None:
    (git_repo / "registry/parties").mkdir(parents=True)
    (git_repo / "smartreg.toml").write_text("", encoding="utf-8")
    (git_repo / "registry/README.md").write_text("", encoding="utf-8")
    git("add", "-A")
    git("commit", "-qm", "start")
    (git_repo / "registry/parties/aux.yaml").write_text("id: aux\nname: A\ncategory: private\n", encoding="utf-8")
    (git_repo / "registry/readme.MD").write_text("", encoding="utf-8")
    for words in (["validate"], ["validate", "--since", "HEAD"]):
        done = start(*words, "--select", "YML", "-f", "concise", cwd=git_repo)
        assert (done.returncode, "YML011" in done.stdout, "YML012" in done.stdout) == (1, True, True), done.stdout
    refused = start("add-party", "--id", "nul", "--name", "N", "--category", "private", "-y", cwd=git_repo)
    assert (refused.returncode, "YML011" in refused.stdout) == (1, True), refused.stdout + refused.stderr
