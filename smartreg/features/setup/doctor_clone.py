"""The checks of `doctor` in a clone: merge driver, attributes, line ends, hooks, history, schemas.

The result of one check, as a value.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias

from smartreg.core.errors import SmartregError
from smartreg.core.installation import SAFELY
from smartreg.core.messages import Message, Text, verbatim
from smartreg.gitio import (
    DRIVER,
    REMOTES,
    Repo,
    attributes,
    driver_settings,
    is_write_pending,
    textconv_settings,
    work_under_way,
)
from smartreg.registry import FOLDER
from smartreg.schema import schemas_in
from smartreg.schema.settings_file import country_in
from smartreg.trees import OddSchema, schema_texts, settings_text

CheckState: TypeAlias = Literal["ok", "note", "mend"]
Repair: TypeAlias = Literal["driver", "attributes", ""]


@dataclass(frozen=True)
class Check:
    """One thing checked. `note` is worth knowing, `mend` must be repaired; `repair` is what `--fix` can repair."""

    name: str
    state: CheckState
    message: Text
    hint: Text | None = None
    repair: Repair = ""


HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")
YES = ("true", "yes", "on", "1")
PACKAGE = "smartreg"
_DRIVER = f"merge.{DRIVER}.driver"
_INSTALL = Message("install smartreg so that its Python finds it without PYTHONPATH, then run smartreg doctor again")


def clone(repo: Repo, there: Mapping[str, str], program: str, prefix: Path) -> Iterator[Check]:
    """Check the settings, attributes and history of this clone. `program` starts smartreg, which is installed
    in the folder `prefix`."""
    yield _driver(there, program)
    yield from _server_merges(repo)
    yield from _textconv(there, program)
    yield from _installation(repo, prefix)
    path = f"{FOLDER}/equipment/x.yaml"
    values = attributes(repo.git, path, ("merge", "diff", "eol"))
    yield _attributes(values)
    yield _line_ends(there, values)
    yield _hooks(repo, there)
    yield from _check_unfinished(repo)
    yield from _history(repo)


def _check_unfinished(repo: Repo) -> Iterator[Check]:
    """Interrupted work."""
    if is_write_pending(repo):
        yield Check(
            "interrupted write",
            "mend",
            Message("a write was interrupted and is neither finished nor undone yet"),
            Message("smartreg doctor --fix finishes or undoes it, and so does any command that writes"),
        )
    under_way = work_under_way(repo)
    if under_way is not None:
        yield Check(
            "work",
            "note",
            under_way,
            Message("smartreg resolve asks whose side to take"),
        )


def _history(repo: Repo) -> Iterator[Check]:
    """Report what makes the history differ from what was written."""
    if repo.is_shallow():
        yield Check(
            "history",
            "note",
            Message("this clone is shallow: the history is cut"),
            verbatim("git fetch --unshallow"),
        )
    if repo.has_grafts() or repo.replace_refs():
        yield Check(
            "history",
            "note",
            Message("replaced objects or grafts: smartreg ignores them"),
            Message("git replace -l; look at .git/info/grafts"),
        )


def _driver(there: Mapping[str, str], program: str) -> Check:
    expected, registered = driver_settings(program), there.get(_DRIVER)
    fix = Message("smartreg doctor --fix registers it")
    if registered is None:
        message = Message("this clone merges records line by line: the merge driver is not registered")
        return Check("merge driver", "mend", message, fix, "driver")
    python = _interpreter(registered)
    if python is None:
        return Check("merge driver", "mend", _unsafe(Message("merge driver")), fix, "driver")
    if registered != expected[_DRIVER] and shutil.which(python) is None:
        message = Message("the merge driver's program no longer exists")
        return Check("merge driver", "mend", message, fix, "driver")
    if any(there.get(key) != value for key, value in expected.items()):
        message = Message("the merge driver is registered in another way")
        return Check("merge driver", "note", message, fix, "driver")
    fault = _fault_of(program)
    if fault is not None:
        message = Message("the merge driver does not run: {said}", said=fault)
        return Check("merge driver", "mend", message, _INSTALL)
    return Check("merge driver", "ok", Message("records merge field by field"))


def _server_merges(repo: Repo) -> Iterator[Check]:
    """How a hosting service merges, which runs no driver; nothing without such a service."""
    base = repo.upstream()
    if base.startswith(REMOTES):
        remote, base = base.removeprefix(REMOTES).removesuffix(f"/{repo.default_branch()}"), shlex.quote(base)
        yield Check(
            "server merges",
            "note",
            Message("GitHub and GitLab merge line by line, without the driver: neighbouring fields conflict there"),
            Message(
                "merge here and push: git fetch {remote} && git merge {base}; smartreg resolve settles what was "
                "merged without the driver",
                remote=remote,
                base=base,
            ),
        )


def _textconv(there: Mapping[str, str], program: str) -> Iterator[Check]:
    """How Git starts `textconv`, where the user has set it."""
    for key, expected in textconv_settings(program).items():
        if "smartreg" in there.get(key, "") and there[key] != expected:
            message = _unsafe(verbatim("textconv"))
            fix = Message("smartreg doctor --fix registers it again")
            yield Check("textconv", "mend", message, fix, "driver")


def _unsafe(what: Text) -> Text:
    return Message("{what}: registered so that a Python file of a branch could run when Git starts it", what=what)


def _interpreter(driver: str) -> str | None:
    """The interpreter of a driver that `driver_settings` would register, whichever installation of smartreg it starts;
    None of any other."""
    program = driver.partition(" merge-driver ")[0].replace("%%", "%")
    try:
        python, *rest = shlex.split(program)
    except ValueError:  # quotes that do not close, or nothing
        return None
    safe = rest == [*SAFELY.split(), PACKAGE] and os.path.isabs(python)
    return python if safe and driver == driver_settings(program)[_DRIVER] else None


def _fault_of(program: str) -> str | None:
    """Merge three texts as Git would run the driver; what is wrong if that fails."""
    with TemporaryDirectory(prefix="smartreg-") as folder:
        for name, text in (("base", "a\n"), ("ours", "a\n"), ("theirs", "b\n")):
            Path(folder, name).write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["sh", "-c", f"{program} merge-driver -- base ours theirs x"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode == 0 and Path(folder, "ours").read_bytes() == b"b\n":
            return None
    lines = done.stderr.decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), f"exit {done.returncode}")


def _installation(repo: Repo, prefix: Path) -> Iterator[Check]:
    """Whether a branch can replace installed files."""
    if prefix.resolve().is_relative_to(repo.top):
        yield Check(
            "installation",
            "note",
            Message("smartreg is installed inside this working tree: a branch that is checked out can replace it"),
            Message("install it in a folder outside of it"),
        )


def _attributes(values: Mapping[str, str]) -> Check:
    if values == {"merge": DRIVER, "diff": DRIVER, "eol": "lf"}:
        return Check("attributes", "ok", Message(".gitattributes names the driver"))
    message = Message(".gitattributes does not tell Git how to merge records")
    fix = Message("smartreg doctor --fix adds the line")
    return Check("attributes", "mend", message, fix, "attributes")


def _line_ends(there: Mapping[str, str], values: Mapping[str, str]) -> Check:
    if values["eol"] != "lf" and there.get("core.autocrlf", "").lower() in YES:
        return Check(
            "line ends",
            "mend",
            Message("core.autocrlf gives the records CR LF line ends"),
            verbatim("git config core.autocrlf input"),
        )
    return Check("line ends", "ok", Message("line ends stay LF"))


def _hooks(repo: Repo, there: Mapping[str, str]) -> Check:
    place = there.get("core.hookspath")
    folder = repo.top / Path(place).expanduser() if place else repo.common_dir / "hooks"
    active = [name for name in HOOKS if (folder / name).is_file()]
    if place and not folder.is_dir():
        return Check(
            "hooks",
            "mend",
            Message("core.hooksPath names a folder that is not there"),
            verbatim("git config --unset core.hooksPath"),
        )
    if active:
        listed = ", ".join(active)
        return Check("hooks", "ok", Message("hooks at each write: {listed}", listed=listed))
    return Check("hooks", "ok", Message("no hooks"))


def schemas(root: Path) -> Iterator[Check]:
    """Whether the schemas of the registry are those of this release; nothing if they cannot be read, which is
    reported elsewhere."""
    try:
        own = schema_texts(root)
    except (SmartregError, OddSchema):
        return
    shipped = schemas_in(country_in(settings_text(root)))
    old = [name for name, text in shipped.items() if own.get(name, text) != text]
    several = len(old) > 1
    if old:
        yield Check(
            "schemas",
            "note",
            Message("{old} schemas differ from this release", old=len(old))
            if several
            else Message("{old} schema differs from this release", old=len(old)),
            Message("smartreg schema --refresh -n shows how"),
        )
    else:
        yield Check("schemas", "ok", Message("schemas of this release"))
