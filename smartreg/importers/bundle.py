"""A file with those that belong to it: a shapefile and its `.dbf`, the one table in an archive."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.values import Words
from smartreg.importers.formats import FORMS, READABLE, ending_of, form_in
from smartreg.importers.sheet import MAX_BYTES

MAX_ENTRIES = 1000
COMPANIONS: Mapping[str, tuple[str, ...]] = {
    "shp": ("dbf", "shx", "prj", "cpg"),
    "dbf": ("cpg",),
    "tab": ("dat", "map", "id", "ind", "cpg"),
    "mif": ("mid",),
}
_MAIN = (*FORMS, "geojsonl", "txt")


class Bundle(NamedTuple):
    """A file to import: its displayed name, its format, its bytes, and the files that belong to it, by ending."""

    name: str
    form: str
    content: bytes
    companions: Mapping[str, bytes] = {}

    @property
    def digest(self) -> str:
        """SHA-256 of all its files."""
        found = hashlib.sha256(self.content)
        for ending, content in sorted(self.companions.items()):
            found.update(ending.encode() + hashlib.sha256(content).digest())
        return found.hexdigest()


def bundle_of(name: str, content: bytes, companions: Mapping[str, bytes], layer: str | None = None) -> Bundle:
    """The file or, of an archive, its content: the table that `layer` names, else the only one. UsageFault
    for unreadable formats, for files that are too large, and for archives without exactly one table."""
    if len(content) > MAX_BYTES or any(len(one) > MAX_BYTES for one in companions.values()):
        raise too_large(name)
    form = form_in(name, content)
    if form != "zip":
        return Bundle(name, form, content, companions)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return _unpack(name, packed, layer)
    except UsageFault:
        raise
    except Exception:  # zipfile and what unpacks for it have many errors for damaged data
        raise UsageFault(
            Words(f"{name} is an archive that cannot be read", f"{name} est une archive illisible"),
            Words("pack it again as ZIP, without a password", "recompressez le tout au format ZIP, sans mot de passe"),
        ) from None


def _unpack(name: str, packed: zipfile.ZipFile, layer: str | None) -> Bundle:
    parts = [part for part in packed.infolist() if not part.is_dir() and "__MACOSX" not in part.filename]
    if len(parts) > MAX_ENTRIES:
        raise too_large(name)
    _refuse_paths(name, [part.filename for part in parts])
    shapes = {_stem(part.filename) for part in parts if ending_of(part.filename) == "shp"}
    mains = [
        part
        for part in parts
        if ending_of(part.filename) in _MAIN
        and not (ending_of(part.filename) == "dbf" and _stem(part.filename) in shapes)
    ]
    main = _choose(name, mains, layer)
    content = _bytes(name, packed, main)
    wanted = COMPANIONS.get(ending_of(main.filename), ())
    companions = {
        ending_of(part.filename): _bytes(name, packed, part)
        for part in parts
        if _stem(part.filename) == _stem(main.filename) and ending_of(part.filename) in wanted
    }
    form = form_in(main.filename.rpartition("/")[2], content)
    if form == "zip":
        raise UsageFault(Words(f"{name} holds another archive", f"{name} contient une autre archive"))
    return Bundle(name, form, content, companions)


def _refuse_paths(name: str, paths: Iterable[str]) -> None:
    """UsageFault for an archive with paths that lead out of it. Nothing is unpacked to a path that an archive names,
    but such an archive is not honest."""
    for path in paths:
        steps = path.replace("\\", "/").split("/")
        if ".." in steps or not steps[0] or steps[0].endswith(":"):
            raise UsageFault(
                Words(
                    f"{name} holds a file outside of itself: {path!r}",
                    f"{name} contient un fichier hors d'elle : {path!r}",
                ),
                Words("ask for another file", "demandez un autre fichier"),
            )


def _choose(name: str, mains: list[zipfile.ZipInfo], layer: str | None) -> zipfile.ZipInfo:
    if not mains:
        raise UsageFault(
            Words(
                f"{name} holds no table; import reads {READABLE}",
                f"{name} ne contient pas de table ; import lit {READABLE}",
            )
        )
    if len(mains) == 1:
        return mains[0]
    base = [part.filename.rpartition("/")[2] for part in mains]
    named = [part for part, file in zip(mains, base, strict=True) if layer in (file, file.rpartition(".")[0])]
    if len(named) == 1:
        return named[0]
    listed = ", ".join(sorted(base)[:9])
    raise UsageFault(
        Words(f"{name} holds several tables: {listed}", f"{name} contient plusieurs tables : {listed}"),
        Words("say which: --layer NAME", "dites laquelle : --layer NOM"),
    )


def _bytes(name: str, packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """The content of a part of an archive, up to the size limit of a file."""
    with packed.open(part) as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise too_large(name)
    return content


def _stem(path: str) -> str:
    return path.rpartition(".")[0].casefold()


def too_large(file: str) -> UsageFault:
    return UsageFault(
        Words(f"{file} is larger than 64 MiB", f"{file} dépasse 64 Mio"), Words("split it", "découpez-le")
    )
