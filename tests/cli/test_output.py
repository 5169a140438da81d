"""What the user names for output never lies in a Git directory, nor over what a registry is made of."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from small import Runs, runs, small_registry

from smartreg.cli.ahead import look_ahead
from smartreg.cli.app import command_named
from smartreg.cli.catalogue import COMMANDS
from smartreg.commands.export import Exported, write_files
from smartreg.core.errors import UsageFault
from smartreg.exporters import Written
from smartreg.workspace.output import output

__all__ = ["runs"]

IN_GIT = "lies in a Git directory"
RECORDS = "lies among the records of a registry"
SCHEMAS = "lies among the schemas of a registry"
SETTINGS = "is the settings file of a registry"
LINKED = "is another name of a file of the registry or its repository"
PLACES = {
    ".git/config": IN_GIT,
    ".git/HEAD": IN_GIT,
    ".git/hooks/post-commit": IN_GIT,
    ".GIT/new": IN_GIT,
    "registry/org/base.yaml": RECORDS,
    "registry/annexes/new.pdf": RECORDS,
    "registry/../registry/new": RECORDS,
    "Registry/new": RECORDS,
    "schemas/org.schema.json": SCHEMAS,
    "ſchemas/new": SCHEMAS,  # a system that folds more than case may take it for `schemas`
    "smartreg.toml": SETTINGS,
    "SmartReg.toml": SETTINGS,
    "to-config": IN_GIT,
    "to-registry/new.json": RECORDS,
    "to-nothing-yet": IN_GIT,
    "hard-head": LINKED,
    "hard-record": LINKED,
    "../bare.git/config": IN_GIT,
    "../tree/.git": IN_GIT,
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with links to what must not be written, a bare repository next to it, and a second working tree."""
    root = small_registry(tmp_path_factory.mktemp("output") / "root", {"base": "id: base\nname: Base\n"})
    for name, target in {"to-config": ".git/config", "to-registry": "registry", "to-nothing-yet": ".git/new"}.items():
        (root / name).symlink_to(target)
    os.link(root / ".git/HEAD", root / "hard-head")
    os.link(root / "registry/org/base.yaml", root / "hard-record")
    (root / "exports").mkdir()
    (root / "exports/org.csv").symlink_to("../registry/org/base.yaml")
    subprocess.run(["git", "init", "--quiet", "--bare", root.parent / "bare.git"], check=True)
    subprocess.run(["git", "worktree", "add", "--quiet", root.parent / "tree"], cwd=root, check=True)
    return root


def contents_of(root: Path) -> dict[Path, bytes]:
    """Every file of the registry, of its repository and of those next to it, except the index."""
    return {
        path: path.read_bytes()
        for path in root.parent.rglob("*")
        if path.is_file() and ".git/smartreg" not in path.as_posix()
    }


def words_of(name: str, root: Path) -> list[str]:
    """The command, with a word for each argument that must be there."""
    if name == "add":
        return ["add", "org"]
    command = command_named(name, look_ahead(["-C", str(root)], {}))
    assert any(item.name == "output" for item in command.params)
    needed = [item for item in command.params if item.required]
    return [
        name,
        *("org" if item.metavar == "KIND" else next(iter(getattr(item.type, "choices", "x"))) for item in needed),
    ]


@pytest.mark.promise("R2")
@pytest.mark.parametrize("name", [*(name for name, entry in COMMANDS.items() if entry.panel), "add-org"])
def test_no_command_takes_such_a_place_and_none_works_before_it_says_so(root: Path, runs: Runs, name: str) -> None:
    before = contents_of(root)

    for place in (".git/config", "registry/org/base.yaml", "schemas/org.schema.json", "smartreg.toml"):
        code, out, err = runs(*words_of(name, root), "-C", str(root), "-o", str(root / place))
        assert (code, out) == (2, ""), place
        assert err == f"error: {root / place} {PLACES[place]}\nhelp: choose another path; nothing was written\n"
    assert contents_of(root) == before


@pytest.mark.promise("R2")
@pytest.mark.parametrize("place", PLACES)
def test_such_a_place_is_known_by_whatever_name(root: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    with pytest.raises(UsageFault, match=PLACES[place]):
        output(place, root)
    if place.startswith(("registry", "schemas", "to-registry")):  # also from elsewhere
        with pytest.raises(UsageFault, match=PLACES[place]):
            output(place, root.parent)


@pytest.mark.promise("R2")
@pytest.mark.parametrize(
    "words",
    [
        ("export", "-o", ".git", "--force"),
        ("export", "-o", "registry/", "--force"),
        ("export", "-f", "json", "-o", "schemas", "--force"),
        ("export", "-o", "exports", "--force"),
        ("report", "-f", "csv", "-o", "registry/org", "--force"),
        ("validate", "--report", "json=.git/config"),
        ("validate", "--report", "json=a.json", "--report", "sarif=registry/org/base.yaml"),
        ("validate", "--step-summary"),
        ("init", ".git/new"),
        ("demo", "registry/new"),
    ],
)
def test_nor_does_any_other_option(
    root: Path, runs: Runs, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "to-config")
    before = contents_of(root)
    code, out, err = runs(*words)

    assert (code, out) == (2, "")
    assert err.endswith("help: choose another path; nothing was written\n")
    assert contents_of(root) == before


@pytest.mark.promise("R2")
def test_what_is_replaced_as_a_whole_holds_no_registry(root: Path, tmp_path: Path) -> None:
    made = Exported((Written(f"{root.name}/part/a.txt", b"a", None, None),), None)
    with pytest.raises(UsageFault, match="holds a registry or a repository"):
        write_files(made, output(str(root.parent), root))

    (path,) = write_files(made, output(str(tmp_path), root))
    assert path.read_bytes() == b"a"


def test_other_places_are_written(root: Path, runs: Runs) -> None:
    (root / "Schemas").mkdir()
    (root / "to-out").symlink_to("out.json")
    for place in (".gitignored", "registry.json", "git/config", "Schemas/x.json", "to-out"):
        (root / place).parent.mkdir(exist_ok=True)
        assert runs("list", "org", "-f", "ids", "-C", str(root), "-o", str(root / place)) == (0, "", "")
        assert (root / place).read_text() == "org/base\n"


def test_a_registry_in_a_folder_of_that_name_has_room_for_its_exports(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()  # of something else
    root = small_registry(tmp_path / "registry", {"base": "id: base\n"})

    for word in (root, root / "exports", root / "exports/org.csv"):
        assert output(str(word), root).path == word
    with pytest.raises(UsageFault, match=RECORDS):
        output(str(root / "registry/new"), tmp_path)


@pytest.mark.promise("R1")
def test_a_write_whose_answer_has_no_place_is_not_made(root: Path, runs: Runs) -> None:
    before = contents_of(root)
    code, _out, err = runs("set", "base", "name=B", "-y", "-C", str(root), "-o", str(root / "none/answer"))

    assert (code, err) == (2, f"error: there is no folder {root / 'none'}\nhelp: make it first; nothing was written\n")
    assert contents_of(root) == before
