"""`annex`: a document of a convention with its digest; a data charter or interface clause also for its third party.

The file behind it is copied below `registry/annexes/`, or there already, or on the web. Also the bytes of any other
file that the user names.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import BinaryIO

from smartreg.commands.conventions import convention_named, refuse_old_schema
from smartreg.commands.workspace import Workspace, record_of, write
from smartreg.core.errors import Refused, StateFault, UsageFault
from smartreg.core.spelling import slug
from smartreg.core.values import Json, KeyPath, Record, Words
from smartreg.domain.acts import ACTS
from smartreg.domain.coverage import title_of
from smartreg.domain.kinds import is_party
from smartreg.edit import Edit, Outcome, WriteOptions, change_text, read_value
from smartreg.registry import FOLDER, Registry
from smartreg.schema import ITEM, Kind, value_hint


@contextmanager
def open_given(file: Path) -> Iterator[BinaryIO]:
    """A file or pipe that the user names, open for reading; UsageFault if it does not exist or cannot be read."""
    try:
        with file.open("rb") as stream:
            yield stream
    except IsADirectoryError:
        raise UsageFault(
            Words(f"{file} is a folder", f"{file} est un dossier"),
            Words("give a file in it", "donnez un fichier qui s'y trouve"),
        ) from None
    except FileNotFoundError:
        raise UsageFault(Words(f"there is no file {file}", f"il n'y a pas de fichier {file}")) from None
    except OSError as error:
        raise UsageFault(
            Words(f"cannot read {file}: {error.strerror}", f"lecture de {file} impossible : {error.strerror}")
        ) from None


def content_of(file: Path, most: int) -> bytes:
    """At most `most` bytes and one, of a file or of a pipe; UsageFault if it does not exist or cannot be read."""
    with open_given(file) as stream:
        return stream.read(most + 1)


def printable(name: str) -> str:
    """The name of a file as it can be shown and kept."""
    return "".join(char if char.isprintable() else "�" for char in unicodedata.normalize("NFC", name))


ANNEXES = f"{FOLDER}/annexes"
WEB = ("http://", "https://")
LIMIT = 50 * 1024 * 1024  # what hosts of Git repositories take without complaint
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class AttachedDocument:
    """A document as records name it (`path`), its digest, and the file to write, if it is not there yet."""

    path: str
    sha256: str | None
    file: str | None = None
    writes: Mapping[str, bytes | None] = field(default_factory=dict)

    def for_record(self, registry: Registry, record: Record) -> str:
        """The path by which this record names it: short where only this file can be meant."""
        relative = f"{record.file.rpartition('/')[0]}/{self.path}"
        taken = self.file is not None and relative != self.file and relative in registry.tree.files()
        return self.file or self.path if taken else self.path

    def fields(self, registry: Registry, record: Record) -> dict[str, Json]:
        """`path` and `sha256` as an annex of this record has them."""
        digest = {"sha256": self.sha256} if self.sha256 else {}
        return {"path": self.for_record(registry, record), **digest}


def document(workspace: Workspace, registry: Registry, source: str, sha256: str | None = None) -> AttachedDocument:
    """The document that `source` is: a web address, a file of the registry, or a file from elsewhere, which will be
    copied. UsageFault when it is none of these, or `sha256` is not its digest."""
    if sha256 is not None and not _DIGEST.fullmatch(sha256):
        raise UsageFault(
            Words("--sha256 takes 64 hexadecimal digits in lower case", "--sha256 attend 64 chiffres hexadécimaux"),
            Words("sha256sum FILE prints them", "sha256sum FICHIER les affiche"),
        )
    if source.startswith(WEB):
        return AttachedDocument(source, sha256)
    content = _content(source)
    digest = hashlib.sha256(content).hexdigest()
    if sha256 is not None and sha256 != digest:
        raise UsageFault(
            Words(f"the file has a different digest: {digest}", f"le fichier a une autre empreinte : {digest}"),
            Words("is it the file that was signed?", "est-ce bien le fichier signé ?"),
        )
    file = _inside(workspace.root, source)
    if file is not None:
        _refuse_uncommitted(workspace, file, content)
        return AttachedDocument(file.removeprefix(f"{FOLDER}/"), digest, file)
    file = f"{ANNEXES}/{_name(Path(source).name)}"
    present = registry.text_of(file)
    if present is not None and present != content:
        raise UsageFault(
            Words(f"{file} already holds something else", f"{file} contient déjà autre chose"),
            Words("give the file another name first", "donnez d'abord un autre nom au fichier"),
        )
    if present is not None:
        _refuse_uncommitted(workspace, file, content)
    return AttachedDocument(
        file.removeprefix(f"{FOLDER}/"), digest, file, {} if present is not None else {file: content}
    )


def _content(source: str) -> bytes:
    path = Path(source)
    if not path.is_file():
        raise UsageFault(
            Words(f"there is no file {source}", f"il n'y a pas de fichier {source}"),
            Words(
                "give a file, or an address that begins with https://",
                "donnez un fichier, ou une adresse qui commence par https://",
            ),
        )
    content = content_of(path, LIMIT)
    if len(content) > LIMIT:
        raise UsageFault(
            Words(f"{source} is larger than {LIMIT >> 20} MB", f"{source} dépasse {LIMIT >> 20} Mo"),
            Words(
                "keep it elsewhere and give its address, with --sha256",
                "conservez-le ailleurs et donnez son adresse, avec --sha256",
            ),
        )
    return content


def _inside(root: Path, source: str) -> str | None:
    """Its path from the root when it lies in an `annexes/` folder of the registry; None otherwise."""
    try:
        inside = Path(os.path.abspath(source)).relative_to(root.absolute()).as_posix()
    except ValueError:
        return None
    return inside if inside.startswith(f"{FOLDER}/") and "/annexes/" in inside else None


def _refuse_uncommitted(workspace: Workspace, file: str, content: bytes) -> None:
    """Refuse a file that only this disk has: other clones of the commit would lack it."""
    try:
        committed = workspace.tree("HEAD").read(file, len(content) + 1)
    except (FileNotFoundError, UsageFault):
        committed = None
    if committed != content:
        raise StateFault(
            Words(f"{file} is not committed as it stands", f"{file} n'est pas commité en l'état"),
            Words(
                f"commit it first: git add {file} && git commit; or give the file from elsewhere, and it is copied",
                f"commitez-le d'abord : git add {file} && git commit ; ou donnez le fichier d'ailleurs, il sera copié",
            ),
        )


def _name(name: str) -> str:
    """A file name without accents, spaces and capitals."""
    stem, dot, end = name.rpartition(".")
    return f"{slug(stem) or 'annexe'}.{slug(end)}" if dot and slug(end) else slug(name) or "annexe"


CHARTER, CLAUSE, THIRD = "data_charter", "interface_clause", "third_parties"
Changes = list[tuple[KeyPath, Json]]


@dataclass(frozen=True)
class Annex:
    """An annex as asked for: its kind, its title, its file or web address; for the data charter or interface clause of
    a third party, the party and the day on which it accepted."""

    kind: str
    source: str
    title: str | None = None
    sha256: str | None = None
    party: str | None = None
    accepted_on: date | None = None


def annex(workspace: Workspace, word: str, attachment: Annex, options: WriteOptions) -> Outcome:
    """Add the annex in one commit. UsageFault for a kind that does not exist; Refused when the convention has it
    already."""
    registry = workspace.current
    record = convention_named(registry, word)
    kind = registry.schemas.kinds[record.rid.kind]
    attachment = replace(attachment, kind=str(read_value(kind, ("annexes", 0, "kind"), attachment.kind)))
    _refuse_kind(kind, attachment)
    party = _party(registry, attachment)
    file = document(workspace, registry, attachment.source, attachment.sha256)
    changes = _plan_annex(registry, record, attachment, file)
    writes: dict[str, bytes | None] = dict(file.writes)
    if party is not None and attachment.kind == CLAUSE:
        changes += _admission(registry, record, party, attachment, file)
    elif party is not None:
        writes[party.file] = _charter(registry, party, attachment, file)
    if not changes and not any(registry.text_of(path) != text for path, text in writes.items()):
        raise Refused(
            Words(f"{record.rid} has this annex already", f"{record.rid} a déjà cette annexe"),
            Words(f"smartreg show {record.rid} shows it", f"smartreg show {record.rid} la montre"),
        )
    if changes:
        writes[record.file] = change_text(kind, registry.tree.read(record.file), changes)
    edit = Edit(
        "annex",
        (record.rid,),
        writes,
        f"Annex {attachment.kind} to {record.rid}: {attachment.title or file.path}"[:120],
    )
    named = (record.rid, party.rid) if party is not None and attachment.kind == CHARTER else (record.rid,)
    return write(workspace, registry, replace(edit, records=named, conventions=(record.rid.id,)), options)


def kinds_of_annex(kind: Kind) -> tuple[str, ...]:
    """What an annex can be, by the schema of conventions."""
    field = kind.by_path.get(("annexes", ITEM, "kind"))
    return tuple(str(value) for value in field.enum) if field else ()


def _refuse_kind(kind: Kind, attachment: Annex) -> None:
    known = kinds_of_annex(kind)
    if attachment.kind not in known:
        field = kind.by_path[("annexes", ITEM, "kind")]
        listed = [field.choice(value) for value in known]
        raise UsageFault(
            Words(
                f'no kind of annex "{attachment.kind}"; there are {", ".join(one.en for one in listed)}',
                f"pas d'annexe « {attachment.kind} » ; il y a {', '.join(one.fr for one in listed)}",
            ),
            value_hint(field, attachment.kind),
        )
    if attachment.party is not None and attachment.kind not in (CHARTER, CLAUSE):
        raise UsageFault(
            Words(f"--party goes with {CHARTER} and {CLAUSE} only", f"--party ne va qu'avec {CHARTER} et {CLAUSE}"),
            Words(f"leave --party out, or choose --kind {CHARTER}", f"ôtez --party, ou choisissez --kind {CHARTER}"),
        )


def _party(registry: Registry, attachment: Annex) -> Record | None:
    if attachment.party is None:
        return None
    party = record_of(registry, attachment.party, "party")
    if not is_party(party.rid):
        raise UsageFault(Words(f"{party.rid} is not a party", f"{party.rid} n'est pas une partie"))
    return party


def _plan_annex(registry: Registry, record: Record, attachment: Annex, file: AttachedDocument) -> Changes:
    """The new item of `annexes`; nothing when there is one with this kind and file."""
    present = record.data.get("annexes")
    items = present if isinstance(present, list) else []
    fields = file.fields(registry, record)
    for item in items:
        if isinstance(item, Mapping) and (item.get("kind"), item.get("path")) == (attachment.kind, fields["path"]):
            return []
    title = {"title": attachment.title} if attachment.title else {}
    return [(("annexes", len(items)), {"kind": attachment.kind, **title, **fields})]


def _clause(registry: Registry, record: Record, party: Record, attachment: Annex, file: AttachedDocument) -> Changes:
    """What `third_parties` then says of the party: the day on which it accepted, and the document."""
    present = record.data.get(THIRD)
    items = present if isinstance(present, list) else []
    said = {"interface_clause_on": str(attachment.accepted_on), "document": file.for_record(registry, record)}
    for index, item in enumerate(items):
        if isinstance(item, Mapping) and item.get("party") == party.rid.id:
            return [((THIRD, index, name), value) for name, value in said.items() if item.get(name) != value]
    return [((THIRD, len(items)), {"party": party.rid.id, **said})]


def _admission(registry: Registry, record: Record, party: Record, attachment: Annex, file: AttachedDocument) -> Changes:
    """The clause of a third party: in the convention itself until it is signed, then as an act of its own."""
    title = title_of(registry, record)
    if not title.signed:
        return _clause(registry, record, party, attachment, file)
    refuse_old_schema(registry.schemas.kinds[record.rid.kind], ACTS)
    said = {
        "party": party.rid.id,
        "interface_clause_on": str(attachment.accepted_on),
        "document": file.for_record(registry, record),
    }
    present = title.admitted.get(party.rid.id)
    if present == said:
        return []
    act = {
        "signed_on": str(attachment.accepted_on),
        "adds": {THIRD: [said]},
        **({"removes": {THIRD: [party.rid.id]}} if present is not None else {}),
    }
    acts = record.data.get(ACTS)
    return [((ACTS, len(acts) if isinstance(acts, list) else 0), act)]


def _charter(registry: Registry, party: Record, attachment: Annex, file: AttachedDocument) -> bytes:
    """The party's text with the day on which it signed the charter, and the document."""
    said = {"signed_on": str(attachment.accepted_on), "document": file.for_record(registry, party)}
    changes: Changes = [(("data_charter", name), value) for name, value in said.items()]
    return change_text(registry.schemas.kinds[party.rid.kind], registry.tree.read(party.file), changes)
