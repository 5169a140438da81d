"""Send what was committed here to a branch of its own on the remote, from which the forge merges it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from smartreg.core.errors import Refused, StateFault
from smartreg.core.messages import Message
from smartreg.core.spelling import slug
from smartreg.core.values import short_id
from smartreg.gitio import Repo, change_address
from smartreg.gitio.repo import BRANCHES, REMOTES
from smartreg.gitio.signatures import verify
from smartreg.review.authors.writers import Writers
from smartreg.workspace.workspace import Workspace

PATIENCE_S = 120.0
_ADDRESS = re.compile(r"https://[^\s<>\"']+")
_HOST = re.compile(r"(?:[a-z+]+://)?(?:[^/@\s]*@)?([A-Za-z0-9.-]{2,})[:/]")  # also git@forge.example:group/registry.git


@dataclass(frozen=True)
class Unsent:
    """What HEAD and the branch into which changes are merged (`base`, as on the remote) have that the other lacks, in
    commits; how many of HEAD's no branch of the remote has. `branch`: the one that they are sent to (None: nothing is
    ahead)."""

    remote: str
    base: str
    ahead: int
    behind: int
    unsent: int
    branch: str | None


@dataclass(frozen=True)
class Sent:
    """Where it went, and the address on which the forge proposes to merge it, where it is known."""

    branch: str
    base: str
    address: str | None


def unsent(workspace: Workspace, on: date) -> Unsent | None:
    """What is to be sent; None without Git, a commit or a remote."""
    repo = workspace.repo
    remote = repo.remote() if repo and repo.head() else None
    if repo is None or remote is None:
        return None
    upstream = repo.upstream()
    behind, ahead = repo.count_apart(upstream)
    new = len(repo.commit_ids((), exclude=repo.tips(f"{REMOTES}{remote}")))
    branch = _branch(workspace, repo, upstream, on) if ahead else None
    return Unsent(remote, repo.default_branch(), ahead, behind, new, branch)


def send(workspace: Workspace, on: date) -> Sent:
    """Push HEAD to the branch of `unsent`, which grows with what is added here until it is merged; never to the default
    branch, and never over what others have. Refused if there is nothing to send."""
    waiting = unsent(workspace, on)
    if waiting is None:
        raise StateFault(
            Message("there is no remote to send to"), Message("add one in a terminal: git remote add origin URL")
        )
    if waiting.branch is None:
        raise Refused(Message("there is nothing to send: {base} has everything", base=waiting.base))
    repo = workspace.git
    target = f"{repo.resolve('HEAD')}:{BRANCHES}{waiting.branch}"
    answer = repo.git.talk_to_remote(("push", "--no-progress", waiting.remote, target), PATIENCE_S)
    address = named_address(answer, repo.git.line("remote", "get-url", "--push", waiting.remote) or "")
    return Sent(waiting.branch, waiting.base, address or change_address(repo, waiting.branch))


def _branch(workspace: Workspace, repo: Repo, upstream: str, on: date) -> str:
    """`desk/PARTY/ID`: the only party for which the last commit may speak, by its key or its author's address (else the
    author), and the first commit that is ahead."""
    head = repo.resolve("HEAD")
    commit = repo.commit_info(head)
    author = Writers(workspace.current, on).author(commit, verify(repo.git, [head])[head])
    parties = author.proven or author.hinted
    name = next(iter(parties)).id if len(parties) == 1 else commit.author_name
    first = list(repo.parents(head, (repo.resolve(upstream),)))[-1]
    return f"desk/{slug(name) or 'somebody'}/{short_id(first)}"


def named_address(said: str, remote: str) -> str | None:
    """The address that a forge names when it is sent to, if it is on the host of the remote's own address."""
    host = _HOST.match(remote)
    addresses = (
        address for address in _ADDRESS.findall(said) if host and urlsplit(address).hostname == host[1].lower()
    )
    return next(addresses, None)
