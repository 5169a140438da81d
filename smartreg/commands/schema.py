"""`schema`: print a kind's schema, list the kinds, or refresh the schemas of a registry from those of this release."""

from __future__ import annotations

from smartreg.commands.workspace import Workspace, write
from smartreg.edit import Edit, Outcome, WriteOptions
from smartreg.registry import SCHEMA_FOLDER
from smartreg.schema import Kind, Schemas, bundled_files, read_schemas


def schemas_of(workspace: Workspace | None) -> Schemas:
    """The schemas of the registry, or those of this release outside of one."""
    return read_schemas(bundled_files()) if workspace is None else workspace.current.schemas


def schema(workspace: Workspace | None, word: str) -> Kind:
    """The kind that people call `word`; its `schema` is self-contained, all references inside."""
    return schemas_of(workspace).kind(word)


def refresh(workspace: Workspace, options: WriteOptions) -> Outcome:
    """Bring the schemas that smartreg ships up to this release; a registry's own further kinds stay as they are."""
    shipped = {f"{SCHEMA_FOLDER}/{name}": text for name, text in bundled_files().items()}
    tree = workspace.current.tree
    before = dict(tree.read_many([path for path in shipped if path in tree.files()]))
    writes: dict[str, bytes | None] = {path: text for path, text in shipped.items() if before.get(path) != text}
    edit = Edit("schema", (), writes, "Refresh the schemas")
    return write(workspace, workspace.current, edit, options)
