"""Resolve what a person calls a revision to a commit id; only the id is passed on. The day of a commit cannot be
set back: it is the latest committer date of the commit and its ancestors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.spelling import all_close, day_in
from smartreg.core.values import Words
from smartreg.gitio.message import visible
from smartreg.gitio.runner import Git, GitFailed, text


class Stamp(NamedTuple):
    """The committer date of a commit (in the committer's time zone; None if unreadable), and its parents."""

    parents: Sequence[str]
    committed: datetime | None


def read_stamps(git: Git, start: str) -> dict[str, Stamp]:
    """The stamps of all commits that `start` reaches, children before their parents."""
    out = git.read("log", "--topo-order", "--no-show-signature", "--format=%H%x00%P%x00%cI", start, "--")
    rows = (line.split("\0") for line in out.decode("ascii", "replace").splitlines())
    return {oid: Stamp(parents.split(), _moment(committed)) for oid, parents, committed in rows}


def now() -> datetime:
    """The machine's clock, which dates its commits too."""
    return datetime.now(UTC)


def commit_days(stamps: Mapping[str, Stamp], until: datetime) -> dict[str, date]:
    """The latest committer day among each commit and its ancestors, dates after `until` excluded; a commit without any
    such date is missing. `stamps`: children before their parents.

    The day is in the committer's own time zone, so it is the same in every clone.
    """
    days: dict[str, date] = {}
    for oid in reversed(list(stamps)):
        parents, committed = stamps[oid]
        known = [days[parent] for parent in parents if parent in days]
        if committed is not None and committed <= until:
            known.append(committed.date())
        if known:
            days[oid] = max(known)
    return days


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # a date that Git cannot read, or after the year 9999
        return None


UNSHALLOW = Words(
    en="this clone is shallow; run `git fetch --unshallow`",
    fr="ce clone est superficiel ; lancez `git fetch --unshallow`",
)
MOST_REFS = 50
UNKNOWN = 1  # exit code of `git rev-parse --quiet` for most unknown names
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def resolve(git: Git, rev: str) -> str:
    """The one commit that `rev` names. A day (`2024-03-01`) is the last commit on HEAD's first
    parents whose day (`clocks`) is not later.

    UsageFault, with the nearest names, for anything else, several commits (`a..b`) or all but one (`^a`) included;
    GitFailed when Git fails.
    """
    if _DAY.fullmatch(rev):
        return _at_day(git, rev)
    question = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
    try:
        found = text(git.read(*question)).rstrip("\n")
    except GitFailed as fault:
        if fault.code != UNKNOWN and git.line(*question) is not None:  # it exists, but Git could not read it
            raise
        raise _unknown_revision_fault(git, rev) from None
    if not _ID.fullmatch(found):
        raise _unknown_revision_fault(git, rev)
    return found


def _at_day(git: Git, written: str) -> str:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise UsageFault(
            Words(en=f"{written} is not a day of the calendar", fr=f"{written} n'est pas un jour du calendrier")
        ) from None
    try:
        stamps = read_stamps(git, "HEAD")
    except GitFailed:
        if git.line("rev-parse", "--verify", "--quiet", "HEAD") is not None:
            raise
        raise _unknown_revision_fault(git, "HEAD") from None
    days = commit_days(stamps, now())
    line, first = next(iter(stamps), None), None
    while line in stamps:
        first = days.get(line, first)
        if line in days and days[line] <= day:
            return line
        line = next(iter(stamps[line].parents), None)
    if _is_shallow(git):
        raise StateFault(
            Words(
                en=f"the history here does not reach back to {day}",
                fr=f"l'historique présent ici ne remonte pas au {day}",
            ),
            UNSHALLOW,
        )
    raise UsageFault(
        Words(en=f"there is no commit up to {day}", fr=f"il n'y a pas de commit jusqu'au {day}"),
        Words(en=f"the oldest commit here is of {first}", fr=f"le plus ancien commit ici est du {first}")
        if first
        else Words(en="all commits here are dated after now", fr="tous les commits ici sont datés d'après maintenant"),
    )


def _is_shallow(git: Git) -> bool:
    return git.line("rev-parse", "--is-shallow-repository") == "true"


def ref_names(git: Git) -> list[tuple[str, str]]:
    """The latest branches and tags, each with its subject."""
    words = ("for-each-ref", f"--count={MOST_REFS}", "--sort=-creatordate", "--format=%(refname:short)%09%(subject)")
    lines = text(git.read(*words, "refs/heads", "refs/tags", "refs/remotes")).splitlines()
    return [(name, subject) for name, _, subject in (line.partition("\t") for line in lines)]


def _unknown_revision_fault(git: Git, rev: str) -> UsageFault:
    if git.line("rev-parse", "--verify", "--quiet", "HEAD") is None and rev.startswith(("HEAD", "@")):
        return UsageFault(Words(en="there is no commit yet", fr="il n'y a pas encore de commit"))
    out = git.read("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
    near = all_close(rev, [name for name in (*text(out).split(), "HEAD") if name != rev], 3)
    shown = visible(rev)
    hint = Words(
        en="name a branch, a tag, a commit id or a day such as 2024-03-01",
        fr="nommez une branche, un tag, un commit ou un jour, comme 2024-03-01",
    )
    if meant := day_in(rev):
        hint = Words(en=f"is it {meant}?", fr=f"est-ce {meant} ?")
    elif _is_shallow(git):
        hint = UNSHALLOW
    elif near:
        hint = Words(en=f"did you mean {' or '.join(near)}?", fr=f"vouliez-vous dire {' ou '.join(near)} ?")
    return UsageFault(Words(en=f'"{shown}" names no commit', fr=f"« {shown} » ne désigne aucun commit"), hint)
