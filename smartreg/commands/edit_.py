"""`edit`: the text of one record as somebody wrote it in an editor, through the same path as every other write."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from smartreg.core.errors import StateFault
from smartreg.core.files import make_folder
from smartreg.core.messages import Message
from smartreg.core.values import RecordId
from smartreg.diff import same
from smartreg.edit import Edit, Outcome, WriteOptions, move_text
from smartreg.gitio import preflight
from smartreg.gitio.faults import translate_os_errors
from smartreg.registry import Registry
from smartreg.workspace.set_ import place_of
from smartreg.workspace.workspace import Workspace, file_named, open_workspace, record_named, write
from smartreg.yamlio import read

FOLDER = "smartreg/edit"  # in the Git directory: no tree holds it, and no other working tree uses it


@dataclass(frozen=True)
class EditorDraft:
    """A record as it was when editing began, and the file (`place`) in which it is edited."""

    rid: RecordId
    file: str
    text: bytes
    place: Path

    def read_text(self) -> bytes:
        """What the editor left. StateFault when it took the file away."""
        try:
            return self.place.read_bytes()
        except OSError:
            raise StateFault(Message("the edited text is gone; nothing was changed")) from None

    def discard(self) -> None:
        self.place.unlink(missing_ok=True)


def begin(workspace: Workspace, word: str, options: WriteOptions) -> EditorDraft:
    """Lay the text of a record (one that cannot be read, too) out for an editor. StateFault where Git would refuse the
    commit: nobody writes a text in vain."""
    repo, registry = workspace.git, workspace.current
    rid = record_named(registry, word)
    file = file_named(registry, word)
    if options.commit and not options.dry_run:
        preflight(repo, [file])
    text = registry.tree.read(file)
    folder = repo.git_dir / FOLDER
    with translate_os_errors():
        make_folder(folder.parent)
        make_folder(folder)
        return EditorDraft(rid, file, text, _write_draft(folder, file.rpartition("/")[2], text))


def _write_draft(folder: Path, name: str, text: bytes) -> Path:
    """A new file with this text; one that an earlier edit left stays."""
    stem, _, end = name.rpartition(".")
    number = 1
    while True:
        place = folder / (name if number == 1 else f"{stem}-{number}.{end}")
        try:
            with open(place, "xb") as file:
                file.write(text)
        except FileExistsError:
            number += 1
        else:
            return place


def save(root: Path, draft: EditorDraft, text: bytes, options: WriteOptions) -> Outcome:
    """Write the edited text. StateFault if the record changed in the meantime; RefusedWrite if it would add errors."""
    workspace = open_workspace(root)  # others may have written since
    registry = workspace.current
    if draft.file not in registry.by_file or registry.tree.read(draft.file) != draft.text:
        raise StateFault(
            Message("{draft} was changed by someone else in the meantime; nothing was written", draft=draft.rid),
            Message(
                "your text is in {place}; run smartreg edit {draft} again and bring it in",
                place=draft.place,
                draft=draft.rid,
            ),
        )
    file = _new_place(registry, draft, text)
    kind = registry.schemas.kinds[draft.rid.kind]
    writes = {draft.file: None, file: move_text(kind, text, draft.file, file)} if file else {draft.file: text}
    edit = Edit("edit", (draft.rid,), writes, f"Edit {draft.rid}", basis={draft.file: draft.text})
    return write(workspace, registry, replace(edit, moved={draft.file: file} if file else {}), options)


def _new_place(registry: Registry, draft: EditorDraft, text: bytes) -> str | None:
    """Where the record belongs, if a field that determines its folder was changed."""
    record, data = registry.at(draft.file), read(text, draft.file).data
    if record is None or data is None:
        return None
    changed = [
        ((name,), data[name]) for name in data if name in record.data and not same(record.data[name], data[name])
    ]
    return place_of(registry, record, changed)
