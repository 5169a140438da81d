"""`set`: change or remove fields of one record; every other line of its file stays as it is."""

from __future__ import annotations

from collections.abc import Sequence

from smartreg.commands.writing import edit_of, write
from smartreg.edit import Outcome, WriteOptions, assignment, changed_text, key_path, known_field
from smartreg.errors import UsageFault
from smartreg.values import Words, path_text, value_at
from smartreg.workspace import Workspace, record_of


def set_fields(
    workspace: Workspace, record: str, assignments: Sequence[str], unset: Sequence[str], options: WriteOptions
) -> Outcome:
    """Apply `PATH=VALUE` assignments and remove the `unset` paths. UsageFault for an unknown field or a value of the
    wrong type; RefusedWrite when the change would bring errors."""
    registry = workspace.current
    found = record_of(registry, record)
    kind = registry.schemas.kinds[found.rid.kind]
    changes = [assignment(kind, text) for text in assignments]
    paths = [key_path(text) for text in unset]
    if any(path == ("id",) for path in [*(path for path, _ in changes), *paths]):
        raise UsageFault(
            Words("the id cannot be set", "l'identifiant ne se modifie pas ainsi"),
            Words(f"smartreg rename {found.rid} NEW-ID", f"smartreg rename {found.rid} NOUVEL-ID"),
        )
    for path in paths:
        known_field(kind, path)
        if value_at(found.data, path) is None:
            raise UsageFault(
                Words(f"{found.rid} has no {path_text(path)}", f"{found.rid} n'a pas de {path_text(path)}")
            )
    text = changed_text(
        kind, registry.tree.read(found.file), [c for c in changes if value_at(found.data, c[0]) != c[1]], paths
    )
    said = ", ".join(
        [f"{path_text(path)}={value}" for path, value in changes] + [f"no {path_text(path)}" for path in paths]
    )
    edit = edit_of("set", registry, found, {found.file: text}, f"Set {found.rid} {said}"[:120])
    return write(workspace, registry, edit, options)
