"""The only writer of records: files and commit together, or neither. The steps: lock, refusals, journal, files,
`git add` of new files, `git commit --only` of exactly our paths with the user's own hooks, signature and identity,
removal of the journal. Whatever stops it, `settle` finishes it or restores everything, before the next write.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import PurePosixPath
from typing import NamedTuple

from smartreg.core.errors import SmartregError, StateFault
from smartreg.core.interrupts import late_interrupt, no_interrupt
from smartreg.core.messages import Message, Text, first_few
from smartreg.core.values import short_id
from smartreg.gitio import direct, history, journal
from smartreg.gitio.direct import Direct
from smartreg.gitio.faults import describe_os_error, translate_os_errors
from smartreg.gitio.journal import Journal, Planned, holds
from smartreg.gitio.message import CommitMessage
from smartreg.gitio.objects import blob_id
from smartreg.gitio.refusals import LOCK_PATIENCE, await_index, outside, refuse_encodings, refuse_places
from smartreg.gitio.repo import Repo, Write
from smartreg.gitio.runner import Git, GitFailed, RunningWrite
from smartreg.gitio.settings import encodings_of
from smartreg.gitio.stale_locks import clear_stale_locks
from smartreg.gitio.turns import PATIENCE, PAUSE, BusyElsewhere, current_writer, hold_lock, is_held
from smartreg.gitio.write_checks import PendingWriteChecks, ask_before_write

_PAUSE = 0.05
_PATIENCE_OF_READERS = 0.25  # seconds that they wait for a running command, to see all of its write or nothing
_UPDATE_INDEX = ("update-index", "--add", "--remove", "-z", "--stdin")
_FAST_IMPORT = ("fast-import", "--quiet", "--done", "--date-format=raw")
# Up to a hundred objects become loose ones anyway: packing them well is no use.
_FAST_IMPORT_FEW = ("-c", "pack.compression=0", *_FAST_IMPORT, "--depth=0")
_STAGE_ALL_FROM = 16  # number of files from which `git add` in one batch saves a disk flush for each
_SAME_PATHS = 20  # of our paths that suffice to find our commit


class SettledWrite(NamedTuple):
    """How an interrupted write ended: `commit`, if it was made; `kept`: files that have been changed since, and were
    left alone; `staged`: Git had been told that the files settle a conflict, so they stay."""

    commit: str | None
    paths: tuple[str, ...]
    kept: tuple[str, ...]
    staged: bool = False


def commit(
    repo: Repo,
    writes: Sequence[Write],
    message: CommitMessage,
    *,
    expected: Mapping[str, bytes | None],
    make_commit: bool = True,
    checks: PendingWriteChecks | None = None,
) -> str | None:
    """Write files and commit exactly them; the commit's id, None if nothing changes or `make_commit` is false.
    `expected` is what the caller has read (None: no file), for every path of `writes` and any other it relied on;
    `checks`: questions already put to Git, to save time. Raises StateFault, with everything as it was, if a file has
    changed or contains the user's uncommitted work, or if Git, a hook or the signature refuses.
    """
    text = message.text()
    changing = [write for write in writes if write.content != expected[write.path]]
    with translate_os_errors():
        if not changing:
            return None
        with hold_lock(repo.common_dir), late_interrupt():
            with no_interrupt():
                settle(repo)
            head, way = _refuse(repo, changing, expected, make_commit, checks)
            planned = _plan(repo, changing, expected)
            entry = Journal(repo.prefix, head, message.first_line(), make_commit, *planned, current_writer())

            def record() -> str | None:
                if not make_commit:
                    return None
                made = _directly(repo, entry, changing, text, way) if way else None
                return made or _record(repo, entry, text, expected)

            return _write(repo, entry, changing, expected, record)


def conclude_merge(
    repo: Repo, writes: Sequence[Write], settled: Sequence[str], *, expected: Mapping[str, bytes | None]
) -> str | None:
    """Write files, and tell Git that the paths `settled` are, as `git add` does: both or neither. Where it is in the
    middle of a merge, and nothing is in conflict any more, make its commit, with the message that Git prepared and the
    user's own hooks, signature and identity: its id; None if there is none yet. StateFault, with everything as it was,
    if a file has changed; where Git, a hook or the signature refuses the commit, the files stay settled, and the merge
    waits for it."""
    with translate_os_errors(), hold_lock(repo.common_dir), late_interrupt():
        with no_interrupt():
            settle(repo)
        _refuse(repo, writes, expected, False, None)
        entry = Journal(repo.prefix, repo.head(), "", False, *_plan(repo, writes, expected), current_writer())

        def conclude() -> str | None:
            if settled:
                _on_paths(repo, entry, ("add",), settled, hooks=False)
            return _commit_merge(repo, entry)

        return _write(repo, entry, writes, expected, conclude)


def _write(
    repo: Repo,
    entry: Journal,
    writes: Sequence[Write],
    expected: Mapping[str, bytes | None],
    finish: Callable[[], str | None],
) -> str | None:
    """Write files, then finish in Git: both or neither. What `finish` returns."""
    journal.publish(repo, journal.prepare(repo, entry, writes, expected))
    try:
        journal.place_files(repo, entry)
        made = finish()
    except BaseException as fault:
        with no_interrupt():
            return _after(repo, entry, writes, fault)
    # Nothing from here on may turn the commit into a failure; the next command drops a leftover journal.
    with suppress(OSError):
        journal.drop(repo)
    return made


def _commit_merge(repo: Repo, entry: Journal) -> str | None:
    """Make the commit of the merge under way, if there is one and nothing is in conflict."""
    if not repo.merge_heads() or repo.unmerged():
        return None
    said = journal.folder_of(repo) / "said"
    command = ("commit", "--quiet", "--no-edit", "--cleanup=strip", "--no-status")
    if not _is_merged(repo):
        try:
            _patiently(repo, entry, lambda: repo.git.write(command, said, hooks=True))
        except GitFailed as fault:
            if not _is_merged(repo):
                raise StateFault(
                    Message(
                        "the conflicts are settled, but Git did not make the commit. It said:\n{said}", said=fault.said
                    ),
                    Message("mend what the hook, the signature or Git complains of, and try again"),
                ) from None
            clear_stale_locks(repo, journal.begin_time_ns(repo))
    if repo.merge_heads():  # Git was killed once it had moved the branch
        repo.git.write(("merge", "--quit"), said, hooks=False)
    return repo.head()


def _is_merged(repo: Repo) -> bool:
    """Whether HEAD has all that the merge under way brings in."""
    return all(repo.is_ancestor(head, "HEAD") for head in repo.merge_heads())


def report_interrupted(repo: Repo) -> Text | None:
    """The note of a reader, who changes nothing, about an interrupted write. None if there is none, or the command
    still runs."""
    give_up = time.monotonic() + _PATIENCE_OF_READERS
    while journal.is_pending(repo) and is_held(repo.common_dir):
        if time.monotonic() >= give_up:
            return None
        time.sleep(PAUSE)
    if not journal.is_pending(repo):
        return None
    return Message(
        "a write was interrupted: files may be as it left them; the next command that writes finishes or undoes it, "
        "or: smartreg doctor --fix"
    )


def recover(repo: Repo) -> Text | None:
    """Finish or undo an interrupted write before another one is planned, and report it; None if there is none. Raises
    StateFault if that is impossible, or another command is writing."""
    if not journal.is_pending(repo):
        return None
    with translate_os_errors(), hold_lock(repo.common_dir), no_interrupt():
        settled = settle(repo)
    return _describe(settled) if settled else None


def settle(repo: Repo) -> SettledWrite | None:
    """Finish or undo the write that the journal records; the caller holds the lock. None if there is none. StateFault
    if the journal is not one of this user (`journal.load`); BusyElsewhere if its writer is at work all the same."""
    give_up = time.monotonic() + PATIENCE
    while (pending := journal.load(repo)) is not None and pending.writer.is_at_work:
        if time.monotonic() >= give_up:
            raise BusyElsewhere
        time.sleep(PAUSE)
    return None if pending is None else _conclude(repo, pending)


def _conclude(repo: Repo, pending: Journal) -> SettledWrite:
    """The write was made if a later commit contains our paths with our bytes, or has our subject: then only the index
    may be behind; one that settles conflicts, if the index has our bytes. Otherwise the files, and their index entries,
    are restored."""
    clear_stale_locks(repo, journal.begin_time_ns(repo))
    await_index(repo)
    paths = tuple(planned.path for planned in pending.files)
    made = _find_commit(repo, pending) if pending.commits else None
    is_settled = pending.settles and _is_staged(repo, pending)
    kept = () if made or is_settled else journal.put_back(repo, pending)
    staged = {path: entry.blob for path, entry in repo.index(kept).items()} if pending.commits and kept else {}
    # Later changes stay; if the index holds our bytes of such a file, that entry is restored too.
    ours = [path for path, _, new in pending.files if path not in kept or (path in staged and staged[path] == new)]
    if pending.commits and ours:
        _on_paths(repo, pending, ("reset", "--quiet"), ours, hooks=False)
    journal.drop(repo)
    return SettledWrite(made, paths, kept, is_settled)


def _is_staged(repo: Repo, pending: Journal) -> bool:
    """Whether the index has all files as they were written: `git add` puts all or none of them there."""
    entries = repo.index([planned.path for planned in pending.files]) if pending.files else {}
    return all(
        (entries[path].blob, entries[path].stage) == (new, 0) if path in entries else new is None
        for path, _, new in pending.files
    )


def _refuse(
    repo: Repo,
    changing: Sequence[Write],
    expected: Mapping[str, bytes | None],
    make_commit: bool,
    checks: PendingWriteChecks | None,
) -> tuple[str | None, Direct | None]:
    """Refuse before the first byte is written; returns the commit of HEAD, and the short way if there is one."""
    paths = [write.path for write in changing]
    present = {path for path in paths if expected[path] is not None}
    refuse_places(repo.root, paths, set(paths) - present)
    written = set(paths)
    left_out = _find_skipped(repo, expected)
    if not written.isdisjoint(left_out):
        raise outside(repo, written.intersection(left_out))
    for path, content in expected.items():
        if path not in written and path not in left_out and not holds(repo.root / path, content):
            raise journal.concurrent_change(path)
    if not make_commit:
        refuse_encodings(encodings_of(repo.git, paths))
        return None, None
    if checks is None or not checks.holds(repo, paths):
        checks = ask_before_write(repo, {path: expected[path] for path in paths})
    try:
        return checks.check(repo, changing, present)
    finally:
        checks.end()


def _find_skipped(repo: Repo, expected: Mapping[str, bytes | None]) -> set[str]:
    """The files whose expected content is only in Git's index, as in a sparse checkout."""
    absent = [
        path for path, content in expected.items() if content is not None and not os.path.lexists(repo.root / path)
    ]
    entries = repo.index(absent) if absent else {}
    ids = {path: _id(expected[path], repo.object_format()) for path in absent}
    return {path for path, entry in entries.items() if entry.is_skipped and entry.blob == ids.get(path)}


