"""What Tab offers: commands, options, ids, values."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from conftest import Git
from days import go_to

from smartreg.cli.ahead import Ahead
from smartreg.cli.app import command_named
from smartreg.cli.catalogue import COMMANDS
from smartreg.cli.shell import FoundTab, complete, unquote

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL1bZqk3yHhyXl2Wl4yb1l3lC8n8mcPzQ4zQXkq0i7lq"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A folder that is a registry by its file names; Tab opens no record."""
    for folder, name in (
        ("parties", "ville-d-istres"),
        ("parties", "amp-metropole"),
        ("supports/13047", "istres-ep-00412"),
    ):
        place = tmp_path / "registry" / folder
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.yaml").write_text("not: [read", "utf-8")
    sources = (
        f'[sources.{alias}]\nid = "{uuid4()}"\nurl = "../{alias}"\nkeys = ["{KEY}"]\n' for alias in ("mmm", "cd13")
    )
    (tmp_path / "smartreg.toml").write_text(f'name = "Istres"\n{"".join(sources)}', "utf-8")
    return tmp_path


def candidates_of(registry: Path, *words: str, lang: str = "en") -> list[str]:
    """The candidates, without their descriptions."""
    text = complete(words, {"SMARTREG_DIRECTORY": str(registry), "SMARTREG_LANG": lang})
    return [line.split("\t")[0] for line in text.splitlines()]


@pytest.mark.parametrize(
    ("moment", "days"),
    [
        ("2028-02-29", ["2028-02-29", "2028-02-28", "2028-02-01", "2028-01-01"]),
        ("2027-03-02", ["2027-03-02", "2027-03-01", "2027-01-01"]),
        ("2027-01-01", ["2027-01-01", "2026-12-31"]),
    ],
)
def test_each_day_is_offered_once(
    registry: Path, moment: str, days: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    go_to(moment, monkeypatch)
    assert candidates_of(registry, "validate", "--on", "") == days


@pytest.mark.parametrize(
    ("words", "candidates"),
    [
        (("val",), ["validate"]),
        (("add-se",), ["add-sensor"]),
        (("add", "sup"), ["support"]),
        (("help", "ren"), ["rename", "renew"]),
        (("add", "équip"), ["equipment"]),
        (("add", "capteurs"), ["sensor"]),
        (("add-équip",), ["add-equipment"]),
        (("list", "capt"), ["sensor"]),
        (("add-sensor", "--sup"), ["--support"]),
        (("add-sensor", "--support", ""), ["istres-ep-00412"]),
        (("add-sensor", "--support=ist"), ["--support=istres-ep-00412"]),
        (("add-sensor", "--type", "s"), ["sensor"]),
        (("add-sensor", "--owner", "v"), ["ville-d-istres"]),
        (("add-sensor", "--power-source", "b"), ["battery"]),
        (("add", "support", "--owner", "amp"), ["amp-metropole"]),
        (("add-sensor", "--use-case", ""), []),
        (("show", "party/v"), ["party/ville-d-istres"]),
        (("show", "party/ville-d-istres", "x"), []),
        (("show", "--re"), ["--refs"]),
        (("list", "eq"), ["equipment"]),
        (("list", "-f", "j"), ["json"]),
        (("validate", "--fail-on", "w"), ["warning"]),
        (("--lang", "fr", "val"), ["validate"]),
        (("validate", "--color", "a"), ["auto", "always"]),
        (("completion", ""), ["bash", "zsh", "fish"]),
        (("audit", ""), ["seal", "timestamp", "countersign", "verify", "dossier"]),
        (("help", "audit", "s"), ["seal"]),
        (("audit", "--quiet", "seal", "--s"), ["--sign"]),
        (("set", "istres-ep-00412", "stat"), ["status="]),
        (("set", "istres-ep-00412", "owner=v"), ["owner=ville-d-istres"]),
        (("set", "party/x", "nonprofit="), ["nonprofit=true", "nonprofit=false"]),
        (("set", "equipment/x", "measures[0].u"), ["measures[0].unit="]),
        (("set", "equipment/x", "captures+=image,pl"), ["captures+=image,plates"]),
        (("set", "istres-ep-00412", "--unset", "cond"), ["condition"]),
        (("amend", "convention/x", "families-=d"), ["families-=data"]),
        (("add-sensor", "--set", "use"), ["use_cases="]),
        (("add-sensor", "--measure", "noiseLevel:"), ["noiseLevel:dB[SPL]"]),
        (("list", "equipment", "--where", "status!=f"), ["status!=faulty"]),
        (("list", "--where", "kind", "--columns", "id,ow"), ["id,owner"]),
        (("import", "support", "x.csv", "--values", "type:Mat=ma"), ["type:Mat=mast"]),
        (("import", "support", "x.csv", "--values", "T->type:A=mast,B=bu"), ["T->type:A=mast,B=building"]),
        (("import", "support", "x.csv", "--map", "COL=ow"), ["COL=owner"]),
        (("annex", "convention/x", "f", "--kind", "data"), ["data", "data_charter"]),
        (("set", "equipment/x", "statut=en pa"), ["statut=faulty"]),
        (("set", "equipment/x", "status=FAU"), ["status=faulty"]),
        (("set", "equipment/x", "Stat"), ["status="]),
        (("add-support", "--type", "lamp"), ["street_light"]),
        (("list", "équip"), ["equipment"]),
        (("list", "cas"), ["use_case"]),
        (("observatory", "query", "cov"), ["coverage"]),
        (("observatory", "query", "réciproc"), ["reciprocity"]),
        (("observatory", "query", "commune"), ["devices"]),
        (("source", "update", ""), ["cd13", "mmm"]),
        (("source", "update", "mmm", "c"), ["cd13"]),
        (("source", "close", "m"), ["mmm"]),
        (("source", "add", ""), []),
        (("list", "-o", ""), ["<file>"]),
        (("-C", ""), ["<directory>"]),
        (("no-such-command", ""), []),
    ],
)
def test_candidates(registry: Path, words: tuple[str, ...], candidates: list[str]) -> None:
    assert candidates_of(registry, *words) == candidates


def test_records_are_offered_by_name_where_no_id_begins_so(registry: Path, git_repo: Path) -> None:
    (registry / "registry/parties/ville-d-istres.yaml").write_text(
        "id: ville-d-istres\nname: Mairie d'Istrès\ncategory: private\n", "utf-8"
    )

    assert candidates_of(registry, "show", "istres mair") == ["ville-d-istres"]
    assert candidates_of(registry, "add-sensor", "--owner", "Mairie d'I") == ["ville-d-istres"]
    assert candidates_of(registry, "set", "istres-ep-00412", "owner=mairie") == ["owner=ville-d-istres"]
    assert candidates_of(registry, "show", "m") == []
    assert candidates_of(registry, "add-sensor", "--owner", "Ville d'Is") == ["ville-d-istres"]


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ('statut="en pa', "statut=en pa"),
        ('"Ville d\'Istres"', "Ville d'Istres"),
        ("'a\"b'c", 'a"bc'),
        ("en\\ panne", "en panne"),
        ('"a\\$b\\c', "a$b\\c"),
        ("'a\\b", "a\\b"),
        ("\\", ""),
    ],
)
def test_words_in_quotes_are_read_as_a_shell_reads_them(typed: str, word: str) -> None:
    assert unquote(typed) == word


