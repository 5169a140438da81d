"""How a commit was made: by smartreg or by hand, with the records that it names, with a signature if required."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.values import KeyPath, Location, RecordId, short_id
from smartreg.diff import compare, top_level_changes
from smartreg.features.proofs.trail.commit_step import CommitStep, records_among
from smartreg.features.proofs.trail.states import State, States
from smartreg.gitio import CONSENTS, Commit
from smartreg.gitio.signatures import Signature
from smartreg.registry import Registry

MANUAL, UNSIGNED, OTHERS, UNCHANGED = "AUD901", "AUD902", "AUD908", "AUD909"
ODD_HEADERS, WEAK = "AUD916", "AUD918"
NOT_MADE_BY_GIT = Message(
    "`git commit` does not write this: find out which program pushed the commit (git fsck, git cat-file commit ID)"
)
NAMED = 3  # records that a message names
# Their records are too many to name, or follow from others.
_WIDE = frozenset({"init", "import", "rename", "undo", "schema", "fix", "format", "resolve", "doctor"})


class Unnamed(NamedTuple):
    """A record that trailers do not name; with `field`, a field of a record for which they name other fields."""

    rid: RecordId
    field: str = ""


def check_making(step: CommitStep, states: States, latest: date) -> Iterator[Finding]:
    """The findings about how a commit was made. `latest`: the latest day among it and its ancestors."""
    by_hand, sets = _by_hand(step, states), step.commit.operations
    if by_hand:
        yield _manual(step, by_hand)
    others = _find_unnamed(step) if sets and not step.commit.ops & _WIDE else ()
    if others:
        yield _others(step, others)
    registries = [
        state.registry for state in (step.after, step.before) if state is not None and state.registry is not None
    ]
    if registries:
        yield from check_unchanged(step.commit, step.records, registries[0])
    unsigned = _check_signature(step, latest)
    if unsigned is not None:
        yield unsigned


def check_headers(commit: Commit) -> Iterator[Finding]:
    """AUD916: headers of a commit that Git would not write, which leave unknown who made it or when."""
    faults = {
        Message("its author has no name or address"): not (commit.author_name and commit.author_email),
        Message("its author's date cannot be read"): commit.date is None,
        Message("its committer's date cannot be read"): commit.committed is None,
    }
    for fault, is_there in faults.items():
        if is_there:
            yield Finding(ODD_HEADERS, "warning", fault, Location(""), NOT_MADE_BY_GIT)


def _find_unnamed(step: CommitStep) -> Sequence[Unnamed]:
    """Changes that the trailers do not name: records, and fields of records whose fields they
    name."""
    before = step.before.registry if step.before is not None else None
    unnamed: list[Unnamed] = []
    for rid in step.records:
        fields = [one.fields_of(str(rid)) for one in step.commit.operations if one.speaks_of(str(rid))]
        was, now = before and before.get(rid), step.after.registry and step.after.registry.get(rid)
        if not fields:
            unnamed.append(Unnamed(rid))
        elif None not in fields and was and now:
            all_fields = frozenset().union(*filter(None, fields))
            unnamed += [Unnamed(rid, name) for name in top_level_changes(was.data, now.data) if name not in all_fields]
    return unnamed


def _by_hand(step: CommitStep, states: States) -> Sequence[RecordId]:
    """The records that a commit without trailers changes; for a merge, those with values that no side has."""
    if step.commit.operations:
        return ()
    if len(step.commit.parents) < 2 or step.before is None:
        return step.records
    others = [state for parent in step.commit.parents[1:] if (state := states.of(parent)) is not None]
    return [rid for rid in step.records if _of_its_own(rid, step, (step.before, *others))]


def _of_its_own(rid: RecordId, step: CommitStep, merged: Sequence[State]) -> bool:
    """Whether the record differs from all merged sides, in some field from each of them."""
    now = step.after.registry
    sides = [state.registry for state in merged]
    if now is None or any(side is None for side in sides):
        return False
    files = {tuple(_blobs(side, rid)) for side in sides if side is not None}
    if tuple(_blobs(now, rid)) in files:
        return False
    differing = [_fields(side, now, rid) for side in sides if side is not None]
    return any(_common(path, differing[1:]) for path in differing[0])


def _blobs(registry: Registry, rid: RecordId) -> list[str | None]:
    return [place.blob for place in registry.places.get(rid, ())]


def _fields(before: Registry, after: Registry, rid: RecordId) -> list[KeyPath]:
    was, now = before.get(rid), after.get(rid)
    kind = after.schemas.kinds.get(rid.kind)
    return [change.path for change in compare(was.data if was else {}, now.data if now else {}, kind)]


def _common(path: KeyPath, others: Sequence[Sequence[KeyPath]]) -> bool:
    """Whether each of the others names this path, one above it or one below it."""
    return all(any(path[: len(other)] == other[: len(path)] for other in paths) for paths in others)


def _manual(step: CommitStep, rids: Sequence[RecordId]) -> Finding:
    files = [change.path for change in step.commit.changes if records_among((change.path,), (step.before, step.after))]
    listed = _join(rids)
    return Finding(
        MANUAL,
        "warning",
        Message("changed by hand: {listed}", listed=listed),
        Location(next(iter(files), "")),
    )


def _others(step: CommitStep, unnamed: Sequence[Unnamed]) -> Finding:
    listed = _join([f"{rid} ({field})" if field else str(rid) for rid, field in unnamed])
    files = {change.path for change in step.commit.changes}
    sides = [state.registry for state in (step.after, step.before) if state and state.registry]
    places = [file for side in sides for file in side.files_of(unnamed[0].rid) if file in files]
    return Finding(
        OTHERS,
        "warning",
        Message("its trailers do not name all that it changes: {listed}", listed=listed),
        Location(next(iter(places), "")),
        Message("look at it: smartreg diff {oid}~ {oid}", oid=short_id(step.commit.oid)),
    )


def check_unchanged(commit: Commit, changed: Sequence[RecordId], registry: Registry) -> Iterator[Finding]:
    """AUD909 for records that the commit's trailers name without its changing them."""
    there = {str(rid) for rid in changed}
    changing = [operation for operation in commit.operations if operation.op not in CONSENTS]
    unchanged = dict.fromkeys(name for operation in changing for name in operation.records if name not in there)
    if not unchanged:
        return
    names = {str(rid): rid for rid in registry.places}
    places = [file for name in unchanged if name in names for file in registry.files_of(names[name])]
    listed, short = _join(list(unchanged)), short_id(commit.oid)
    yield Finding(
        UNCHANGED,
        "warning",
        Message("its trailers name what it does not change: {listed}", listed=listed),
        Location(next(iter(places), "")),
        Message("look at it: git show {short}", short=short),
    )


