"""Whether the repository shows the true and complete history: anchors, replace refs, grafts, shallow clones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text, first_few, verbatim
from smartreg.core.values import Location, short_id
from smartreg.gitio import Repo

REWRITTEN, ANOTHER, INCOMPLETE = "AUD903", "AUD904", "AUD905"
WHOLE_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
NAMED_OBJECTS = 3  # replaced objects that are named
_FETCH = Message("fetch it from someone who has it, and keep both lines until it is known what happened")


def check_contained(repo: Repo, head: str, commit: str, called: Text, place: str) -> Finding | None:
    """AUD903 if the history of `head` does not contain the commit `called` this. In a shallow clone nobody can tell:
    AUD905."""
    if repo.is_ancestor(commit, head):
        return None
    if repo.is_shallow():
        return incomplete(called)
    short = short_id(commit)
    if repo.tree_id(commit) is not None:
        message = Message(
            "{called} ({short}) is not in the present history: it was rewritten", called=called, short=short
        )
    else:
        message = Message(
            "{called} ({short}) is not in the present history, nor anywhere else here: it was rewritten",
            called=called,
            short=short,
        )
    return Finding(
        REWRITTEN,
        "error",
        message,
        Location(place),
        _FETCH,
    )


def incomplete(what: Text | None = None) -> Finding:
    """AUD905: the clone is shallow, and the question cannot be answered."""
    if what is None:
        message = Message("this clone is shallow: a part of the history is missing")
    else:
        message = Message(
            "this clone is shallow: a part of the history is missing ({what} cannot be looked for)", what=what
        )
    return Finding(
        INCOMPLETE,
        "error",
        message,
        Location(".git/shallow"),
        verbatim("git fetch --unshallow"),
    )


def another_history(repo: Repo) -> Iterator[Finding]:
    """AUD904 for replace refs and grafts."""
    replaced = repo.replace_refs()
    if replaced:
        listed = first_few([*map(short_id, replaced)], NAMED_OBJECTS)
        yield Finding(
            ANOTHER,
            "error",
            Message("Git shows other objects in place of {listed}; this audit read the true ones", listed=listed),
            Location("refs/replace"),
            verbatim(f"git replace -d {replaced[0]}"),
        )
    if repo.has_grafts():
        yield Finding(
            ANOTHER,
            "error",
            Message("grafts make Git show other parents than the commits have; this audit read the true ones"),
            Location(".git/info/grafts"),
            Message("delete .git/info/grafts"),
        )
