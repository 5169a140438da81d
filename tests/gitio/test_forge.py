"""The address at which a forge proposes to merge a branch, by the address of the remote."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Git

from smartreg.gitio import open_repo
from smartreg.gitio.forge import change_address

GITLAB = "/-/merge_requests/new?merge_request%5Bsource_branch%5D=desk%2F%3Cb%3E&merge_request%5Btarget_branch%5D=main"


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/amp/registry.git", "https://github.com/amp/registry/compare/main...desk/%3Cb%3E"),
        ("git@github.com:amp/registry.git", "https://github.com/amp/registry/compare/main...desk/%3Cb%3E"),
        ("ssh://git@codeberg.org/amp/registry", "https://codeberg.org/amp/registry/compare/main...desk/%3Cb%3E"),
        ("https://user:word@gitlab.example.org/a/b.git", f"https://gitlab.example.org/a/b{GITLAB}"),
        ("https://forge.example.org:8443/a/b.git", f"https://forge.example.org:8443/a/b{GITLAB}"),
        ("ssh://git@forge.example.org:2222/a/b.git", f"https://forge.example.org/a/b{GITLAB}"),
        ("https://forge.example.org:99999/a/b.git", None),
        ("/srv/git/registry.git", None),
        ("../registry", None),
        ("file:///srv/git/registry.git", None),
        ("javascript:alert(1)", f"https://javascript/alert%281%29{GITLAB}"),  # a host of that name, as Git reads it
        ("ext::sh -c x", None),
    ],
)
def test_addresses(git_repo: Path, git: Git, remote: str, address: str | None) -> None:
    git("commit", "--quiet", "--allow-empty", "--message=first")
    git("remote", "add", "origin", remote)
    repo = open_repo(git_repo)
    assert repo is not None
    assert change_address(repo, "desk/<b>") == address