def _join(rids: Sequence[RecordId | str]) -> Text:
    listed = ", ".join(map(str, rids[:NAMED]))
    more = len(rids) - NAMED
    return Message("{listed} and {more} more", listed=listed, more=more) if more > 0 else verbatim(listed)


def asks_for_signature(step: CommitStep, latest: date) -> date | None:
    """The day from which the settings before the commit (its own, where a registry begins) require a signature, if that
    day has come."""
    state = step.before or step.after
    since = state.registry.config.audit.signed_from if state.registry is not None else None
    return since if since is not None and latest >= since else None


def _check_signature(step: CommitStep, latest: date) -> Finding | None:
    since = asks_for_signature(step, latest)
    if step.commit.signed or since is None:
        return None
    return Finding(
        UNSIGNED,
        "error",
        Message("not signed; smartreg.toml asks for signatures from {since} on", since=since),
        _first_file(step.commit),
        verbatim("git config commit.gpgSign true"),
    )


def badly_signed(commit: Commit, signature: Signature, weakness: Text | None) -> Finding | None:
    """AUD902 for a signature that proves nothing (a warning if its key is not available), AUD918 for one of a security
    key or passkey that, for its `weakness`, counts for nobody."""
    if weakness is not None:
        counts = Message("its signature does not count: {weakness}", weakness=weakness)
        return Finding(WEAK, "error", counts, _first_file(commit))
    message = _SIGNATURES.get(signature.state)
    if message is None:
        return None
    unknown = signature.state == "unknown key"
    hint = Message("fetch the key into your keyring: gpg --import")
    return Finding(UNSIGNED, "warning" if unknown else "error", message, _first_file(commit), hint if unknown else None)


_SIGNATURES = {
    "bad": Message("its signature does not match the commit"),
    "expired": Message("its signature, or the key of it, has expired"),
    "revoked": Message("the key of its signature is revoked"),
    "none": Message("its signature is malformed"),
    "unknown key": Message("its signature cannot be verified: the key is not here"),
}


def _first_file(commit: Commit) -> Location:
    return Location(commit.changes[0].path if commit.changes else "")
