"""The forge that a clone comes from: the address of its page on which a branch is proposed for merging."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode, urlsplit

from smartreg.gitio.repo import Repo

_SCP = r"(?:[^@/\s]+@)?(?P<host>[A-Za-z0-9.-]+):(?P<path>(?![/:]).+)"  # git@host:owner/name.git
_LIKE_GITHUB = ("github", "gitea", "forgejo", "codeberg")


def change_address(repo: Repo, branch: str) -> str | None:
    """The page for a pull or merge request of a branch into the default branch, at the remote `origin`; None where that
    is a folder, or no web server is known for it. Never with a name or password of the remote's address."""
    remote = repo.git.line("remote", "get-url", "origin") or ""
    place = _web_address(remote)
    if place is None:
        return None
    base = repo.default_branch()
    if any(word in place for word in _LIKE_GITHUB):
        return f"{place}/compare/{quote(base)}...{quote(branch)}"
    names = {"merge_request[source_branch]": branch, "merge_request[target_branch]": base}
    return f"{place}/-/merge_requests/new?{urlencode(names)}"


def _web_address(remote: str) -> str | None:
    parts = urlsplit(remote) if "://" in remote else None
    if parts is not None and parts.scheme in ("https", "http", "ssh", "git+ssh"):
        try:
            host, port, path = parts.hostname, parts.port, parts.path
        except ValueError:
            return None
        web = f"{host}:{port}" if port and parts.scheme in ("https", "http") else host
        scheme = parts.scheme if parts.scheme == "http" else "https"
    elif parts is None and (short := re.fullmatch(_SCP, remote)):
        scheme, web, path = "https", short["host"], short["path"]
    else:
        return None
    clean = quote(path.strip("/").removesuffix(".git"))
    return f"{scheme}://{web}/{clean}" if web and clean else None
