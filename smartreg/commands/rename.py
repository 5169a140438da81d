"""`rename`: another id for a record, in its file name, in itself and in everything that refers to it; one commit."""

from __future__ import annotations

from collections import defaultdict

from smartreg.commands.add import file_of
from smartreg.commands.service import refuse_if_ever_in_service
from smartreg.commands.writing import conventions_of, write
from smartreg.edit import Edit, Outcome, WriteOptions, changed_text
from smartreg.errors import UsageFault
from smartreg.registry import Registry
from smartreg.values import Json, KeyPath, Record, RecordId, Words
from smartreg.workspace import Workspace, record_of


def rename(workspace: Workspace, record: str, new_id: str, options: WriteOptions) -> Outcome:
    """Give a record a new id. UsageFault when the id is taken; Refused when the record was ever in service (CHG801)."""
    registry = workspace.current
    old = record_of(registry, record)
    kind = registry.schemas.kinds[old.rid.kind]
    new = RecordId(kind.name, new_id)
    if new in registry:
        raise UsageFault(Words(f"{new} exists already", f"{new} existe déjà"))
    file_of(kind, {**old.data, "id": new_id})
    refuse_if_ever_in_service(workspace, old, kind, Words("renamed", "renommé"))
    folder, _, name = old.file.rpartition("/")
    writes: dict[str, bytes | None] = dict(_references(registry, old, new_id))
    own = writes.pop(old.file, None) or registry.tree.read(old.file)
    writes[old.file] = None
    writes[f"{folder}/{new_id}.{name.rpartition('.')[2]}"] = changed_text(kind, own, [(("id",), new_id)])
    count = len(writes) - 2
    body = f"References rewritten in {count} record{'s' if count > 1 else ''}." if count else ""
    edit = Edit(
        "rename", (old.rid, new), writes, f"Rename {old.rid} to {new_id}", body, conventions_of(registry, (old,))
    )
    return write(workspace, registry, edit, options)


def _references(registry: Registry, old: Record, new_id: str) -> dict[str, bytes]:
    """Path → text of every record that names `old`, naming `new_id` instead."""
    places: dict[RecordId, list[KeyPath]] = defaultdict(list)
    for link in registry.links_to(old.rid):
        if not any(RecordId(kind, link.target) in registry for kind in link.kinds if kind != old.rid.kind):
            places[link.source].append(link.path)
    texts: dict[str, bytes] = {}
    for source, paths in places.items():
        kind = registry.schemas.kinds[source.kind]
        changes: list[tuple[KeyPath, Json]] = [(path, new_id) for path in paths]
        for file in registry.files_of(source):
            texts[file] = changed_text(kind, registry.tree.read(file), changes)
    return texts