def _plan(
    repo: Repo, changing: Sequence[Write], expected: Mapping[str, bytes | None]
) -> tuple[tuple[str, ...], tuple[Planned, ...]]:
    """The folders to create, outermost first, and the files with their ids before and after."""
    kind = repo.object_format()
    files = tuple(Planned(path, _id(expected[path], kind), _id(content, kind)) for path, content in changing)
    parents = {
        parent for write in changing if write.content is not None for parent in PurePosixPath(write.path).parents
    }
    folders = sorted((str(parent) for parent in parents if not (repo.root / parent).is_dir()), key=len)
    return tuple(folders), files


def _directly(repo: Repo, entry: Journal, writes: Sequence[Write], text: str, way: Direct) -> str | None:
    """Make the commit the short way, and return its id; None if that was refused and no commit was made."""
    folder = journal.folder_of(repo)
    given, paths = folder / "stream", folder / "paths"
    given.write_bytes(direct.stream(repo, way, writes, text))
    paths.write_bytes(b"".join(f"{planned.path}\0".encode("utf-8", "surrogateescape") for planned in entry.files))

    def index(name: str) -> RunningWrite:
        return repo.git.begin(_UPDATE_INDEX, folder / name, paths)

    few = len(writes) < _STAGE_ALL_FROM
    # In parallel; the first flushes many objects to the disk at once, and the second finds them.
    indexing = index("said-of-index") if few else None
    begun = repo.git.begin(_FAST_IMPORT_FEW if few else _FAST_IMPORT, folder / "said", given)
    try:
        begun.end()
    except GitFailed as fault:  # the branch has moved, or Git disagrees: the long way reports more
        if indexing:
            indexing.process.wait()
        if fault.code < 0:  # killed, and only HEAD tells how far it came
            raise
        return None
    if indexing is None or indexing.process.wait():
        # If another program holds the index for long, `settle` updates it.
        _patiently(repo, entry, lambda: index("said-of-index").end())
    return direct.answer(folder / "said")


