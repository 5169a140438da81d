"""What `doctor` looks at in a clone: merge driver, attributes, line ends, hooks, history, schemas, index."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from smartreg.commands.doctor_check import Check
from smartreg.gitio import DRIVER, Repo, attributes, driver_settings, is_write_pending, work_under_way
from smartreg.index import Index, Lost, load_state
from smartreg.registry import FOLDER, SCHEMA_FOLDER
from smartreg.schema import bundled_files
from smartreg.values import Words

HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")
YES = ("true", "yes", "on", "1")


def clone(repo: Repo, there: Mapping[str, str], program: str) -> Iterator[Check]:
    """What the settings, attributes and history of this clone are like."""
    yield _driver(there, program)
    path = f"{FOLDER}/equipment/x.yaml"
    said = attributes(repo.git, path, ("merge", "diff", "eol"))
    yield _attributes(said)
    yield _line_ends(there, said)
    yield _hooks(repo, there)
    yield from _unfinished(repo)
    yield from _history(repo)


def _unfinished(repo: Repo) -> Iterator[Check]:
    """What was begun and not brought to its end."""
    if is_write_pending(repo):
        yield Check(
            "interrupted write",
            "mend",
            Words("a write was interrupted and is not undone yet", "une écriture interrompue n'est pas encore annulée"),
            Words(
                "wait for other commands to end, then run smartreg doctor again",
                "attendez la fin des autres commandes, puis relancez smartreg doctor",
            ),
        )
    under_way = work_under_way(repo)
    if under_way is not None:
        yield Check(
            "work",
            "note",
            under_way,
            Words("smartreg resolve RECORD shows what conflicts", "smartreg resolve RECORD montre les conflits"),
        )


def _history(repo: Repo) -> Iterator[Check]:
    """What makes the history other than it was written."""
    if repo.is_shallow():
        yield Check(
            "history",
            "note",
            Words("this clone is shallow: the history is cut", "ce clone est superficiel : l'historique est coupé"),
            Words("git fetch --unshallow", "git fetch --unshallow"),
        )
    if repo.has_grafts() or repo.replaced():
        yield Check(
            "history",
            "note",
            Words(
                "replaced objects or grafts: smartreg reads past them",
                "objets remplacés ou greffes : smartreg les ignore",
            ),
            Words("git replace -l; look at .git/info/grafts", "git replace -l ; voyez .git/info/grafts"),
        )


def _driver(there: Mapping[str, str], program: str) -> Check:
    wanted = driver_settings(program)
    found = there.get(f"merge.{DRIVER}.driver")
    fix = Words("smartreg doctor --fix registers it", "smartreg doctor --fix l'enregistre")
    if found is None:
        message = Words(
            "this clone merges records line by line: the merge driver is not registered",
            "ce clone fusionne ligne à ligne : le pilote de fusion n'est pas enregistré",
        )
        return Check("merge driver", "mend", message, fix, "driver")
    if any(there.get(key) != value for key, value in wanted.items()):
        if not _can_be_started(found):
            message = Words(
                "the merge driver's program is not there any more", "le programme du pilote de fusion a disparu"
            )
            return Check("merge driver", "mend", message, fix, "driver")
        message = Words("the merge driver is registered in another way", "le pilote de fusion est enregistré autrement")
        return Check("merge driver", "note", message, fix, "driver")
    return Check(
        "merge driver", "ok", Words("records merge field by field", "les enregistrements fusionnent champ par champ")
    )


def _can_be_started(driver: str) -> bool:
    try:
        words = shlex.split(driver.partition(" merge-driver")[0])
    except ValueError:  # quotes that do not close
        return False
    return bool(words) and shutil.which(words[0]) is not None


def _attributes(said: Mapping[str, str]) -> Check:
    if said == {"merge": DRIVER, "diff": DRIVER, "eol": "lf"}:
        return Check("attributes", "ok", Words(".gitattributes names the driver", ".gitattributes nomme le pilote"))
    message = Words(
        ".gitattributes does not tell Git how to merge records",
        ".gitattributes ne dit pas à Git comment fusionner les enregistrements",
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


def schemas(root: Path) -> Check:
    """Whether the schemas that smartreg ships are those of this release."""
    old = [
        name
        for name, text in bundled_files().items()
        if not (path := root / SCHEMA_FOLDER / name).is_symlink() and path.is_file() and path.read_bytes() != text
    ]
    several = len(old) > 1
    if old:
        return Check(
            "schemas",
            "note",
            Words(
                f"{len(old)} schema{'s differ' if several else ' differs'} from this release",
                f"{len(old)} schéma{'s diffèrent' if several else ' diffère'} de cette version",
            ),
            Words("smartreg schema --refresh -n shows how", "smartreg schema --refresh -n montre en quoi"),
        )
    return Check("schemas", "ok", Words("schemas of this release", "schémas de cette version"))


def index(kept: Index) -> Check:
    """How much the index holds of what was worked out, or why nothing is kept."""
    if kept.in_memory:
        assert kept.why is not None
        return Check(
            "index",
            "note",
            Words(
                f"index: nothing is kept between two runs: {kept.why.en}",
                f"index : rien n'est conservé entre deux exécutions : {kept.why.fr}",
            ),
            Words("commands work without it, more slowly", "les commandes s'en passent, plus lentement"),
        )
    try:
        size = f"{kept.size() / 1e6:.1f}"
    except Lost:
        size = "0.0"
    state = load_state(kept)
    files = 0 if state is None else len(state)
    return Check(
        "index",
        "ok",
        Words(
            f"index: {size} MB, {files} file{'s' * (files != 1)} of this working tree",
            f"index : {size.replace('.', ',')} Mo, {files} fichier{'s' * (files > 1)} de cet arbre de travail",
        ),
        Words("smartreg doctor --clear-index empties it", "smartreg doctor --clear-index le vide"),
    )
