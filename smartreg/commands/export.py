"""`export`: the registry, in some state, as files for analysts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from smartreg.check import indexed_by
from smartreg.errors import StateFault, UsageFault
from smartreg.exporters.csv import DIALECTS, Written, export
from smartreg.registry import Registry
from smartreg.rules import all_rules
from smartreg.schema import did_you_mean
from smartreg.tables import tables
from smartreg.values import Json, Language, Words
from smartreg.workspace import Workspace

FORMATS = ("csv",)


@dataclass(frozen=True)
class Exported:
    """The files of an export, and the commit they show (None: a working tree that no commit holds)."""

    files: tuple[Written, ...]
    commit: str | None


def export_tables(
    workspace: Workspace,
    kinds: Sequence[str],
    *,
    form: str = "csv",
    dialect: str = "standard",
    lang: Language = "en",
    at: str | None = None,
) -> Exported:
    """Make the files in memory. UsageFault for an unknown kind, format or dialect."""
    if form not in FORMATS:
        raise _unknown("format", "format", form, FORMATS)
    if dialect not in DIALECTS:
        raise _unknown("dialect", "dialecte", dialect, tuple(DIALECTS))
    registry = workspace.registry(at)
    names = dict.fromkeys(registry.schemas.kind(word).name for word in kinds)
    chosen = [registry.schemas.kinds[name] for name in names or registry.schemas.kinds]
    registry.load_all()
    source = source_of(workspace, registry)
    files = tuple(
        export(tables(registry, chosen), source=source, dialect=DIALECTS[dialect], lang=lang)
    )
    commit = source["commit"]
    return Exported(files, commit if isinstance(commit, str) else None)


def source_of(workspace: Workspace, registry: Registry) -> dict[str, Json]:
    """The origin of an export: commit, reference date (the commit's), a digest of schemas, settings and rules."""
    repo = workspace.repo
    commit = registry.tree.commit
    if commit is None and repo is not None:
        status = repo.changed()
        commit = None if status.dirty() or status.untracked else status.head
    rules = all_rules(registry.config.plugins)
    judged_by = (
        f"{registry.schemas.digest}:{registry.config.digest}:{','.join(rules)}:{sorted(indexed_by(rules.values()))}"
    )
    date = repo.commit_info(commit).date.date().isoformat() if repo is not None and commit else None
    return {"commit": commit, "reference_date": date, "rules": hashlib.sha256(judged_by.encode()).hexdigest()}


def write_files(exported: Exported, target: Path) -> list[Path]:
    """Write the files into the folder `target`, each whole or not at all. StateFault when it cannot."""
    written = []
    try:
        target.mkdir(parents=True, exist_ok=True)
        for item in exported.files:
            path = target / item.name
            if path.exists() and not path.is_file():
                path.write_bytes(item.content)  # a pipe or a device is written to, never replaced
            else:
                draft = path.with_name(f".{item.name}.part")
                draft.write_bytes(item.content)
                draft.replace(path)
            written.append(path)
    except OSError as error:
        raise StateFault(
            Words(
                f"cannot write to {target}: {error.strerror}", f"écriture impossible dans {target} : {error.strerror}"
            )
        ) from None
    return written


def _unknown(en: str, fr: str, word: str, known: Sequence[str]) -> UsageFault:
    listed = ", ".join(known)
    return UsageFault(
        Words(f'no {en} "{word}"; there are {listed}', f"pas de {fr} « {word} » ; il y a {listed}"),
        did_you_mean(word, known),
    )
