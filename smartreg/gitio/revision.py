"""Resolve what a person calls a revision to a commit id; only the id is passed on, so every command reads the name in
the same way, and a name that could mean two commits is refused. The day of a commit cannot be set back: it is the
latest committer date of the commit and its ancestors."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from smartreg.core.clock import now
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.messages import Message, joined, message_in
from smartreg.core.spelling import all_close, day_in
from smartreg.gitio.message import visible
from smartreg.gitio.objects import DIGITS
from smartreg.gitio.runner import Git, GitFailed, text, words_of


class Stamp(NamedTuple):
    """The committer date of a commit (in the committer's time zone; None if unreadable), and its parents."""

    parents: Sequence[str]
    committed: datetime | None


def read_stamps(git: Git, start: str) -> dict[str, Stamp]:
    """The stamps of all commits that `start` reaches, children before their parents."""
    out = git.read("log", "--topo-order", "--no-show-signature", "--format=%H%x00%P%x00%cI", start, "--")
    rows = (line.split("\0") for line in out.decode("ascii", "replace").splitlines())
    return {oid: Stamp(parents.split(), _moment(committed)) for oid, parents, committed in rows}


def commit_days(stamps: Mapping[str, Stamp], until: datetime) -> dict[str, date]:
    """The latest committer day among each commit and its ancestors, dates after `until` excluded; a commit without any
    such date is missing. `stamps`: children before their parents.

    The day is in the committer's own time zone, so it is the same in every clone.
    """
    days: dict[str, date] = {}
    for oid in reversed(list(stamps)):
        parents, committed = stamps[oid]
        earlier = [days[parent] for parent in parents if parent in days]
        if committed is not None and committed <= until:
            earlier.append(committed.date())
        if earlier:
            days[oid] = max(earlier)
    return days


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # a date that Git cannot read, or after the year 9999
        return None


UNSHALLOW = Message("this clone is shallow; run `git fetch --unshallow`")
MOST_REFS = 50
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
# What a revision begins with: a name, or the branch before (`@{-1}`); `~2`, `^{tree}`, `@{1}`, `:path` follow.
_NAME = r"@\{-[0-9]+\}|(?:[^~^:@]|@(?!\{))*"
_PRIOR = "@{-"
_ABBREVIATED = r"(?:.+-[0-9]+-g)?([0-9a-f]{4,})"  # also as `git describe` writes it
_AMBIGUOUS = re.compile(rb"^warning: refname '.*' is ambiguous", re.MULTILINE)
# Where Git looks for a name, in its order (gitrevisions).
_PLACES = ("refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
_TAGS = "refs/tags/"


def resolve(git: Git, rev: str) -> str:
    """The one commit that `rev` names. A day (`2024-03-01`) is the last commit on HEAD's first parents whose day
    (`commit_days`) is not later. HEAD, a full id and a full name (`refs/…`) mean that alone.

    UsageFault, with the nearest names, for anything else, several commits (`a..b`) or all but one (`^a`) included; with
    the full names for a name to which several refs answer, or a ref and an abbreviated id: Git prefers tags, and
    `git fetch` brings those of others.
    """
    if re.fullmatch(_DAY, rev):
        return _at_day(git, rev)
    name = _name_in(rev)
    if "\0" in rev or (name.startswith("refs/") and name not in _refs_called(git, name)):  # refs/tags/refs/… is another
        raise _unknown_revision_fault(git, rev)
    question = ("--end-of-options", f"{rev}^{{commit}}")
    asked = git.start("rev-parse", "--verify", *question).process
    out, warnings = asked.communicate()
    if not _is_exact(git, name):
        answers = _answers(git, name) if _AMBIGUOUS.search(warnings) or "-g" in name else []
        if _AMBIGUOUS.search(warnings) or len(answers) > 1:
            raise _ambiguous_revision_fault(rev, answers)
    oid = text(out).rstrip("\n")
    if asked.returncode and git.line("rev-parse", "--verify", "--quiet", *question) is not None:
        raise GitFailed(asked.returncode, words_of(warnings))  # it could not look: asked again, it finds the commit
    if asked.returncode or not _ID.fullmatch(oid):
        raise _unknown_revision_fault(git, rev)
    return oid


def _name_in(rev: str) -> str:
    """The name with which `rev` begins, without the steps from there."""
    match = re.match(_NAME, rev)
    return match[0] if match else ""


def _is_exact(git: Git, name: str) -> bool:
    """Whether no ref can stand in for the name."""
    whole = len(name) == DIGITS[git.object_format] and bool(_ID.fullmatch(name))
    return whole or name in ("HEAD", "@") or name.startswith("refs/")


def _refs_called(git: Git, name: str) -> list[str]:
    """The full names of the refs that Git may take `name` for, in its order."""
    if not name:
        return []
    places = [*([name] if name.startswith("refs/") else []), *(place.format(name) for place in _PLACES)]
    out = text(git.read("for-each-ref", "--format=%(refname)", *places))
    return sorted(set(out.split()) & set(places), key=places.index)


def _answers(git: Git, name: str) -> list[str]:
    """The full names of refs, and the full ids, that `name` may mean."""
    if name.startswith(_PRIOR):
        name = git.line("check-ref-format", "--branch", name) or ""
    abbreviated = re.fullmatch(_ABBREVIATED, name)
    ids = text(git.read("rev-parse", f"--disambiguate={abbreviated[1]}")).split() if abbreviated else []
    return [*_refs_called(git, name), *ids]


def _ambiguous_revision_fault(rev: str, answers: Sequence[str]) -> UsageFault:
    name = _name_in(rev)
    steps = rev[len(name) :]
    listed = ", ".join(visible(f"{answer}{steps}") for answer in answers)
    tag = next((answer for answer in answers if answer.startswith(_TAGS)), None)
    hint = Message("write the full name: {listed}", listed=listed)
    if tag is not None:
        command = f"git tag -d {shlex.quote(tag.removeprefix(_TAGS))}"
        hint = Message("{hint}; if the tag should not be there: {command}", hint=hint, command=command)
    shown = visible(rev)
    return UsageFault(Message('"{shown}" is ambiguous', shown=shown), hint)


def _at_day(git: Git, written: str) -> str:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise UsageFault(Message("{written} is not a day of the calendar", written=written)) from None
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
            Message("the history here does not reach back to {day}", day=day),
            UNSHALLOW,
        )
    raise UsageFault(
        Message("there is no commit up to {day}", day=day),
        Message("the oldest commit here is of {first}", first=first)
        if first
        else Message("all commits here are dated after now"),
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
        return UsageFault(message_in("revision", "there is no commit yet"))
    out = git.read("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
    near = all_close(rev, [name for name in (*text(out).split(), "HEAD") if name != rev], 3)
    shown = visible(rev)
    hint = Message("name a branch, a tag, a commit id or a day such as 2024-03-01")
    if meant := day_in(rev):
        hint = Message("is it {meant}?", meant=meant)
    elif _is_shallow(git):
        hint = UNSHALLOW
    elif near:
        hint = Message("did you mean {near}?", near=joined(near, Message(" or ")))
    return UsageFault(Message('"{shown}" names no commit', shown=shown), hint)
