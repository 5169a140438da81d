"""Histories drawn at random, with merges of every shape, by honest people and others; and a plain model of what the
gate must not let through. Commits are written as loose objects: thousands of histories cost seconds."""

from __future__ import annotations

import hashlib
import subprocess
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

from signing import Key
from town import SETTINGS, party, support

ISTRES, MARTIGUES, AMP, STRANGER = "istres", "martigues", "amp", "stranger"
PEOPLE = (ISTRES, MARTIGUES, AMP, STRANGER)
FILES = {
    "registry/supports/13047/pole.yaml": ISTRES,
    "registry/supports/13047/post.yaml": ISTRES,
    "registry/supports/13056/lamp.yaml": MARTIGUES,
    "registry/networks/lora.yaml": MARTIGUES,
    SETTINGS: AMP,
}
"""The files that change, and whose they are."""
Tree = Mapping[str, str]


def content(path: str, rng: Random) -> str | None:
    """Some content of a file, from few, so that older states come again; None: removed."""
    if path == SETTINGS:
        return f'metropole = "amp"\nname = "{rng.choice("AB")}"\n'
    owner, id = FILES[path], Path(path).stem
    status, notes = rng.choice(("in_service", "out_of_service")), rng.choice(("", "notes: seen\n", "notes: lit\n"))
    if rng.random() < 0.1:
        return None
    if "networks" in path:
        return (
            f"id: {id}\nname: {id}\ntechnology: lorawan\noperator: {owner}\nstatus: {status}\naccess: shared\n{notes}"
        )
    return support(id, owner, status, notes)


class Drawn(NamedTuple):
    """A commit: its author, parents and files. `honest`: its author may make it, or it is a merge as Git makes it."""

    oid: str
    author: str
    parents: tuple[str, ...]
    tree: Tree
    honest: bool


@dataclass
class Objects:
    """The objects of one repository, written without Git; `keys` sign for those who have one."""

    root: Path
    keys: Mapping[str, Key]
    trees: dict[tuple[tuple[str, str], ...], str] = field(default_factory=dict)

    def write(self, kind: str, data: bytes) -> str:
        whole = f"{kind} {len(data)}\0".encode() + data
        oid = hashlib.sha1(whole).hexdigest()
        place = self.root / ".git" / "objects" / oid[:2] / oid[2:]
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(zlib.compress(whole, 1))
        return oid

    def tree(self, files: Tree) -> str:
        key = tuple(sorted(files.items()))
        if key not in self.trees:
            self.trees[key] = self._folder(files)
        return self.trees[key]

    def _folder(self, files: Tree) -> str:
        inner: dict[str, dict[str, str]] = {}
        entries: list[tuple[str, bytes]] = []
        for path, text in files.items():
            name, slash, rest = path.partition("/")
            if slash:
                inner.setdefault(name, {})[rest] = text
            else:
                entries.append((name, f"100644 {name}\0".encode() + bytes.fromhex(self.write("blob", text.encode()))))
        for name, some in inner.items():
            entries.append((f"{name}/", f"40000 {name}\0".encode() + bytes.fromhex(self._folder(some))))
        return self.write("tree", b"".join(line for _, line in sorted(entries)))

    def commit(self, author: str, parents: Sequence[str], files: Tree, at: int) -> str:
        domain = "metropole" if author == AMP else author
        who = f"A writer <agent@{domain}.example.org> {at} +0000"
        lines = [f"tree {self.tree(files)}", *(f"parent {parent}" for parent in parents)]
        head, body = "\n".join([*lines, f"author {who}", f"committer {who}"]), "\n\nchange\n"
        if author in self.keys:
            head += "\ngpgsig " + self._sign(author, head + body).strip().replace("\n", "\n ")
        return self.write("commit", (head + body).encode())

    def _sign(self, author: str, text: str) -> str:
        words = ("ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", str(self.keys[author].file))
        return subprocess.run(words, input=text.encode(), check=True, capture_output=True).stdout.decode()


@dataclass
class History:
    """A branch of changes, and the main branch that it goes into."""

    commits: dict[str, Drawn]
    main: list[str]
    head: str

    def ancestors(self, oid: str) -> set[str]:
        found, ahead = set(), [oid]
        while ahead:
            one = ahead.pop()
            if one not in found:
                found.add(one)
                ahead += self.commits[one].parents
        return found

    def own(self) -> list[Drawn]:
        """The commits of the branch."""
        known = self.ancestors(self.main[-1])
        return [self.commits[oid] for oid in self.commits if oid in self.ancestors(self.head) - known]

    def wrote(self, commit: Drawn, path: str) -> bool:
        """Whether a commit has a file otherwise than one of its parents: who makes a merge answers for what it has."""
        return any(self.commits[parent].tree.get(path) != commit.tree.get(path) for parent in commit.parents)

    @property
    def honest(self) -> bool:
        return all(commit.honest for commit in self.own())


