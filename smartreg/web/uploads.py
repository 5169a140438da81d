"""A file that a page was given, kept beside Git until the change that it belongs to is written."""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from starlette.datastructures import UploadFile

from smartreg.core.errors import UsageFault
from smartreg.core.files import make_folder
from smartreg.core.messages import Message
from smartreg.core.spelling import slug
from smartreg.gitio.faults import translate_os_errors
from smartreg.web.visit import Visit
from smartreg.workspace.documents import LIMIT

FOLDER = "smartreg/uploads"  # in the Git directory: no tree holds it
KEPT_S = 24 * 3600.0
BEGINNINGS = {
    "pdf": b"%PDF-",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
    **dict.fromkeys(("docx", "odt", "ods", "xlsx", "zip"), b"PK\x03\x04"),
}
"""The first bytes of the files that are taken, by the end of their names."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


def kept_file(visit: Visit) -> Path | None:
    """The file that was chosen on this page, or on the one before; None without one. UsageFault for one that is not
    taken."""
    given = visit.form.get("file")
    if isinstance(given, UploadFile) and given.filename:
        return keep_file(visit, given, _name_of_annex)
    return find_file(visit, str(visit.form.get("upload") or ""))


def find_file(visit: Visit, token: str) -> Path | None:
    """The file that was kept under this name of its folder; None if there is none any more."""
    folder = visit.workspace.git.git_dir / FOLDER
    return next(iter((folder / token).glob("*")), None) if _DIGEST.fullmatch(token) else None


def keep_file(visit: Visit, given: UploadFile, name_of: Callable[[str, bytes], str]) -> Path:
    """Keep a file until `drop`, or for a day, in a folder of its own, named by its digest. `name_of` gives it its name,
    and raises UsageFault for one that is not taken."""
    folder, content = visit.workspace.git.git_dir / FOLDER, given.file.read(LIMIT + 1)
    name = PurePosixPath((given.filename or "").replace("\\", "/")).name
    kept_as = name_of(name, content)
    if len(content) > LIMIT:
        raise UsageFault(Message("{name} is larger than {limit} MB", name=name, limit=LIMIT >> 20))
    with translate_os_errors():
        make_folder(folder.parent)
        make_folder(folder)
        for older in folder.iterdir():
            if older.stat().st_mtime < time.time() - KEPT_S:
                shutil.rmtree(older, ignore_errors=True)
        place = folder / hashlib.sha256(content).hexdigest()
        shutil.rmtree(place, ignore_errors=True)
        make_folder(place)
        place.chmod(0o700)  # what is given to a page may be for nobody else on this computer
        file = place / kept_as
        file.write_bytes(content)
    return file


def drop(file: Path) -> None:
    """Delete a file that is not needed any more."""
    shutil.rmtree(file.parent, ignore_errors=True)


def _name_of_annex(name: str, content: bytes) -> str:
    stem, dot, end = name.rpartition(".")
    beginning = BEGINNINGS.get(end.lower()) if dot else None
    if beginning is None or not content.startswith(beginning):
        raise UsageFault(
            Message("{name} is no file that can be annexed", name=name),
            Message("give a PDF, an office document, a picture or a ZIP archive"),
        )
    return f"{slug(stem) or 'annexe'}.{end.lower()}"
