"""Registries that are checked with what the index keeps, and without; and what becomes of them."""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random

from conftest import Git
from registries import BROKEN, INDEXED, ON, SETTINGS, Texts

from smartreg.core.errors import UsageFault
from smartreg.gitio import open_repo
from smartreg.index import Index
from smartreg.registry import Registry, open_registry
from smartreg.rules import Context, all_rules
from smartreg.trees import File, Listing, MemoryTree, Plain, Tree, WorkingTree, index_of
from smartreg.validation.check import Checker, Judged, Selection


def git_in(root: Path) -> Git:
    """Git in a folder, as somebody who goes on when it refuses, and stops it where it waits at a pipe."""
    who = ("-c", "user.name=Service registre", "-c", "user.email=registre@example.org", "-c", "gc.auto=0")

    def run(*words: str) -> str:
        with suppress(subprocess.TimeoutExpired):
            done = subprocess.run(["git", *who, *words], cwd=root, check=False, capture_output=True, timeout=20)
            return done.stdout.decode()
        return ""

    return run


def settle() -> None:
    """Nobody touches a folder, or Git its index, for a while."""
    time.sleep(0.06)


class Unhashed(MemoryTree):
    """A tree that knows no blob id before a text is read, like files that Git does not know."""

    def files(self) -> Listing:
        return Plain({path: File(path, None, file.special) for path, file in super().files().items()})


ANNEX = "registry/conventions/annexes/a.pdf"


ANNEXES = b"annexes:\n- path: annexes/a.pdf\n  sha256: %s\n" % hashlib.sha256(b"a").hexdigest().encode()


def open_tree(tree: Tree, folder: Path | None) -> Registry:
    return open_registry(tree, Index.open(folder, ""), INDEXED)


def checker(registry: Registry, on: date = ON) -> Checker:
    config = registry.config
    return Checker(all_rules(), Context(registry.schemas, config, on), Selection())


def afresh(texts: Texts, on: date = ON) -> Judged | str:
    """What is found without anything kept; what settings are refused for."""
    registry = open_tree(MemoryTree(texts), None)
    try:
        return checker(registry, on).check(registry)
    except UsageFault as fault:
        return fault.message.in_("en")


def laid(root: Path, before: Texts, after: Texts) -> None:
    """Make the folder hold other texts; what is the same is not touched."""
    for path in before.keys() - after.keys():
        (root / path).unlink()
    for path, text in after.items():
        if before.get(path) != text:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text)


def lay(texts: Texts, root: Path, *, commit: bool = True) -> Registry:
    """The registry of a working tree that holds these texts, with the index of its repository."""
    git = git_in(root)
    if not (root / ".git").exists():
        git("init", "-q", "--initial-branch=main")
    files = (place for place in root.rglob("*") if place.is_file() and ".git" not in place.parts)
    laid(root, {place.relative_to(root).as_posix(): place.read_bytes() for place in files}, texts)
    if commit:
        git("add", "-A")
        git("commit", "-qm", "state", "--allow-empty")
    return open_there(root)


def open_there(root: Path) -> Registry:
    repo = open_repo(root)
    index = index_of(repo)
    return open_registry(WorkingTree(root, repo, index=index), index, INDEXED)


def findings_with_index(texts: Texts, folder: Path, on: date = ON, *, commit: bool = True) -> Judged | str:
    """What is found in a working tree with what its index keeps, the second time with notes that are only counted."""
    try:
        registry = lay(texts, folder, commit=commit)
        found = checker(registry, on).check(registry, incremental=True)
        registry = open_there(folder)
        counted = checker(registry, on).check(registry, incremental=True, count_notes=True)
    except UsageFault as fault:
        return fault.message.in_("en")
    assert counted.waived == found.waived
    made_all_the_same = Counter(one.code for one in counted.findings if one.severity == "info")
    assert made_all_the_same + Counter(counted.notes) == Counter(
        one.code for one in found.findings if one.severity == "info"
    )
    assert [one for one in counted.findings if one.severity != "info"] == [
        one for one in found.findings if one.severity != "info"
    ]
    return found


SETTINGS_BESIDE = (
    b'[severity]\nREF210 = "warning"\n',
    b"[thresholds]\nexpiry_days = 4000\nsupport_distance_m = 1\nmutualisation_m = 5000\nstale_months = 1\n",
    b"[programme]\nuntil = 2020-01-01\nbudget_total_eur_ttc = 1\n",
    b'[territory]\ncommunes = ["13055"]\n',
    b'[[waiver]]\ncode = "REF214"\nrecord = "party/a"\nreason = "r"\ndecided_by = "d"\nuntil = 2099-12-31\n',
)


def change_texts(random: Random, texts: Texts, writes: Mapping[str, bytes | None]) -> Texts:
    """Another state: what an edit does, records that move, break or swap, an annex, a waiver."""
    after: dict[str, bytes | None] = {**texts, **writes}
    records = sorted(path for path in texts if path.endswith((".yaml", ".yml")))
    for path in random.sample(records, min(random.randint(0, 3), len(records))):
        other = random.choice(records)
        after |= random.choice(
            (
                {path: texts[other], other: texts[path]},
                {path: None, path.replace("registry/", "registry/x/"): texts[path]},
                {path: random.choice(BROKEN)},
                {path: texts[path] + b"# smartreg: ignore[REF201] r\n"},
                {path: None},
            )
        )
    after |= random.choice(({}, {ANNEX: b"a"}, {ANNEX: b"b"}, {ANNEX: None}))
    after |= random.choice(({}, {}, {"registry/surprise.txt": b"x"}))
    if random.random() < 0.5:
        after["smartreg.toml"] = random.choice(
            (b'name = "I"\n', SETTINGS, *(SETTINGS + some for some in SETTINGS_BESIDE))
        )
    return {path: text for path, text in after.items() if text is not None}