def draw(objects: Objects, seed: int, *, honest: bool = False) -> History:
    """A history: two to six commits on main, one to six on the branch. `honest`: by people who do what they may."""
    rng = Random(seed)
    history = History({}, [], "")

    def add(author: str, parents: Sequence[str], tree: Tree, *, fair: bool) -> str:
        oid = objects.commit(author, parents, tree, rng.choice((1_700_000_000, 1_800_000_000)) + rng.randrange(10**7))
        history.commits[oid] = Drawn(oid, author, tuple(parents), tree, fair)
        return oid

    parties = {
        f"registry/parties/{name}.yaml": party(
            name,
            keys=(objects.keys[name].fingerprint,) if name in objects.keys else (),
            domains=() if name in objects.keys else (f"{'metropole' if name == AMP else name}.example.org",),
        )
        for name in PEOPLE[:3]
    }
    tree: dict[str, str] = {**parties, **{path: text for path in FILES if (text := content(path, rng)) is not None}}
    tree.setdefault(SETTINGS, 'metropole = "amp"\n')
    history.main.append(add(AMP, (), tree, fair=True))
    for _ in range(rng.randint(1, 5)):  # each by whom it may be
        path = rng.choice(list(FILES))
        tree = changed(tree, path, content(path, rng))
        history.main.append(add(FILES[path], history.main[-1:], tree, fair=True))
    side = [rng.choice(history.main)]
    if rng.random() < 0.2:  # main has merged a commit of the branch already
        path = rng.choice(list(FILES))
        start = rng.choice(history.main)
        early = add(FILES[path], (start,), changed(history.commits[start].tree, path, content(path, rng)), fair=True)
        merged = merge(objects, history, (history.main[-1], early))
        if merged is not None:
            history.main.append(add(AMP, (history.main[-1], early), merged, fair=True))
            side.append(early)
    for _ in range(rng.randint(1, 6)):
        there = [*dict.fromkeys([*history.main, *side])]
        kind = rng.choice(("commit", "commit", "merge", "merge", "octopus", "revert", "pick", "rename"))
        author = rng.choice(PEOPLE)
        if kind in ("merge", "octopus"):
            count = 2 if kind == "merge" else rng.randint(3, 5)
            parents = tuple(rng.sample([*there, *side], min(count, len(there))))
            parents = tuple(dict.fromkeys(parents))
            if len(parents) < 2:
                continue
            fair = merge(objects, history, parents) if len(parents) == 2 else None
            if fair is not None and (honest or rng.random() < 0.5):
                side.append(add(author, parents, fair, fair=True))
            elif not honest:
                mixed: dict[str, str] = dict(parties)
                for path in FILES:
                    one = rng.choice([*parents, *parents, *history.commits])
                    if path in history.commits[one].tree:
                        mixed[path] = history.commits[one].tree[path]
                mixed.setdefault(SETTINGS, tree[SETTINGS])
                side.append(add(author, parents, mixed, fair=False))
            continue
        start = rng.choice(side[-2:])
        before, path = history.commits[start].tree, rng.choice(list(FILES))
        if honest and kind != "pick":
            author = FILES[path]
        after = changed(before, path, content(path, rng))
        if kind == "revert":  # to a state that it once had
            after = changed(before, path, history.commits[rng.choice(list(history.commits))].tree.get(path))
        elif kind == "pick":  # by somebody else, who leaves the author
            picked = history.commits[rng.choice(list(history.commits))]
            author, after = picked.author, changed(before, path, picked.tree.get(path))
            if FILES[path] != author and honest:
                continue
        elif kind == "rename" and path in before and path != SETTINGS:
            after = changed(changed(before, path, None), path.replace("13047", "13056"), before[path])
        if after != before:
            side.append(add(author, (start,), after, fair=FILES[path] == author))
    history.head = side[-1]
    return history


def changed(tree: Tree, path: str, text: str | None) -> dict[str, str]:
    after = {name: value for name, value in tree.items() if name != path}
    return after if text is None and path != SETTINGS else {**after, path: text or tree[path]}


def merge(objects: Objects, history: History, parents: Sequence[str]) -> dict[str, str] | None:
    """What Git makes of two commits; None if they conflict, or if Git follows a rename: a merge that carries one side's
    change into the file that the other one moved is the merger's (docs/gate.md)."""
    words = ("git", "merge-tree", "--write-tree", *parents)
    done = subprocess.run(words, cwd=objects.root, capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    names = [path for oid in parents for path in history.commits[oid].tree]
    listed = subprocess.run(
        ("git", "ls-tree", "-r", done.stdout.strip()), cwd=objects.root, capture_output=True, text=True, check=True
    )
    texts = {blob(text): text for oid in history.commits for text in history.commits[oid].tree.values()}
    files: dict[str, str] = {}
    for line in listed.stdout.splitlines():
        about, _, path = line.partition("\t")
        oid = about.split(" ")[2]
        assert path in names
        if oid not in texts:
            shown = subprocess.run(("git", "cat-file", "blob", oid), cwd=objects.root, capture_output=True, check=True)
            texts[oid] = shown.stdout.decode()
        files[path] = texts[oid]
        there = [history.commits[parent].tree.get(path) for parent in parents]
        if None in there and files[path] not in there:
            return None
    return files


def blob(text: str) -> str:
    data = text.encode()
    return hashlib.sha1(f"blob {len(data)}\0".encode() + data).hexdigest()


def refused_by_model(history: History) -> Iterator[str]:
    """The files that differ at the head from upstream's, though whose they are wrote no such content on the branch;
    line by line, so that a merge of two contents is none. The model knows no merges: only contents, and who wrote them.
    What is as upstream had it where the branch last took it in is no difference: the branch is behind."""
    upstream, head = history.commits[history.main[-1]].tree, history.commits[history.head].tree
    within = history.ancestors(history.head)
    taken = next(history.commits[oid].tree for oid in reversed(history.main) if oid in within)
    alone = [one for oid, one in history.commits.items() if oid in within and oid not in history.main]
    for path in sorted({*upstream, *head}):
        now, owner = head.get(path), FILES.get(path.replace("13056/p", "13047/p"))
        if owner is None or now in (upstream.get(path), taken.get(path)):
            continue
        written = [one.tree.get(path) for one in alone if one.author == owner and history.wrote(one, path)]
        known = (*written, upstream.get(path), taken.get(path)) if written else ()
        lines = {line for text in known for line in (text or "").splitlines()}
        if not written or (now is None and None not in written) or not {*(now or "").splitlines()} <= lines:
            yield path
