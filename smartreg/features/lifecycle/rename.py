"""`rename`: change the id of a record, in its file name, in itself and in all references to it; one commit.

Two branches that took the same id: then one of the two records is renamed, whatever its status says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from smartreg.core.errors import Refused, StateFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.kinds import is_party
from smartreg.edit import Edit, Outcome, Past, RefusedWrite, WriteOptions, change_text, file_of
from smartreg.features.lifecycle.retire import refuse_if_ever_in_service
from smartreg.features.merge.rename_in_merge import DEFAULT, find_shared, free_id, rename_one_side
from smartreg.gitio import Repo
from smartreg.importing.keys import keys_text, read_keys
from smartreg.importing.mapping import read_mapping
from smartreg.readers.sheet import MAX_BYTES
from smartreg.registry import IMPORTS, MAPPING_SUFFIX, ROW_KEYS_SUFFIX, Registry
from smartreg.schema import Kind
from smartreg.schema.settings import FILE
from smartreg.workspace.workspace import Workspace, means, record_of, write

SIGNED = frozenset({"CHG805", "CHG820"})  # the terms and acts of signed conventions
BRANCHES = ("refs/heads", "refs/remotes")


def is_taken_elsewhere(workspace: Workspace, record: Record) -> bool:
    """Whether another branch made a record of its own in the same file, and ours is not on the default branch of a
    remote, where others rely on its id."""
    repo, file = workspace.git, record.file
    if any(_is_shared(repo, tip, file) for tip in repo.tips(DEFAULT)):
        return False
    tips = [tip for tip in repo.tips(*BRANCHES) if repo.entry(tip, file)]
    return any(not _is_shared(repo, tip, file) for tip in tips)


def _is_shared(repo: Repo, tip: str, file: str) -> bool:
    """Whether the file was there already when our branch and that one parted."""
    try:
        return repo.entry(repo.merge_base("HEAD", tip), file) is not None
    except StateFault:
        return False


def rename(workspace: Workspace, record: str, new_id: str, options: WriteOptions) -> Outcome:
    """Give a record a new id. UsageFault when the id is taken; Refused when the record was ever in service (CHG801),
    unless another branch took the same id. In the middle of a merge that found two records under the id: see
    `rename_one_side`."""
    registry = workspace.current
    conflict = find_shared(workspace, record)
    if conflict is not None:
        return rename_one_side(workspace, conflict, new_id, options)
    old = record_of(registry, record)
    kind = registry.schemas.kinds[old.rid.kind]
    new = free_id(registry, kind, new_id)
    file_of(kind, {**old.data, "id": new_id})
    past = _past(workspace, old, kind)
    folder, _, name = old.file.rpartition("/")
    writes: dict[str, bytes | None] = dict(_references(registry, old, new_id))
    count = len(writes.keys() - {old.file})
    own = writes.get(old.file) or registry.tree.read(old.file)
    writes[old.file] = None
    target = f"{folder}/{new_id}.{name.rpartition('.')[2]}"
    writes[target] = change_text(kind, own, [(("id",), new_id)])
    writes |= _settings(registry, old, new) | _keys(registry, old, new)
    body = f"References rewritten in {count} record{'s' if count > 1 else ''}." if count else ""
    subject = f"Rename {old.rid} to {new_id}"
    edit = Edit("rename", (old.rid, new), writes, subject, body, moved={old.file: target}, past=past)
    try:
        return write(workspace, registry, edit, options)
    except RefusedWrite as fault:
        errors = [finding for finding in fault.outcome.introduced if finding.severity == "error"]
        signed = [finding for finding in errors if finding.code in SIGNED]
        if not signed:
            raise
        raise _refusal_of_signed(old.rid, signed) from None


def _refusal_of_signed(rid: RecordId, findings: Sequence[Finding]) -> Refused:
    """The refusal to rename what signed texts name: they keep its id. The name of a party may change."""
    where = ", ".join(sorted({f"convention/{PurePosixPath(finding.where.file).stem}" for finding in findings}))
    codes = ", ".join(sorted({finding.code for finding in findings}))
    name = f"smartreg set {rid} name=…"
    return Refused(
        Message(
            "{rid} is named in what was signed, {where}: its id stays ({codes})", rid=rid, where=where, codes=codes
        ),
        Message("its name may change: {name}", name=name) if is_party(rid) else None,
    )


def _past(workspace: Workspace, old: Record, kind: Kind) -> Past:
    """How the edit treats the past; Refused when the record was ever in service and no other branch took its id."""
    try:
        refuse_if_ever_in_service(workspace, old, kind, "CHG801", Message("renamed"))
    except Refused:
        if not is_taken_elsewhere(workspace, old):
            raise
        return "unpublished"
    return "kept"


def _references(registry: Registry, old: Record, new_id: str) -> dict[str, bytes]:
    """Path → text of every record that names `old` and nothing else by its id, naming `new_id` instead."""
    if len(registry.files_of(old.rid)) > 1:  # the id stays that of another file
        return {}
    texts: dict[str, bytes] = {}
    for source in dict.fromkeys(link.source for link in registry.links_to(old.rid)):
        kind = registry.schemas.kinds[source.kind]
        for record in filter(None, map(registry.at, registry.files_of(source))):
            changes = [(link.path, new_id) for link in kind.links(record) if means(registry, link, old.rid)]
            if changes:
                texts[record.file] = change_text(kind, registry.tree.read(record.file), changes)
    return texts


def _settings(registry: Registry, old: Record, new: RecordId) -> dict[str, bytes | None]:
    """The settings where they name the record: as the Métropole, or in a waiver."""
    names = {waiver.record for waiver in registry.config.waivers}
    if registry.config.metropole != old.rid.id and not names & {str(old.rid), old.rid.id}:
        return {}
    text = registry.tree.read(FILE).decode()
    if is_party(old.rid):
        for name in ("metropole", "lead_party"):
            text = _rename_key(text, name, old.rid.id, new.id)
    text = _rename_key(text, "record", str(old.rid), str(new))
    return {FILE: _rename_key(text, "record", old.rid.id, new.id).encode()}


def _keys(registry: Registry, old: Record, new: RecordId) -> dict[str, bytes]:
    """The keys of sheets of this kind that name the record, naming it by its new id."""
    texts = {}
    for path in registry.tree.files().below(IMPORTS):
        mapping = path.removesuffix(ROW_KEYS_SUFFIX) + MAPPING_SUFFIX
        if not path.endswith(ROW_KEYS_SUFFIX) or mapping not in registry.tree.files():
            continue
        row_keys = read_keys(registry.tree.read(path, MAX_BYTES), path)
        if old.rid.id in row_keys.by_id and read_mapping(registry.tree.read(mapping), mapping).kind == old.rid.kind:
            ids = {new.id if id == old.rid.id else id: key for id, key in row_keys.by_id.items()}
            texts[path] = keys_text(replace(row_keys, by_id=ids))
    return texts


def _rename_key(text: str, key: str, old: str, new: str) -> str:
    """The TOML text with `key = "old"` saying `new`; other lines stay."""
    line = re.compile(rf"^(\s*{key}\s*=\s*)([\"']){re.escape(old)}\2", re.MULTILINE)
    return line.sub(lambda match: f"{match[1]}{match[2]}{new}{match[2]}", text)
