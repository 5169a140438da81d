"""Notes for the reviewer on what surrounds records: mappings of imports, deletions, moves, large files. None of
it is wrong by itself; all of it is easily overlooked in a long pull request."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text, number
from smartreg.core.values import Location, RecordId, short_id
from smartreg.gitio import FileChange, Repo
from smartreg.registry import PROOF_FOLDER, Registry, is_import_file
from smartreg.trees import find_differing

LEFT, LARGE, MAPPING, ALTERED = "CHG818", "CHG819", "CHG829", "CHG830"


def mapping_changes(repo: Repo, changes: Iterable[FileChange], tip: str, base: str) -> Iterator[Finding]:
    """CHG829 for each mapping of an import that the change writes or removes, because the next import follows it, with
    the commit that did so (None: it is not committed yet)."""
    for change in changes:
        file = from_registry(change.path, repo.prefix)
        if is_import_file(file):
            by = describe_last_change(repo, file, tip, base)
            yield Finding(
                MAPPING,
                "info",
                Message(
                    "this change alters {file}, which the next import of that sheet follows ({by})", file=file, by=by
                ),
                Location(file),
                Message("review it like the records that it makes"),
            )


def altered_proofs(changes: Iterable[FileChange], prefix: str = "", commit: str | None = None) -> Iterator[Finding]:
    """CHG830 for each timestamp and countersignature of a seal that the change alters or removes. `prefix`: of the
    registry, where paths are from the top; `commit`: the one that did it (None: the change that is checked)."""
    for change in changes:
        file = from_registry(change.path, prefix)
        if file.startswith(f"{PROOF_FOLDER}/") and change.before is not None:
            removed = change.after is None
            if commit is None:
                what = Message("this change alters {file}", file=file)
                if removed:
                    what = Message("this change removes {file}", file=file)
            elif removed:
                what = Message("commit {commit} removed {file}", commit=commit, file=file)
            else:
                what = Message("commit {commit} altered {file}", commit=commit, file=file)
            yield Finding(
                ALTERED,
                "error",
                what,
                Location(file),
                Message("timestamps and countersignatures are only ever added: put the file back as it was recorded"),
            )


def describe_last_change(repo: Repo, file: str, tip: str, base: str | None = None) -> Text:
    """Who last changed a file between two commits (None: from the beginning), and when; or that nobody has committed
    it yet."""
    commits = repo.history((file,), start=tip, exclude=(base,) if base else ())
    last = next((commit for commit in commits if len(commit.parents) < 2), None)
    if last is None:
        return Message("not committed yet")
    day = last.date.date().isoformat() if last.date is not None else "?"
    by = f"{last.author_name}, {day}, {short_id(last.oid)}"
    return Message("last changed by {by}", by=by)


def from_registry(path: str, prefix: str) -> str:
    """A path from the top of the repository as one from the registry, whose own is `prefix`."""
    return posixpath.relpath(path, prefix) if prefix else path


def records_left(before: Registry, after: Registry) -> Iterator[Finding]:
    """CHG818 for removed records, and for those whose file moved. If a kind has no life cycle, nothing shows that a
    record was never used, and CHG802 cannot decide: its removal is an error."""
    files = sorted(find_differing(before.tree.files(), after.tree.files()))
    for rid in dict.fromkeys(before.by_file[file] for file in files if file in before.by_file):
        places, now = before.places[rid], after.places.get(rid, ())
        if not now:
            kind = before.schemas.kinds.get(rid.kind)
            yield _removal_note(rid, places[0].file, has_life_cycle=kind is not None and kind.lifecycle is not None)
        elif not {place.file for place in places} & {place.file for place in now}:
            yield _move_note(rid, places[0].file, now[0].file)


def _removal_note(rid: RecordId, file: str, *, has_life_cycle: bool) -> Finding:
    """CHG818 for a removed record; a status says whether it was in service, where the kind has a life cycle."""
    if has_life_cycle:
        return Finding(
            LEFT,
            "info",
            Message("this change deletes {rid}", rid=rid),
            Location(file),
            Message("review it: a record that was in service is retired, not deleted"),
        )
    return Finding(
        LEFT,
        "error",
        Message("this change deletes {rid}, which may have been in service", rid=rid),
        Location(file),
        Message('keep the file; if it must go, allow it on the base: [severity] CHG818 = "info" in its smartreg.toml'),
    )


def _move_note(rid: RecordId, file: str, to: str) -> Finding:
    return Finding(
        LEFT,
        "info",
        Message("this change moves {rid} from {file}", rid=rid, file=file),
        Location(to),
        Message("review it: links from elsewhere may name the old place"),
    )


def large_files(
    changes: Iterable[FileChange], sizes: Mapping[str, int], prefix: str, most_mb: float
) -> Iterator[Finding]:
    """CHG819 for files that are larger than `most_mb` megabytes."""
    for change in changes:
        size = sizes.get(change.after or "", 0)
        if size > most_mb * 1e6:
            shown, most = f"{size / 1e6:.1f}", f"{most_mb:g}"
            yield Finding(
                LARGE,
                "warning",
                Message("this file is {shown} MB", shown=number(shown)),
                Location(from_registry(change.path, prefix)),
                Message(
                    "Git keeps it for ever, in every clone; above {most} MB, give an address and a digest instead",
                    most=most,
                ),
            )
