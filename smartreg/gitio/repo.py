"""Read a Git repository: its location, and the content of its revisions, index and working tree.

All paths are POSIX and relative to the root of the registry, which may be a folder inside the Git working tree.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple, cast

from smartreg.core.clock import now
from smartreg.core.errors import StateFault
from smartreg.core.messages import Message
from smartreg.core.values import short_id
from smartreg.gitio import history, revision
from smartreg.gitio.bombs import (
    EVERYTHING,
    FOLDER_MODE,
    PathScope,
    find_bombs,
    list_entries,
    list_tree,
    refuse_bombs,
    scope_of,
)
from smartreg.gitio.history import Commit, FileChange
from smartreg.gitio.objects import (
    DIGITS,
    LS_FILES,
    ObjectFormat,
    TreeEntry,
    read_blobs,
    read_entries,
    read_entry,
    read_sizes,
    read_tree,
)
from smartreg.gitio.revision import UNSHALLOW, Stamp, commit_days, read_stamps
from smartreg.gitio.runner import EMPTY_TREE, Git, GitFailed, text
from smartreg.gitio.settings import read_conversion
from smartreg.gitio.status import Status, read_status

REGISTRY_PATHS = ("smartreg.toml", "schemas", "registry")
BRANCHES, REMOTES = "refs/heads/", "refs/remotes/"
_PLAIN = frozenset({None, "100644", "100755"})
MOST = 1024 * 1024 + 1  # one byte more than settings may have


class Write(NamedTuple):
    """The new content of the file at `path`; None removes it."""

    path: str
    content: bytes | None


def short_branch(name: str) -> str:
    """A branch as people call it."""
    return name.removeprefix(BRANCHES).removeprefix(REMOTES)


class Branch(NamedTuple):
    """A branch: its full name, its commit, the day of that commit (ISO) and its subject."""

    name: str
    commit: str
    day: str
    subject: str

    @property
    def short(self) -> str:
        """Its name as people call it: `desk/istres/1`, `origin/desk/istres/1`."""
        return short_branch(self.name)


@dataclass(frozen=True, slots=True)
class Repo:
    """A Git working tree (at `top`) that holds a registry at `root`.

    `git_dir` belongs to this working tree, `common_dir` to all working trees of the repository; `prefix` leads from
    `top` to `root`: empty, or ending with a slash. `folders`: folders of records outside `registry/`.
    """

    root: Path
    top: Path
    git_dir: Path
    common_dir: Path
    prefix: str
    git: Git
    folders: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of a registry."""
        return (*REGISTRY_PATHS, *self.folders)

    def _within(self, paths: Sequence[str] | None) -> Sequence[str]:
        """The paths to look at: None for those of the registry, none for all."""
        return self.paths if paths is None else paths

    def _scope(self, paths: Sequence[str] | None) -> PathScope:
        """The same, from the top."""
        return scope_of(self.prefix, self._within(paths))

    def object_format(self) -> ObjectFormat:
        """The hash of object ids."""
        return cast(ObjectFormat, self.git.object_format)

    def head(self) -> str | None:
        """The commit of HEAD, None before the first commit."""
        return self.git.line("rev-parse", "--verify", "--quiet", "HEAD^{commit}")

    def branch(self) -> str | None:
        """The current branch (`main`); None if HEAD is detached. The full name of a ref that is no branch."""
        ref = self.git.line("symbolic-ref", "--quiet", "HEAD")
        return None if ref is None else ref.removeprefix(BRANCHES)

    def resolve(self, rev: str) -> str:
        """The commit that `rev` names: any Git revision, or a day. Raises UsageFault if there is none."""
        return revision.resolve(self.git, rev)

    def tree(self, commit: str, paths: Sequence[str] | None = None) -> dict[str, TreeEntry]:
        """Every file of a commit under `paths` (those of the registry by default), in Git's order. A folder with too
        many files is one entry."""
        within = self._within(paths)
        listed = list_tree(self.git, commit, within, self.prefix)
        if listed is None:
            tree, scope = text(self.git.read("rev-parse", f"{commit}^{{tree}}")).strip(), self._scope(paths)
            line = f"{EMPTY_TREE[self.git.object_format]} {tree}"
            if find_bombs(self.git, (line,), scope):
                entries = list_entries(self.git, line, scope)
                return {
                    path.removeprefix(self.prefix): TreeEntry(each.mode_after, each.after) for path, each in entries
                }
            listed = self.git.read("ls-tree", "-r", "-t", "-z", commit, "--", *within)
        return read_tree(listed)

    def entry(self, commit: str, path: str) -> TreeEntry | None:
        """The file or folder at a path in a commit; None if there is none."""
        return read_entry(self.git.read("ls-tree", "-z", commit, "--", path), path)

    def text(self, commit: str, path: str) -> bytes | None:
        """The content of a plain file in a commit, at most `MOST` bytes; None if there is none."""
        entry = self.entry(commit, path)
        if entry is None or entry.mode not in _PLAIN:
            return None
        return next(content for _, content in self.blobs((entry.blob,), MOST))

    def index(self, paths: Sequence[str] | None = None) -> dict[str, TreeEntry]:
        """Every entry of the index under `paths`; of a conflicting path, the last stage."""
        return read_entries(self.git.read(*LS_FILES, *self._within(paths)))

    def status(self, paths: Sequence[str] | None = None) -> Status:
        """The differences between HEAD, index and working tree under `paths`."""
        running = self._git_for_comparison().start(*STATUS, *self._within(paths))
        return read_status(running.result(lambda: refuse_bombs(self.git, "HEAD")), self.prefix)

    def blobs(self, oids: Iterable[str], limit: int | None = None) -> Iterator[tuple[str, bytes]]:
        """The contents of objects in the order asked, read as they are needed; at most `limit` bytes of each.

        StateFault when an object is not there (partial clone, damaged repository).
        """
        return read_blobs(self.git, oids, limit)

    def history(
        self,
        paths: Sequence[str] | None = None,
        since: date | None = None,
        until: date | None = None,
        start: str = "HEAD",
        exclude: Sequence[str] = (),
    ) -> Iterator[Commit]:
        """The commits that changed something under `paths`, newest first, no parent before its child; one pass.

        `since` and `until` are days, both inclusive, on the author's calendar; a commit whose date cannot be read is on
        none. `start` and `exclude` are commit ids: what `exclude` can reach is left out. Merges have their changes
        against the first parent.
        """
        if start == "HEAD" and self.head() is None:
            return iter(())
        commits = history.read(self.git, start, exclude, self._within(paths), self.prefix)
        first, last = since or date.min, until or date.max
        if since is None and until is None:
            return commits
        return (commit for commit in commits if commit.date is not None and first <= commit.date.date() <= last)

    def headings(self, start: str, most: int) -> list[Commit]:
        """The newest of the commits that `history` gives, without their changes."""
        return history.read_headings(self.git, start, self._within(None), self.prefix, most)

    def commit_ids(
        self, paths: Sequence[str] | None = None, start: str = "HEAD", exclude: Sequence[str] = ()
    ) -> list[str]:
        """The ids of the commits that `history` gives, in that order, without reading them."""
        return history.read_touching(self.git, start, exclude, self._within(paths), self.prefix)

    def commits(self, oids: Sequence[str], paths: Sequence[str] | None = None) -> Iterator[Commit]:
        """These commits as `history` gives them, in their order."""
        return history.read_these(self.git, oids, self._within(paths), self.prefix) if oids else iter(())

    def read_commits(self, oids: Sequence[str], paths: Sequence[str] | None = None) -> Iterator[Commit]:
        """The commits with these ids, in order, including those that changed nothing under `paths`; each says which
        changes are its `own`."""
        return history.read_listed(self.git, oids, self._within(paths), self.prefix) if oids else iter(())

    def parents(self, start: str, exclude: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
        """The parents of every commit reachable from `start` but not from `exclude`, children before their parents."""
        if start in exclude:
            return {}
        out = self.git.read("rev-list", "--topo-order", "--parents", start, *(f"^{oid}" for oid in exclude), "--")
        rows = (line.split() for line in out.decode("ascii").splitlines())
        return {row[0]: tuple(row[1:]) for row in rows}

    def search_messages(self, texts: Sequence[str], start: str, exclude: Sequence[str] = ()) -> list[str]:
        """Those of these commits, except merges, whose message contains one of the texts; children before their
        parents."""
        greps = (f"--grep={text}" for text in texts)
        command = ("rev-list", "--topo-order", "--no-merges", "--fixed-strings", *greps)
        return text(self.git.read(*command, start, *(f"^{oid}" for oid in exclude), "--")).split()

    def messages(self, start: str, exclude: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
        """The ids and messages of these commits, merges included; children before their parents."""
        command = (
            "log",
            "--topo-order",
            "--no-show-signature",
            "--no-color",
            "--encoding=UTF-8",
            "-z",
            "--format=%H %B",
        )
        out = text(self.git.read(*command, start, *(f"^{oid}" for oid in exclude), "--"))
        for row in out.split("\0"):
            oid, _, message = row.partition(" ")
            if oid:
                yield oid, message

    def ref_names(self) -> list[str]:
        """The names of all branches, remote branches and tags, such as `refs/heads/main`."""
        return text(
            self.git.read("for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes", "refs/tags")
        ).split("\n")[:-1]

    def branches_ahead(self, of: str) -> list[Branch]:
        """The branches, also remote ones, with commits that a revision lacks; the latest first, at most 200."""
        shape = "%(refname)%00%(objectname)%00%(committerdate:short)%00%(subject)"
        words = ("--count=200", "--sort=-committerdate", f"--format={shape}", f"--no-merged={self.resolve(of)}")
        lines = text(self.git.read("for-each-ref", *words, BRANCHES, REMOTES)).split("\n")[:-1]
        return [Branch(*line.split("\0")) for line in lines]

    def stamps(self, start: str) -> dict[str, Stamp]:
        """The committer dates of the commits that `start` reaches; children before their parents."""
        return read_stamps(self.git, start)

    def commit_info(self, oid: str) -> Commit:
        """One commit, with all its changes under the root of the registry."""
        return history.read_one(self.git, oid, self.prefix)

    def commit_day(self, oid: str) -> date | None:
        """The day of a commit (see `commit_days`); None if no date of it and its ancestors counts."""
        return commit_days(self.stamps(oid), now()).get(oid)

    def merge_base(self, a: str, b: str) -> str:
        """The best common ancestor of two commits; of several, the one on the line of first parents of `a`, whatever
        the dates of commits say. Raises StateFault if there is none, or a shallow clone lacks commits since then."""
        if a == b:
            return a
        bases = self.merge_bases(a, b)
        if not bases:
            raise StateFault(
                Message("{a} and {b} have no common history here", a=short_id(a), b=short_id(b)),
                UNSHALLOW if self.is_shallow() else None,
            )
        base = bases[0]
        if len(bases) > 1:
            main = set(text(self.git.read("rev-list", "--first-parent", a, *(f"^{oid}^@" for oid in bases))).split())
            base = next((oid for oid in bases if oid in main), base)
        if self.is_shallow() and not self.cut_at().isdisjoint(text(self.git.read("rev-list", f"{a}...{b}")).split()):
            raise StateFault(
                Message("commits between {base} and {b} are missing", base=short_id(base), b=short_id(b)),
                UNSHALLOW,
            )
        return base

    def merge_bases(self, commit: str, *others: str) -> tuple[str, ...]:
        """All best common ancestors of a commit and a merge of the others."""
        found = self.git.start("merge-base", "--all", commit, *others).answer()
        return () if found is None else tuple(text(found).split())

    def merge_heads(self) -> tuple[str, ...]:
        """The commits of the merge under way, without HEAD; empty if there is none."""
        try:
            return tuple((self.git_dir / "MERGE_HEAD").read_text("ascii").split())
        except (FileNotFoundError, UnicodeDecodeError):
            return ()

    def unmerged(self) -> list[str]:
        """The paths in conflict in the whole working tree, relative to `top`."""
        listed = text(self.git._replace(cwd=self.top).read("ls-files", "--unmerged", "-z")).split("\0")[:-1]
        return list(dict.fromkeys(line.partition("\t")[2] for line in listed))

    def is_ancestor(self, oid: str, of: str) -> bool:
        """Whether the commit `oid` is in the history of the commit `of`, as far as this clone has it."""
        return self.git.start("merge-base", "--is-ancestor", oid, of).answer() is not None

    def tree_id(self, commit: str) -> str | None:
        """The id of the tree of a commit; None if there is no such commit here."""
        return self.git.line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{tree}}")

    def diff_files(self, base: str, commit: str | None = None, *, staged: bool = False) -> list[FileChange]:
        """The files of the whole working tree, including those outside the registry, that differ between a commit and
        another one (None: the working tree, as far as Git tracks it; `staged`: the index). Paths are relative to
        `top`."""
        top = self.git._replace(cwd=self.top)
        if commit is not None:
            return replace(self, git=top, prefix="").changes(base, commit, ())
        git = self.git if staged else self._git_for_comparison()  # the index needs no filter
        running = git._replace(cwd=self.top).start(*DIFF, *(["--cached"] if staged else []), base, "--")
        return history.read_changes(running.result(lambda: refuse_bombs(self.git, base, "HEAD")))

    def _git_for_comparison(self) -> Git:
        """Git for a read that compares files on disk with the index."""
        return self.git.without(read_conversion(self.git).filters)

    def changes(self, old: str, new: str, paths: Sequence[str] | None = None) -> list[FileChange]:
        """The files under `paths` (None: those of the registry, none: all) that differ between two commits; a folder in
        which too many differ is one of them."""
        return history.list_changes(self.git, f"{new} {old}", self._scope(paths), self.prefix)

    def index_sum(self) -> tuple[str, int]:
        """The checksum that ends Git's index, and when the index was written (nanoseconds); empty without an index, or
        if a setting makes Git omit the checksum."""
        try:
            with open(self.git_dir / "index", "rb") as file:
                written = os.fstat(file.fileno()).st_mtime_ns
                file.seek(-DIGITS[self.object_format()] // 2, os.SEEK_END)
                total = file.read()
                return total.hex() if any(total) else "", written
        except OSError:
            return "", 0

    def sizes(self, oids: Sequence[str]) -> dict[str, int]:
        """The lengths of objects, without reading them. StateFault when one is not there."""
        return read_sizes(self.git, oids)

    def new_blobs(self, tip: str, upstream: str, without: Collection[str] = ()) -> dict[str, tuple[str, int]]:
        """The blobs that a merge of `tip` into `upstream` would add, `without` these: by id, a path (from the top) and
        the length."""
        if tip == upstream:
            return {}
        words = ("rev-list", "--objects", "--filter=object:type=blob", tip, f"^{upstream}", "--")
        rows = (row.partition(b" ") for row in self.git.read(*words).splitlines())
        paths = {oid.decode("ascii"): path.decode("utf-8", "surrogateescape") for oid, _, path in rows if path}
        sizes = self.sizes([oid for oid in paths if oid not in without])
        return {oid: (paths[oid], size) for oid, size in sizes.items()}

    def is_upstream(self, oid: str) -> bool:
        """Whether some remote-tracking branch contains the commit, so that others may already have it."""
        return bool(self.git.read("for-each-ref", "--count=1", f"--contains={oid}", "refs/remotes"))

    def tips(self, *patterns: str) -> tuple[str, ...]:
        """The commits of refs that match these patterns, each once."""
        out = self.git.read("for-each-ref", "--format=%(objectname)", *patterns)
        return tuple(dict.fromkeys(text(out).split()))

    def makers(self, path: str) -> tuple[str, ...]:
        """The commits of HEAD and of all branches that created a file at the path, newest first."""
        words = ("log", "--full-history", "--no-merges", "--format=%H", "HEAD", "--branches", "--remotes")
        oids = text(self.git.read(*words, "--", path)).split()
        return tuple(commit.oid for commit in self.commits(oids, (path,)) if commit.changes[0].before is None)

    def bombs(self, commits: Sequence[str]) -> list[tuple[str, str]]:
        """The folders with too many files that these commits added or removed: the commit, and the path from the
        top."""
        oids = find_bombs(self.git, commits, EVERYTHING)
        return [
            (oid, path)
            for oid in sorted(oids)
            for path, entry in list_entries(self.git, oid, EVERYTHING)
            if FOLDER_MODE in (entry.mode_before, entry.mode_after)
        ]

    def first_with(self, blob: str, commits: Sequence[str]) -> str:
        """The first of these commits, children first, that added or removed the blob; the last child if none did."""
        bombs = find_bombs(self.git, commits, EVERYTHING)
        given = "".join(f"{oid}\n" for oid in commits if oid not in bombs).encode("ascii")
        words = ("log", "--format=%H", "--no-walk=unsorted", "--stdin", f"--find-object={blob}", "--")
        return next(reversed(b"".join(self.git.stream(*words, given=given)).decode("ascii").split()), commits[0])

    def first_day(self) -> str | None:
        """The day of the oldest commit that is here, as its committer had it; None without one."""
        try:
            days = text(self.git.read("log", "--max-parents=0", "--format=%cs", "HEAD", "--")).split()
        except GitFailed:
            return None
        return min(days, default=None)

    def known_of_remotes(self) -> tuple[bytes, bytes]:
        """The branches here, those of remotes as they were fetched last, and the settings, which name the remotes."""
        branches = self.git.read("for-each-ref", "--format=%(objectname) %(refname) %(symref)", REMOTES, BRANCHES)
        try:
            return branches, (self.common_dir / "config").read_bytes()
        except OSError:
            return branches, b""

    def upstream(self) -> str:
        """The branch into which changes are merged, by its full name in this clone: a remote's default branch, else
        `main` or `master`, else the current one. HEAD if there is none."""
        defaults = text(self.git.read("for-each-ref", "--format=%(symref)", f"{REMOTES}*/HEAD")).split()
        refs = text(self.git.read("for-each-ref", "--format=%(refname)", REMOTES, BRANCHES)).split()
        places = (f"{REMOTES}origin/", BRANCHES)
        usual = (ref for place in places for name in ("main", "master") if (ref := f"{place}{name}") in refs)
        return (*defaults, *usual, self.git.line("symbolic-ref", "--quiet", "HEAD") or "HEAD")[0]

    def default_branch(self) -> str:
        """The branch into which changes are merged, as named on the remote: `main`."""
        name = self.upstream()
        remotes = text(self.git.read("remote")).split()
        places = [*(f"{REMOTES}{remote}/" for remote in (*remotes, "origin")), BRANCHES]
        short = next((name.removeprefix(place) for place in places if name.startswith(place)), name)
        return "main" if short == "HEAD" else short

    def remote(self) -> str | None:
        """The remote that changes are sent to: that of the branch into which they are merged, else the only one."""
        remotes = text(self.git.read("remote")).split()
        upstream = self.upstream()
        named = next((name for name in remotes if upstream.startswith(f"{REMOTES}{name}/")), None)
        return named or (remotes[0] if len(remotes) == 1 else None)

    def count_apart(self, other: str) -> tuple[int, int]:
        """How many commits `other` has that HEAD lacks, and HEAD that `other` lacks."""
        behind, ahead = text(self.git.read("rev-list", "--left-right", "--count", f"{other}...HEAD", "--")).split()
        return int(behind), int(ahead)

    def is_shallow(self) -> bool:
        """Whether `git clone --depth` cut the history."""
        return (self.common_dir / "shallow").exists()

    def refuse_shallow(self) -> None:
        """Raises StateFault if `git clone --depth` cut the history."""
        if self.is_shallow():
            raise StateFault(Message("a part of the history is missing here"), UNSHALLOW)

    def refuse_cut(self, oid: str) -> None:
        """Raises StateFault if a shallow clone lacks the parent of this commit, which then seems to have created every
        file."""
        if oid in self.cut_at():
            raise StateFault(
                Message("the commit before {oid} is missing", oid=short_id(oid)),
                UNSHALLOW,
            )

    def cut_at(self) -> frozenset[str]:
        """The commits whose parents `git clone --depth` left out."""
        try:
            return frozenset((self.common_dir / "shallow").read_text("ascii").split())
        except FileNotFoundError:
            return frozenset()

    def has_grafts(self) -> bool:
        """Whether info/grafts makes Git show other parents than the commits name (we read past it)."""
        try:
            return bool((self.common_dir / "info" / "grafts").read_bytes().strip())
        except FileNotFoundError:
            return False

    def replace_refs(self) -> tuple[str, ...]:
        """The objects for which refs/replace shows another one (we read past it)."""
        out = self.git.read("for-each-ref", "--format=%(refname:lstrip=2)", "refs/replace")
        return tuple(out.decode("ascii", "replace").split())


STATUS = (
    *("status", "--porcelain=v2", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=all"),
    *("--branch", "--no-ahead-behind", "--"),
)
DIFF = (  # not `diff-index`, which reports a touched file as changed
    *("diff", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-ext-diff", "--no-textconv"),
    *("--no-relative", "--ignore-submodules=dirty"),
)