def _record(repo: Repo, entry: Journal, text: str, relied_on: Collection[str]) -> str | None:
    """Make the commit, and return its id. Raises GitFailed if Git, a hook or the signature refuses, StateFault if
    another commit has changed one of the paths that we `relied_on`: Git makes ours on top of any."""
    _refuse_lost_race(repo, entry, relied_on)
    place = journal.folder_of(repo) / "message"
    place.write_bytes(text.encode("utf-8"))
    paths = [planned.path for planned in entry.files]
    staged = (
        paths if len(paths) >= _STAGE_ALL_FROM else [planned.path for planned in entry.files if planned.old is None]
    )
    if staged:
        batch = ("-c", "core.fsyncMethod=batch") if len(staged) >= _STAGE_ALL_FROM else ()
        _on_paths(repo, entry, (*batch, "add"), staged)
    # cleanup=whitespace whatever commit.cleanup says: a line that begins with # stays.
    options = ("--quiet", "--only", "--cleanup=whitespace", "--no-status", f"--file={place}")
    _on_paths(repo, entry, ("commit", *options), paths)
    # HEAD may already be somebody else's next commit.
    since = f"{entry.head}..HEAD" if entry.head else "HEAD"
    return repo.git.line("rev-list", "-1", since, "--", paths[0]) or repo.head()


