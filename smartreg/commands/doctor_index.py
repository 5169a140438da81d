"""What `doctor` checks of the index: that SQLite finds the file whole, and that it gives the answers that Git gives.

Bits that flip inside a valid file are noticed by no other command.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from smartreg.commands.doctor_clone import Check
from smartreg.commands.workspace import Workspace, today_in
from smartreg.core.errors import SmartregError
from smartreg.core.findings import row_of
from smartreg.core.values import Json, Words
from smartreg.index import Index, Lost, load_state
from smartreg.registry import Registry
from smartreg.rules import RuleCrash
from smartreg.tables import tables


def index(workspace: Workspace) -> Check:
    """How much the index holds, or why nothing is cached. An index that does not say what the files say is cleared."""
    kept = workspace.index
    if kept.in_memory:
        assert kept.why is not None
        return Check(
            "index",
            "note",
            Words(
                f"index: nothing is cached between runs: {kept.why.en}",
                f"index : rien n'est conservé entre deux exécutions : {kept.why.fr}",
            ),
            Words("commands work without it, more slowly", "les commandes s'en passent, plus lentement"),
        )
    sound = kept.is_sound() and _answers(workspace) == _answers(replace(workspace, indexed=False))
    if kept.dropped:
        return Check(
            "index",
            "note",
            Words(
                "index: its file was damaged, from another version or from elsewhere; it is rebuilt",
                "index : son fichier était abîmé, d'une autre version ou venu d'ailleurs ; un nouveau est commencé",
            ),
            Words("nothing is lost: it is derived from Git", "rien n'est perdu : il est déduit de Git"),
        )
    if not sound:
        kept.clear()
        return Check(
            "index",
            "mend",
            Words(
                "index: it did not say what the files say; it is cleared",
                "index : il ne disait pas ce que disent les fichiers ; il est vidé",
            ),
            Words(
                "run again what you ran before: answers may have been wrong; check the disk",
                "relancez ce que vous aviez lancé : des réponses ont pu être fausses ; vérifiez le disque",
            ),
        )
    size, files = _size(kept)
    return Check(
        "index",
        "ok",
        Words(
            f"index: {size} MB, {files} file{'s' * (files != 1)} of this working tree",
            f"index : {size.replace('.', ',')} Mo, {files} fichier{'s' * (files > 1)} de cet arbre de travail",
        ),
        Words("smartreg doctor --clear-index clears it", "smartreg doctor --clear-index le vide"),
    )


def _size(kept: Index) -> tuple[str, int]:
    """Megabytes, and the number of files that are described."""
    state = load_state(kept)
    try:
        return f"{kept.size() / 1e6:.1f}", 0 if state is None else len(state)
    except Lost:
        return "0.0", 0


def _answers(workspace: Workspace) -> tuple[str, list[str]] | None:
    """A digest of what all records and tables say, and the findings; None if schemas or settings cannot be used."""
    try:
        registry = replace(workspace, asked=None).registry()
        checker = workspace.checker(registry, today_in(registry.config.timezone))
        found = checker.check(registry, incremental=True)
    except (SmartregError, RuleCrash):
        return None
    digest = sha256()
    for said in _told(registry):
        digest.update(json.dumps(said).encode("ascii"))
    return digest.hexdigest(), [repr(row_of(finding)) for finding in (*found.findings, *found.waived)]


def _told(registry: Registry) -> Iterator[Json]:
    """What each record says, the files that name it and have its values, and the rows of all tables."""
    registry.load_all()
    for file, terms in sorted(registry.terms().items()):
        record = registry.at(file)
        yield [file, None if record is None else record.data, sorted({f"{field}={value}" for field, value in terms})]
    for table in tables(registry, [*registry.schemas.kinds.values()]):
        yield table.name
        yield from map(list, table.rows())