def test_nothing_yet_offers_every_command(registry: Path) -> None:
    found = candidates_of(registry, "")

    assert {"init", "add", "add-sensor", "add-support", "validate", "completion"} <= set(found)


def test_descriptions_follow_the_language(registry: Path) -> None:
    text = complete(["show", "--refs"], {"SMARTREG_DIRECTORY": str(registry)})

    assert text == "--refs\talso show references to it and from it\n"


@pytest.mark.parametrize(
    ("words", "english", "french"),
    [
        (("add-support", "--type", "ma"), "mast\n", "mast\tmât\n"),
        (("add-support", "--type=ma"), "--type=mast\n", "--type=mast\tmât\n"),
        (
            ("set", "support/istres-ep-00412", "status=pl"),
            "status=planned\n",
            "status=planned\tprévu\n",
        ),
        (("set", "support/x", "statut=hors"), "statut=out_of_service\n", "statut=out_of_service\thors service\n"),
        (("set", "support/x", "Propriétaire=v"), "Propriétaire=ville-d-istres\n", "Propriétaire=ville-d-istres\n"),
        (("add-sensor", "--measure", "noise"), "noiseLevel\tnoise level\n", "noiseLevel\tniveau sonore\n"),
        (("explain", "REF201"), "REF201\tunknown reference\n", "REF201\tréférence inconnue\n"),
    ],
)
def test_values_are_shown_with_their_labels(registry: Path, words: tuple[str, ...], english: str, french: str) -> None:
    place = {"SMARTREG_DIRECTORY": str(registry)}
    assert complete(words, {**place, "SMARTREG_LANG": "en"}) == english
    assert complete(words, {**place, "SMARTREG_LANG": "fr"}) == french