def _refuse_lost_race(repo: Repo, entry: Journal, relied_on: Collection[str]) -> None:
    head = repo.head()
    if head == entry.head:
        return
    if head is None or entry.head is None:
        raise journal.concurrent_change(min(relied_on))
    for change in repo.changes(entry.head, head, ()):
        if change.path in relied_on:
            raise journal.concurrent_change(change.path)


def _on_paths(repo: Repo, entry: Journal, command: Sequence[str], paths: Sequence[str], *, hooks: bool = True) -> None:
    """Run a Git command on exactly these paths, retrying while another Git command holds a lock."""
    folder = journal.folder_of(repo)
    listed = folder / "paths"
    listed.write_bytes(b"".join(f":(literal){path}\0".encode("utf-8", "surrogateescape") for path in paths))
    git = Git(repo.top / entry.prefix, repo.object_format())
    arguments = (*command, f"--pathspec-from-file={listed}", "--pathspec-file-nul")
    _patiently(repo, entry, lambda: git.write(arguments, folder / "said", hooks=hooks))


def _patiently(repo: Repo, entry: Journal, command: Callable[[], None]) -> None:
    """Run a Git command, retrying while another one holds a lock."""
    give_up = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            return command()
        except GitFailed as fault:
            locked = ".lock'" in fault.said or "cannot lock ref" in fault.said
            if not locked or time.monotonic() >= give_up or _find_commit(repo, entry):
                raise
        time.sleep(_PAUSE)


def _find_commit(repo: Repo, entry: Journal) -> str | None:
    """The commit that contains the write; None if there is none."""
    if not entry.commits or repo.head() == entry.head:
        return None
    ours = {planned.path: planned.new for planned in entry.files[:_SAME_PATHS]}
    git = Git(repo.top / entry.prefix, repo.object_format())
    for commit in history.read(git, "HEAD", [entry.head] if entry.head else [], list(ours), entry.prefix):
        same = {change.path: change.after for change in commit.changes if change.path in ours} == ours
        if same or entry.subject in commit.subject:
            return commit.oid
    return None


def _after(repo: Repo, entry: Journal, writes: Sequence[Write], fault: BaseException) -> str:
    """The outcome of a write that `fault` stopped: the commit, if HEAD has it all the same; otherwise raise."""
    try:
        made = _conclude(repo, entry).commit
    except (OSError, SmartregError) as second:
        made = _made_all_the_same(repo, entry, second)
    if made:
        return made
    if isinstance(fault, GitFailed):
        raise _refusal(repo, [write.path for write in writes], fault.said) from None
    raise fault


def _made_all_the_same(repo: Repo, entry: Journal, fault: OSError | SmartregError) -> str:
    """The commit of a write that could be neither finished nor undone, as HEAD tells. Raises StateFault if there is
    none."""
    hint = fault.message if isinstance(fault, SmartregError) else describe_os_error(fault).message
    try:
        made = _find_commit(repo, entry)
    except (OSError, SmartregError):
        raise StateFault(
            Message(
                "the write failed, and Git does not say whether its commit was made: look at git log -1; the next "
                "command that writes finishes or undoes it"
            ),
            hint,
        ) from fault
    if made is None:
        raise StateFault(
            Message("the write failed and cannot be undone yet; the next command that writes will undo it"),
            hint,
        ) from fault
    return made


def _refusal(repo: Repo, paths: Sequence[str], said: str) -> StateFault:
    if "outside of your sparse-checkout" in said:
        return outside(repo, [path for path in paths if path in said] or paths)
    if "ignored by one of your .gitignore files" in said:
        return StateFault(
            Message("a .gitignore rule keeps this file out of Git; nothing was changed"),
            Message("change the rule: git check-ignore -v <file>"),
        )
    return StateFault(
        Message("Git did not make the commit; nothing was changed. It said:\n{said}", said=said),
        Message("mend what the hook, the signature or Git complains of, then run the command again"),
    )


def _describe(settled: SettledWrite) -> Text:
    names = first_few(settled.paths, 3)
    if settled.commit:
        return Message(
            "an interrupted command had been committed all the same ({commit}): {names}",
            commit=short_id(settled.commit),
            names=names,
        )
    if settled.staged:
        return Message("an interrupted command had settled the conflicts all the same: {names}", names=names)
    kept = ", ".join(settled.kept)
    if kept:
        return Message(
            "an interrupted command was undone: {names}; left as you changed it since: {kept}", names=names, kept=kept
        )
    return Message("an interrupted command was undone: {names}", names=names)


def _id(content: bytes | None, object_format: str) -> str | None:
    return None if content is None else blob_id(content, object_format)
