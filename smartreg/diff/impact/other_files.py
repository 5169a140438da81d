"""The changed files that are not records: schemas, settings, annexes."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.diff.impact.comparison import OtherFile
from smartreg.registry import Registry
from smartreg.trees import File, Tree, find_differing


def other_files(before: Registry, after: Registry) -> tuple[OtherFile, ...]:
    """The changed files that are not records, by path, including the former path of a record where records are no
    longer allowed."""
    return tuple(_other_files(before, after))


def _other_files(before: Registry, after: Registry) -> Iterator[OtherFile]:
    olds, news = before.tree.files(), after.tree.files()
    for path in sorted(find_differing(olds, news)):
        old, new = olds.get(path), news.get(path)
        if (old is None or path in before.by_file) and (new is None or path in after.by_file):
            continue
        if old is None:
            yield OtherFile(path, "added")
        elif new is None:
            yield OtherFile(path, "removed")
        elif _differ((before.tree, old), (after.tree, new)):
            yield OtherFile(path, "changed")


def _differ(before: tuple[Tree, File], after: tuple[Tree, File]) -> bool:
    old, new = before[1], after[1]
    if old.special or new.special:
        return old.special != new.special
    if old.blob is not None and new.blob is not None:
        return old.blob != new.blob
    return _bytes(*before) != _bytes(*after)


def _bytes(tree: Tree, file: File) -> bytes | None:
    try:
        return tree.read(file.path)
    except FileNotFoundError:
        return None
