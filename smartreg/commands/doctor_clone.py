"""What `doctor` checks in a clone: merge driver, attributes, line ends, hooks, history, schemas.

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
from smartreg.core.values import Words
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
from smartreg.schema import bundled_files
from smartreg.trees import OddSchema, schema_texts

CheckState: TypeAlias = Literal["ok", "note", "mend"]
Repair: TypeAlias = Literal["driver", "attributes", ""]


@dataclass(frozen=True)
class Check:
    """One thing checked. `note` is worth knowing, `mend` must be repaired; `repair` is what `--fix` can repair."""

    name: str
    state: CheckState
    message: Words
    hint: Words | None = None
    repair: Repair = ""


HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")
YES = ("true", "yes", "on", "1")
PACKAGE = "smartreg"
_DRIVER = f"merge.{DRIVER}.driver"
_INSTALL = Words(
    "install smartreg so that its Python finds it without PYTHONPATH, then run smartreg doctor again",
    "installez smartreg pour que son Python le trouve sans PYTHONPATH, puis relancez smartreg doctor",
)


def clone(repo: Repo, there: Mapping[str, str], program: str, prefix: Path) -> Iterator[Check]:
    """What the settings, attributes and history of this clone are like. `program` starts smartreg, which is installed
    in the folder `prefix`."""
    yield _driver(there, program)
    yield from _server_merges(repo)
    yield from _textconv(there, program)
    yield from _installation(repo, prefix)
    path = f"{FOLDER}/equipment/x.yaml"
    said = attributes(repo.git, path, ("merge", "diff", "eol"))
    yield _attributes(said)
    yield _line_ends(there, said)
    yield _hooks(repo, there)
    yield from _check_unfinished(repo)
    yield from _history(repo)


def _check_unfinished(repo: Repo) -> Iterator[Check]:
    """Interrupted work."""
    if is_write_pending(repo):
        yield Check(
            "interrupted write",
            "mend",
            Words(
                "a write was interrupted and is neither finished nor undone yet",
                "une écriture interrompue n'est encore ni terminée ni annulée",
            ),
            Words(
                "smartreg doctor --fix finishes or undoes it, and so does any command that writes",
                "smartreg doctor --fix la termine ou l'annule, comme toute commande qui écrit",
            ),
        )
    under_way = work_under_way(repo)
    if under_way is not None:
        yield Check(
            "work",
            "note",
            under_way,
            Words("smartreg resolve asks whose side to take", "smartreg resolve demande quel côté garder"),
        )


def _history(repo: Repo) -> Iterator[Check]:
    """What makes the history differ from what was written."""
    if repo.is_shallow():
        yield Check(
            "history",
            "note",
            Words("this clone is shallow: the history is cut", "ce clone est superficiel : l'historique est coupé"),
            Words("git fetch --unshallow", "git fetch --unshallow"),
        )
    if repo.has_grafts() or repo.replace_refs():
        yield Check(
            "history",
            "note",
            Words(
                "replaced objects or grafts: smartreg ignores them",
                "objets remplacés ou greffes : smartreg les ignore",
            ),
            Words("git replace -l; look at .git/info/grafts", "git replace -l ; voyez .git/info/grafts"),
        )


def _driver(there: Mapping[str, str], program: str) -> Check:
    wanted, found = driver_settings(program), there.get(_DRIVER)
    fix = Words("smartreg doctor --fix registers it", "smartreg doctor --fix l'enregistre")
    if found is None:
        message = Words(
            "this clone merges records line by line: the merge driver is not registered",
            "ce clone fusionne ligne à ligne : le pilote de fusion n'est pas enregistré",
        )
        return Check("merge driver", "mend", message, fix, "driver")
    python = _interpreter(found)
    if python is None:
        return Check("merge driver", "mend", _unsafe("merge driver", "pilote de fusion"), fix, "driver")
    if found != wanted[_DRIVER] and shutil.which(python) is None:
        message = Words("the merge driver's program no longer exists", "le programme du pilote de fusion a disparu")
        return Check("merge driver", "mend", message, fix, "driver")
    if any(there.get(key) != value for key, value in wanted.items()):
        message = Words("the merge driver is registered in another way", "le pilote de fusion est enregistré autrement")
        return Check("merge driver", "note", message, fix, "driver")
    said = _fault_of(program)
    if said is not None:
        message = Words(f"the merge driver does not run: {said}", f"le pilote de fusion ne fonctionne pas : {said}")
        return Check("merge driver", "mend", message, _INSTALL)
    return Check("merge driver", "ok", Words("records merge field by field", "les fiches fusionnent champ par champ"))


def _server_merges(repo: Repo) -> Iterator[Check]:
    """How a hosting service merges, which runs no driver; nothing without such a service."""
    base = repo.upstream()
    if base.startswith(REMOTES):
        remote, base = base.removeprefix(REMOTES).removesuffix(f"/{repo.default_branch()}"), shlex.quote(base)
        yield Check(
            "server merges",
            "note",
            Words(
                "GitHub and GitLab merge line by line, without the driver: neighbouring fields conflict there",
                "GitHub et GitLab fusionnent ligne à ligne, sans le pilote : des champs voisins y entrent en conflit",
            ),
            Words(
                f"merge here and push: git fetch {remote} && git merge {base}; smartreg resolve settles "
                "what was merged without the driver",
                f"fusionnez ici et poussez : git fetch {remote} && git merge {base} ; smartreg resolve "
                "corrige une fusion faite sans le pilote",
            ),
        )


def _textconv(there: Mapping[str, str], program: str) -> Iterator[Check]:
    """How Git starts `textconv`, where the user has set it."""
    for key, wanted in textconv_settings(program).items():
        if "smartreg" in there.get(key, "") and there[key] != wanted:
            message = _unsafe("textconv", "textconv")
            fix = Words("smartreg doctor --fix registers it again", "smartreg doctor --fix l'enregistre de nouveau")
            yield Check("textconv", "mend", message, fix, "driver")


def _unsafe(what: str, french: str) -> Words:
    return Words(
        f"{what}: registered so that a Python file of a branch could run when Git starts it",
        f"{french} : enregistré de sorte qu'un fichier Python d'une branche pourrait s'exécuter",
    )


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
            Words(
                "smartreg is installed inside this working tree: a branch that is checked out can replace it",
                "smartreg est installé dans cette copie de travail : une branche qu'on y extrait peut le remplacer",
            ),
            Words("install it in a folder outside of it", "installez-le dans un dossier extérieur"),
        )


def _attributes(said: Mapping[str, str]) -> Check:
    if said == {"merge": DRIVER, "diff": DRIVER, "eol": "lf"}:
        return Check("attributes", "ok", Words(".gitattributes names the driver", ".gitattributes nomme le pilote"))
    message = Words(
        ".gitattributes does not tell Git how to merge records",
        ".gitattributes ne dit pas à Git comment fusionner les fiches",
    )
    fix = Words("smartreg doctor --fix adds the line", "smartreg doctor --fix ajoute la ligne")
    return Check("attributes", "mend", message, fix, "attributes")


def _line_ends(there: Mapping[str, str], said: Mapping[str, str]) -> Check:
    if said["eol"] != "lf" and there.get("core.autocrlf", "").lower() in YES:
        return Check(
            "line ends",
            "mend",
            Words("core.autocrlf gives the records CR LF line ends", "core.autocrlf donne des fins de ligne CR LF"),
            Words("git config core.autocrlf input", "git config core.autocrlf input"),
        )
    return Check("line ends", "ok", Words("line ends stay LF", "les fins de ligne restent LF"))


def _hooks(repo: Repo, there: Mapping[str, str]) -> Check:
    place = there.get("core.hookspath")
    folder = repo.top / Path(place).expanduser() if place else repo.common_dir / "hooks"
    active = [name for name in HOOKS if (folder / name).is_file()]
    if place and not folder.is_dir():
        return Check(
            "hooks",
            "mend",
            Words("core.hooksPath names a folder that is not there", "core.hooksPath nomme un dossier absent"),
            Words("git config --unset core.hooksPath", "git config --unset core.hooksPath"),
        )
    if active:
        listed = ", ".join(active)
        return Check("hooks", "ok", Words(f"hooks at each write: {listed}", f"hooks à chaque écriture : {listed}"))
    return Check("hooks", "ok", Words("no hooks", "pas de hooks"))


def schemas(root: Path) -> Iterator[Check]:
    """Whether the schemas of the registry are those of this release; nothing if they cannot be read, which is
    reported elsewhere."""
    try:
        own = schema_texts(root)
    except (SmartregError, OddSchema):
        return
    old = [name for name, text in bundled_files().items() if own.get(name, text) != text]
    several = len(old) > 1
    if old:
        yield Check(
            "schemas",
            "note",
            Words(
                f"{len(old)} schema{'s differ' if several else ' differs'} from this release",
                f"{len(old)} schéma{'s diffèrent' if several else ' diffère'} de cette version",
            ),
            Words("smartreg schema --refresh -n shows how", "smartreg schema --refresh -n montre en quoi"),
        )
    else:
        yield Check("schemas", "ok", Words("schemas of this release", "schémas de cette version"))
