"""`remove`: delete a record that was never in service and that nothing refers to."""

from __future__ import annotations

from smartreg.commands.service import refuse_if_ever_in_service
from smartreg.commands.writing import edit_of, write
from smartreg.edit import Outcome, WriteOptions
from smartreg.errors import Refused
from smartreg.values import Words, path_text
from smartreg.workspace import Workspace, record_of

SHOWN = 10


def remove(workspace: Workspace, record: str, options: WriteOptions) -> Outcome:
    """Delete a record. Refused while others name it, or when it was ever in service (CHG802)."""
    registry = workspace.current
    found = record_of(registry, record)
    kind = registry.schemas.kinds[found.rid.kind]
    naming = [link for link in registry.links_to(found.rid) if link.source != found.rid]
    if naming:
        listed = "".join(f"\n  {link.source} ({path_text(link.path)})" for link in naming[:SHOWN])
        more = f"\n  … {len(naming) - SHOWN}" if len(naming) > SHOWN else ""
        raise Refused(
            Words(
                f"{found.rid} is named by {len(naming)} others:{listed}{more}",
                f"{found.rid} est cité par {len(naming)} autres :{listed}{more}",
            ),
            Words(
                "change those first, or retire this record",
                "modifiez-les d'abord, ou retirez du service cet enregistrement",
            ),
        )
    refuse_if_ever_in_service(workspace, found, kind, Words("removed", "supprimé"))
    edit = edit_of("remove", registry, found, {found.file: None}, f"Remove {found.rid}")
    return write(workspace, registry, edit, options)