def test_what_a_shell_would_not_find_is_described_with_the_typed_word(registry: Path) -> None:
    place = {"SMARTREG_DIRECTORY": str(registry), "SMARTREG_LANG": "fr"}

    assert complete(["add-support", "--type", "lamp"], place, FoundTab) == "street_light\tcandélabre (lampadaire)\n"
    text = complete(["add-sensor", "--measure", "noise le"], place, FoundTab)
    assert text == "noiseLevel\tniveau sonore ← noise le\n"
    assert complete(["list", "-o", ""], place, FoundTab) == "<file>\n"


def test_commits_are_told_with_their_subjects(git_repo: Path, git: Git) -> None:
    (git_repo / "registry/parties").mkdir(parents=True)
    (git_repo / "registry/parties/x.yaml").write_text("id: x\n", "utf-8")
    (git_repo / "smartreg.toml").write_text("", "utf-8")
    git("add", "-A", cwd=git_repo)
    git("commit", "-qm", "Add party/x\n\nSmartreg-Op: add", cwd=git_repo)
    short = git("rev-parse", "HEAD", cwd=git_repo)[:7]

    assert candidates_of(git_repo, "validate", "--since", "")[1] == short
    assert candidates_of(git_repo, "list", "--at", "")[1] == short
    assert len(candidates_of(git_repo, "log", "--since", "20")) == 4
    text = complete(["undo", ""], {"SMARTREG_DIRECTORY": str(git_repo), "SMARTREG_LANG": "fr"})
    assert text == f"{short}\tAjout : party/x\n"


def test_outside_of_a_registry_the_kinds_of_the_release_are_candidates_of(tmp_path: Path) -> None:
    assert candidates_of(tmp_path, "add-sen") == ["add-sensor"]
    assert candidates_of(tmp_path, "show", "") == []


def test_a_broken_schema_gives_no_answer_and_no_error(registry: Path) -> None:
    (registry / "schemas").mkdir()
    (registry / "schemas" / "party.schema.json").write_text("{", "utf-8")

    assert candidates_of(registry, "add-party", "--na") == []


# "add" takes commands; what two take is of their own; three take any words, and Git alone calls the last.
WITHOUT_PLACEHOLDERS = {"add", "audit", "completion", "complete", "help", "version", "merge-driver"}


@pytest.mark.parametrize("name", sorted({*COMMANDS} - WITHOUT_PLACEHOLDERS))
def test_the_catalogue_names_the_arguments_of_a_command_as_its_module_does(name: str, registry: Path) -> None:
    command = command_named(name, Ahead((), "en", str(registry)))

    arguments = tuple(item.metavar for item in command.params if item.param_type_name == "argument")
    assert COMMANDS[name].arguments == arguments


@pytest.mark.parametrize("name", sorted(name for name, entry in COMMANDS.items() if entry.arguments))
def test_arguments_are_completed_alike_without_the_module_of_a_command_and_with_it(name: str, registry: Path) -> None:
    for id in ("a b", "$(touch x)", "`x`;y", "é:1", "[bold]x", "a=b", "-n", "tab\tline\nfeed", "\x1b[31m", "'\""):
        (registry / "registry/parties" / f"{id}.yaml").write_text("", "utf-8")
    env = {"SMARTREG_DIRECTORY": str(registry), "SMARTREG_LANG": "fr"}  # where placeholders have other words
    starts = ("", "a", "party/", "é", "=")

    for before in ([], ["party/amp-metropole"]):
        for start in starts:
            with_an_option = complete([name, "--quiet", *before, start], env)  # which only the module knows
            assert complete([name, *before, start], env) == with_an_option, (before, start)


def test_arguments_are_completed_without_the_module_of_the_command(registry: Path) -> None:
    code = (
        "import sys; from smartreg.cli.shell import complete; "
        f"print(complete(['show', 'party/v'], {{'SMARTREG_DIRECTORY': {str(registry)!r}}}), end=''); "
        "print([name for name in sys.modules if name.startswith(('smartreg.commands', 'smartreg.rules'))])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "party/ville-d-istres\n[]\n"
