"""`remove`: delete a record that was never in service and that nothing refers to."""

from __future__ import annotations

from smartreg.commands.service import refuse_if_ever_in_service
from smartreg.commands.workspace import Workspace, record_of
from smartreg.commands.writing import edit_of, write
from smartreg.core.errors import Refused
from smartreg.core.values import Record, RecordId, Words, path_text
from smartreg.edit import Outcome, WriteOptions
from smartreg.registry import Registry
from smartreg.schema.settings import FILE

PARTY = "party"
SHOWN = 10


def remove(workspace: Workspace, record: str, options: WriteOptions) -> Outcome:
    """Delete a record. Refused while others name it, or when it was ever in service (CHG802)."""
    registry = workspace.current
    found = record_of(registry, record)
    kind = registry.schemas.kinds[found.rid.kind]
    if len(registry.files_of(found.rid)) == 1:  # else the id stays that of another file
        _refuse_named(registry, found)
    refuse_if_ever_in_service(workspace, found, kind, "CHG802", Words("removed", "supprimé"))
    edit = edit_of("remove", found, {found.file: None}, f"Remove {found.rid}")
    return write(workspace, registry, edit, options)


def _refuse_named(registry: Registry, record: Record) -> None:
    naming = [
        f"{link.source} ({path_text(link.path)})" for link in registry.links_to(record.rid) if link.source != record.rid
    ]
    if record.rid == RecordId(PARTY, registry.config.metropole or ""):
        naming.insert(0, f"{FILE} (metropole)")
    if not naming:
        return
    listed = "".join(f"\n  {text}" for text in naming[:SHOWN])
    more = f"\n  … {len(naming) - SHOWN}" if len(naming) > SHOWN else ""
    one = len(naming) == 1
    raise Refused(
        Words(
            f"{record.rid} is named in {len(naming)} place{'' if one else 's'}:{listed}{more}",
            f"{record.rid} est cité à {len(naming)} endroit{'' if one else 's'} :{listed}{more}",
        ),
        Words(
            "change those first, or retire this record",
            "modifiez-les d'abord, ou retirez du service cette fiche",
        ),
    )
