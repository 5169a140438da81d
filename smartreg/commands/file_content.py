"""The bytes of a file that somebody names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from smartreg.core.errors import UsageFault
from smartreg.core.values import Words


@contextmanager
def open_given(file: Path) -> Iterator[BinaryIO]:
    """A file or pipe that the user names, open for reading; UsageFault when it is not there or cannot be read."""
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
    """At most `most` bytes and one, of a file or of a pipe; UsageFault when it is not there or cannot be read."""
    with open_given(file) as stream:
        return stream.read(most + 1)


def printable(name: str) -> str:
    """The name of a file as it can be shown and kept."""
    return "".join(char if char.isprintable() else "�" for char in unicodedata.normalize("NFC", name))
