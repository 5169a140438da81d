"""Whether the repository shows the true and complete history: anchors, replace refs, grafts, shallow clones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartreg.core.findings import Finding
from smartreg.core.values import Location, Words, short_id
from smartreg.gitio import Repo

REWRITTEN, ANOTHER, INCOMPLETE = "AUD903", "AUD904", "AUD905"
WHOLE_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
NAMED_OBJECTS = 3  # replaced objects that are named
_FETCH = Words(
    "fetch it from someone who has it, and keep both lines until it is known what happened",
    "récupérez-le chez qui le détient (git fetch), et gardez les deux lignées tant que l'on ignore ce qui s'est passé",
)


def check_contained(repo: Repo, head: str, commit: str, called: Words, place: str) -> Finding | None:
    """AUD903 if the history of `head` does not contain the commit `called` this. In a shallow clone nobody can tell:
    AUD905."""
    is_here = repo.tree_id(commit) is not None
    if is_here and repo.is_ancestor(commit, head):
        return None
    if repo.is_shallow():
        return incomplete(called)
    short = short_id(commit)
    if is_here:
        message = Words(
            f"{called.en} ({short}) is not in the present history: it was rewritten",
            f"{called.fr} ({short}) n'est pas dans l'historique actuel : il a été réécrit",
        )
    else:
        message = Words(
            f"{called.en} ({short}) is not in the present history, nor anywhere else here: it was rewritten",
            f"{called.fr} ({short}) n'est pas dans l'historique actuel, ni ailleurs ici : il a été réécrit",
        )
    return Finding(
        REWRITTEN,
        "error",
        message,
        Location(place),
        _FETCH,
    )


def incomplete(what: Words | None = None) -> Finding:
    """AUD905: the clone is shallow, and the question cannot be answered."""
    if what is None:
        message = Words(
            "this clone is shallow: a part of the history is missing",
            "ce clone est superficiel : une partie de l'historique manque",
        )
    else:
        message = Words(
            f"this clone is shallow: a part of the history is missing ({what.en} cannot be looked for)",
            f"ce clone est superficiel : une partie de l'historique manque ({what.fr} ne peut y être cherché)",
        )
    return Finding(
        INCOMPLETE,
        "error",
        message,
        Location(".git/shallow"),
        Words("git fetch --unshallow", "git fetch --unshallow"),
    )


def another_history(repo: Repo) -> Iterator[Finding]:
    """AUD904 for replace refs and grafts."""
    replaced = repo.replace_refs()
    if replaced:
        listed = ", ".join(map(short_id, replaced[:NAMED_OBJECTS])) + (", …" if len(replaced) > NAMED_OBJECTS else "")
        yield Finding(
            ANOTHER,
            "error",
            Words(
                f"Git shows other objects in place of {listed}; this audit read the true ones",
                f"Git montre d'autres objets à la place de {listed} ; cet audit a lu les vrais",
            ),
            Location("refs/replace"),
            Words(f"git replace -d {replaced[0]}", f"git replace -d {replaced[0]}"),
        )
    if repo.has_grafts():
        yield Finding(
            ANOTHER,
            "error",
            Words(
                "grafts make Git show other parents than the commits have; this audit read the true ones",
                "des greffes font montrer à Git d'autres parents que ceux des commits ; cet audit a lu les vrais",
            ),
            Location(".git/info/grafts"),
            Words("delete .git/info/grafts", "supprimez .git/info/grafts"),
        )
