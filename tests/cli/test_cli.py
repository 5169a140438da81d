"""The program as people and shells see it: exit codes, what goes to stdout and to stderr, words in both languages."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import shlex
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any, TextIO, TypeAlias

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from program import GIT_CONFIG, copy_example, start
from typer.exceptions import TyperException

from smartreg.cli.ahead import Ahead, look_ahead
from smartreg.cli.app import PROGRAM, command_named, program
from smartreg.cli.catalogue import COMMANDS
from smartreg.cli.completion import nouns
from smartreg.cli.console import Console
from smartreg.cli.first_screen import first_screen
from smartreg.cli.run import run
from smartreg.core.errors import UsageFault
from smartreg.core.styled import Grid, Span, cells, line, plain
from smartreg.core.values import LANGUAGES, Language
from smartreg.exporters import FORMATS

Smartreg: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def home_with_identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("identity")
    (folder / ".gitconfig").write_text(
        GIT_CONFIG,
        "utf-8",
    )
    return folder


@pytest.fixture(scope="module")
def montpellier(tmp_path_factory: pytest.TempPathFactory, home_with_identity: Path) -> Path:
    """A new registry of a metropolis, nothing else; tests of this module only read it."""
    folder = tmp_path_factory.mktemp("montpellier") / "registry"
    made = start("init", str(folder), "--epci", "243400017", cwd=folder.parent, HOME=str(home_with_identity))
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def smartreg(montpellier: Path, home_with_identity: Path) -> Smartreg:
    """`smartreg("list", "party")` in the registry of Montpellier."""

    def run(*words: str, cwd: Path = montpellier, **environ: str) -> subprocess.CompletedProcess[str]:
        return start(*words, cwd=cwd, HOME=str(home_with_identity), **environ)

    return run


# -- without a command -----------------------------------------------------------------------------------------


def test_version(smartreg: Smartreg) -> None:
    done = smartreg("--version")

    assert done.returncode == 0
    assert done.stdout.startswith("smartreg ")
    assert done.stderr == ""


@pytest.mark.parametrize("words", [(), ("-h",), ("--help",), ("help",)])
def test_the_first_screen_shows_four_tasks_and_the_common_commands(smartreg: Smartreg, words: tuple[str, ...]) -> None:
    done = smartreg(*words)

    assert done.returncode == 0
    assert re.search(r"\n  Add a sensor, question by question +smartreg add-sensor\n", done.stdout)
    assert re.search(r"\n  status +show record counts", done.stdout)
    assert "smartreg help --all" in done.stdout
    assert "merge-driver" not in done.stdout


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_screen_fits_a_terminal_with_its_prompt(lang: Language) -> None:
    lines = plain(first_screen(lang)).splitlines()

    assert len(lines) < 24
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("option", ["-a", "--all"])
def test_help_lists_all_commands_by_group(smartreg: Smartreg, option: str) -> None:
    done = smartreg("help", option)

    assert done.returncode == 0
    panels = [line.strip("╭╮─ ") for line in done.stdout.splitlines() if line.startswith("╭")]
    assert [name for name in panels if name in ("Start", "Records", "Check", "Shell", "Called by Git")] == [
        "Start",
        "Records",
        "Check",
        "Shell",
        "Called by Git",
    ]
    assert re.search(r"│ add-sensor +likewise for: party", done.stdout)
    assert re.search(r"│ validate +find what is wrong", done.stdout)
    assert re.search(r"│ --directory -C +DIR +run as if", done.stdout)


@pytest.mark.parametrize(
    ("words", "environ"),
    [
        (("-h", "--lang", "fr"), {}),
        (("--lang=fr", "-h"), {}),
        (("-h",), {"SMARTREG_LANG": "fr"}),
        (("-h",), {"LC_ALL": "fr_FR.UTF-8"}),
        (("-h",), {"LC_ALL": "", "LANG": "fr_FR.UTF-8"}),
    ],
)
def test_help_in_french(smartreg: Smartreg, words: tuple[str, ...], environ: dict[str, str]) -> None:
    assert "Ouvrir un registre" in smartreg(*words, **environ).stdout


def test_the_option_wins_over_the_environment(smartreg: Smartreg) -> None:
    assert "Start a registry" in smartreg("-h", "--lang", "en", SMARTREG_LANG="fr").stdout


@pytest.mark.parametrize(
    ("runs", "rooms"),
    [
        ([], set()),
        ([["--version"], ["version"]], {"cli", "core"}),
        ([["-h"], ["complete", "v"], ["complete", "add-s"]], {"cli", "core", "gitio", "index", "schema", "trees"}),
    ],
)
def test_the_version_the_help_and_tab_on_commands_load_no_more_than_the_schemas(
    runs: list[list[str]], rooms: set[str]
) -> None:
    calls = "".join(f"run({words}); " for words in runs)
    start_of_run = "from smartreg.cli.run import run; " if runs else ""
    shown = "print(*{name.split('.')[1] for name in sys.modules if name.startswith('smartreg.')})"
    code = f"import sys, smartreg; {start_of_run}{calls}{shown}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.splitlines()[-1].split()) == rooms


def test_an_import_loads_what_makes_an_export_only_for_one_that_comes_back() -> None:
    code = "import sys, smartreg.cli.importing.command; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    formats = {f"smartreg.exporters.{name.replace('-', '_')}" for name in FORMATS}
    assert not {*formats, "smartreg.reports", "smartreg.commands.export"}.intersection(done.stdout.split())


# -- a wrong command line ----------------------------------------------------------------------------------------


@pytest.mark.promise("R16")
@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("valdate",), 'error: no command "valdate"', 'did you mean "validate"?'),
        (("rm", "party/a"), 'error: no command "rm"', 'did you mean "remove"?'),
        (("diff", "party/montpellier"), "names no commit", "smartreg diff --only party/montpellier"),
        (("diff", "30/11/2026"), "names no commit", "is it 2026-11-30?"),
        (("add-sensr",), 'no command "add-sensr"', 'did you mean "add-sensor"?'),
        (("add", "equipmnt"), 'no kind "equipmnt"', 'did you mean "equipment"?'),
        (("add",), "error: KIND is missing", "smartreg add -h shows what it takes"),
        (("log", "-n", "3"), "error: no option -n", "smartreg log -h lists them"),
        (("--oneline",), "error: no option --oneline", "smartreg -h lists them"),
        (("validate", "--fail-onn", "error"), "error: no option --fail-onn", "did you mean --fail-on?"),
        (
            ("validate", "--fail-on", "eror"),
            '--fail-on must be one of error, warning, info, never, not "eror"',
            'did you mean "error"?',
        ),
        (("validate", "--fail-on"), "error: --fail-on needs a value", ""),
        (("validate", "--fail-on", "--staged"), "error: --fail-on needs a value", ""),
        (("validate", "--staged=yes"), "error: --staged takes no value", ""),
        (("validate", "-f", "jsn"), 'format "jsn" does not exist; there are full', 'did you mean "json"?'),
        (("validate", "--on", "yesterday"), 'error: --on "yesterday" is not a date', "write it like 2024-03-11"),
        (("validate", "--select", "REF999"), 'no rule "REF999"', ""),
        (("validate", "--report", "json"), "is not of the form FMT=FILE", "json=findings.json"),
        (("show",), "error: not a terminal, and these are missing: RECORD", "smartreg show RECORD"),
        (("coverage",), "error: not a terminal, and these are missing: RECORD", "smartreg coverage RECORD"),
        (("blame", "--json"), "error: not a terminal, and these are missing: RECORD", "smartreg blame --json RECORD"),
        (("show", "party/a", "b"), '"b" is an unexpected argument', "quotes"),
        (("show", "party/montpelier"), 'no record "party/montpelier"', 'did you mean "party/montpellier"?'),
        (("show", "villeneuve"), 'no record "villeneuve"', 'did you mean "villeneuve-les-maguelone"?'),
        (("list", "partys"), 'no kind "partys"', 'did you mean "party"?'),
        (("export", "geojson"), "geojson is a format, not a kind", "write -f geojson"),
        (("list", "party", "--where", "sirn=1"), 'no field "sirn"', 'did you mean "siren"?'),
        (("list", "equipment", "--where", "commune=Montpelier"), 'no commune "Montpelier"', ""),
        (("list", "party", "--where", "commune=Montpelier"), 'no commune "Montpelier"', 'did you mean "Montpellier"?'),
        (("list", "network", "--where", "commune=Istres"), 'no field "commune"', ""),
        (
            ("list", "equipment", "--where", "installed_on>=2025-01-01"),
            '"installed_on>=2025-01-01" is not of the form FIELD=VALUE',
            'or FIELD!=VALUE; for any other: smartreg query "SELECT id FROM equipment WHERE …"',
        ),
        (("list", "--limit", "many"), '--limit "many" is not a whole number', ""),
        (("list", "--limit", "9" * 5000), "--limit takes at most 999999999", ""),
        (("deadlines", "--months", "9" * 5000), "--months takes at most 999999999", ""),
        (("list", "--lang", "de"), '--lang must be one of en, fr, not "de"', ""),
        (
            ("list", "--color", "allways"),
            '--color must be one of auto, always, never, not "allways"',
            'did you mean "always"?',
        ),
        (("-C", "nowhere", "list"), "error: there is no folder nowhere", ""),
        (("list", "--at", "mian"), "mian", ""),
        (
            ("list", "party", "--on", "2024-03-11"),
            "error: --on is for conventions",
            "smartreg show RECORD --on 2024-03-11",
        ),
        (("report", "-o", "bilan.pdf"), "no format writes one file that ends with .pdf", "name it .md or .html"),
        (("report", "--since", "2024-03-11"), "--since is for html, not for markdown", "begins with --from DAY"),
        (("explain", "REF20l"), 'no rule "REF20l"', 'did you mean "REF201"?'),
        (("explain",), "error: CODE is missing", "explain --all"),
        (("completion", "bsh"), 'SHELL must be one of bash, zsh, fish, not "bsh"', 'did you mean "bash"?'),
        (("import", "equipment", "x.csv", "--gone", "lst"), '--gone must be one of list, retire, not "lst"', ""),
        (("set", "party/montpellier"), "error: nothing to set", "smartreg set party/montpellier"),
        (("set", "party/montpellier", "nme=x", "-y"), 'party has no field "nme"', 'did you mean "name"?'),
        (("set", "party/montpellier", "nonprofit=maybe", "-y"), "is not yes or no (true, false)", ""),
        (("set", "party/montpellier", "name=x", "-y", "--trailer", "x"), "is not of the form KEY=VALUE", ""),
        (
            ("set", "party/montpellier", "name=x"),
            "cannot ask for confirmation",
            "add -y to write without asking, or -n to see the change",
        ),
        (("init", "new", "--epci", "243400071"), "no EPCI", "243400017"),
        (("init", "new", "--ci", "githb"), 'no pipeline "githb"', ""),
    ],
)
def test_a_wrong_command_line_is_2_and_says_what_to_do(
    smartreg: Smartreg, words: tuple[str, ...], message: str, hint: str
) -> None:
    done = smartreg(*words)

    assert done.returncode == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert hint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_registry_that_is_there_already_says_how_parties_come_in(smartreg: Smartreg) -> None:
    done = smartreg("init", "--epci", "244 400 404")

    assert (done.returncode, done.stdout) == (3, "")
    assert "this is already a registry" in done.stderr
    assert "smartreg import party FILE" in done.stderr


def test_messages_in_french(smartreg: Smartreg) -> None:
    done = smartreg("validate", "--fail-onn", "x", "--lang", "fr")

    assert done.stderr == "erreur : il n'y a pas d'option --fail-onn\naide : vouliez-vous dire --fail-on ?\n"


# -- help of one command -----------------------------------------------------------------------------------------


def test_help_of_a_command(smartreg: Smartreg) -> None:
    done = smartreg("set", "-h")

    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    assert text.startswith("Example: smartreg set istres-noise-003 status=faulty Usage: smartreg set [OPTIONS] [RECORD")
    for name in ("--unset PATH", "--dry-run -n", "--message -m TEXT"):
        assert name in text
    everywhere = "Everywhere: -C -f --json -o --lang --color --no-input --no-index -q -v --debug"
    assert [line.strip() for line in done.stdout.splitlines() if "--debug" in line] == [everywhere]


def test_help_shows_the_formats_of_a_command_that_has_its_own(smartreg: Smartreg) -> None:
    text = smartreg("graph", "-h").stdout

    assert re.search(r"│ --format +-f +FMT +output format: ", text)
    assert "Everywhere: -C --json" in text or "Everywhere: -C -o" in text


def test_the_help_of_every_command_begins_with_an_example_that_can_be_read(montpellier: Path) -> None:
    """On one line of a terminal, and its words are those of the command."""
    with program("en").make_context(PROGRAM, [], obj=Ahead((), "en", str(montpellier))) as root:
        for name in [*COMMANDS, *(f"add-{noun}" for noun in nouns(str(montpellier)))]:
            if name in ELSEWHERE:
                continue
            command = command_named(name, root.obj)
            for words in [(name,), *((name, inner) for inner in getattr(command, "commands", ()))]:
                first, _, usage = usage_of(words, command, root).partition("\n")
                assert first.startswith(f"Example: smartreg {' '.join(words)}"), words
                assert len(first) < 80, words
                assert usage.startswith("Usage: smartreg"), words
                _, *typed = shlex.split(first.removeprefix("Example: smartreg "))
                with command.make_context(name, typed, parent=root, obj=root.obj):
                    pass


ELSEWHERE = {"merge-driver", "textconv", "complete", "help", "version"}  # nobody types them, or they say it themselves


def usage_of(words: tuple[str, ...], command: Any, root: Any) -> str:
    """The beginning of the help."""
    name, *inner = words
    context = typer.Context(command, info_name=name, parent=root, obj=root.obj)
    if inner:
        command = command.commands[inner[0]]
        context = typer.Context(command, info_name=inner[0], parent=context, obj=root.obj)
    usage: str = command.get_usage(context)
    return usage


def test_help_of_a_generated_command(smartreg: Smartreg) -> None:
    done = smartreg("add-sensor", "--help", "--lang", "fr")

    assert done.returncode == 0
    text = " ".join(done.stdout.replace("│", " ").split())
    for name in ("--support SUPPORT-ID", "--measure PROP[:UNIT]", "--location-lon NOMBRE", "--near LAT,LON"):
        assert name in text
    for words in ("Propriétaire · obligatoire.", "Ajouter une fiche : capteur."):
        assert words in text


# -- where and how -----------------------------------------------------------------------------------------------


def test_common_options_may_precede_or_follow_the_command(smartreg: Smartreg, montpellier: Path) -> None:
    away = montpellier.parent
    before = smartreg("-C", str(montpellier), "--json", "list", "party", cwd=away)
    after = smartreg("list", "party", "--json", "-C", str(montpellier), cwd=away)
    environ = smartreg("list", "party", cwd=away, SMARTREG_DIRECTORY=str(montpellier), SMARTREG_FORMAT="json")

    assert before.returncode == 0, before.stderr
    assert json.loads(before.stdout)["version"] == 1
    assert before.stdout == after.stdout == environ.stdout


def test_a_format_is_also_called_by_the_ending_of_its_files(smartreg: Smartreg, montpellier: Path) -> None:
    for command, ending, name in (("report", "md", "markdown"), ("graph", "mmd", "mermaid")):
        done, same = (smartreg(command, "-f", word) for word in (ending, name))
        assert (done.returncode, done.stdout) == (0, same.stdout), done.stderr
    assert smartreg("validate", "--report", f"md={montpellier / 'found.md'}").returncode == 0


def test_it_works_below_the_root(smartreg: Smartreg, montpellier: Path) -> None:
    done = smartreg("show", "montpellier.yaml", cwd=montpellier / "registry" / "parties")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("party/montpellier  Montpellier\n")


@pytest.mark.promise("R16")
def test_no_registry_is_3(smartreg: Smartreg, tmp_path: Path) -> None:
    done = smartreg("list", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (3, "")
    assert "smartreg init" in done.stderr


def test_demo_in_a_registry_is_refused_and_leaves_nothing(smartreg: Smartreg, montpellier: Path) -> None:
    done = smartreg("demo", "new/demo")

    assert done.returncode == 3
    assert "this folder is inside a registry" in done.stderr
    assert not (montpellier / "new").exists()


@pytest.mark.parametrize(
    ("words", "cwd", "expected"),
    [
        (("init", "."), "a b", "Next: smartreg status"),
        (("init", "a b"), ".", "Next: cd 'a b' && smartreg status"),
        (("-C", "a b", "init"), ".", "Next: cd 'a b' && smartreg status"),
    ],
)
def test_init_says_where_to_go_on(
    smartreg: Smartreg, tmp_path: Path, words: tuple[str, ...], cwd: str, expected: str
) -> None:
    (tmp_path / "a b").mkdir()

    done = smartreg(*words, cwd=tmp_path / cwd)

    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == expected


def test_output_goes_to_a_file(smartreg: Smartreg, tmp_path: Path) -> None:
    target = tmp_path / "parties.csv"
    done = smartreg("list", "party", "-f", "csv", "-o", str(target))

    assert (done.returncode, done.stdout) == (0, "")
    assert target.read_text("utf-8").splitlines()[0] == "id,name"


def test_output_into_a_folder_that_is_not_there(smartreg: Smartreg, tmp_path: Path) -> None:
    done = smartreg("list", "-o", str(tmp_path / "no" / "x.txt"))

    assert done.returncode == 2
    assert "there is no folder" in done.stderr


@pytest.mark.parametrize(
    ("words", "environ", "coloured"),
    [
        ((), {}, False),
        (("--color", "always"), {}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour(smartreg: Smartreg, words: tuple[str, ...], environ: dict[str, str], coloured: bool) -> None:
    done = smartreg("list", "party", *words, **environ)

    assert done.returncode == 0, done.stderr
    assert ("\x1b[" in done.stdout) is coloured


def test_a_closed_pipe_is_141(montpellier: Path, home_with_identity: Path) -> None:
    program = f"{sys.executable} -m smartreg explain --all; echo $? >&2"
    done = subprocess.run(
        ["bash", "-c", f"({program}) | true"],
        cwd=montpellier,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "HOME": str(home_with_identity)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stderr == "141\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_3(montpellier: Path, home_with_identity: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "smartreg", "explain", "REF201"],
            cwd=montpellier,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "HOME": str(home_with_identity)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert (done.returncode, done.stderr) == (3, "error: the disk is full\n")


@pytest.mark.promise("R16")
def test_an_internal_error_is_70_and_says_how_to_report(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom smartreg.cli import reference, run\n"
        "def fall(*words):\n    raise RuntimeError('secret')\n"
        "reference.explain = fall\n"
        "sys.exit(run.run(['explain', *sys.argv[1:]]))"
    )

    def fallen(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=False,
        )

    short, long = fallen("X"), fallen("X", "--debug")
    assert short.returncode == long.returncode == 70
    assert "internal error in smartreg" in short.stderr
    assert "--debug" in short.stderr
    assert "Traceback" not in short.stderr
    assert "secret" not in short.stderr
    assert "Traceback" in long.stderr


# -- reading commands --------------------------------------------------------------------------------------------


def test_records_are_found_by_the_name_of_their_commune(smartreg: Smartreg) -> None:
    for where in ("insee_code=Montpellier", "commune=montpellier", "code insee=34172"):
        found = smartreg("list", "party", "--where", where, "-f", "ids")
        assert found.stdout.split() == ["party/montpellier"], found.stderr
    others = smartreg("list", "party", "--where", "commune!=Montpellier", "-f", "ids").stdout.split()
    assert ("party/montpellier" in others, "party/baillargues" in others) == (False, True)


def test_a_support_lends_its_commune_to_what_hangs_on_it(smartreg: Smartreg, montpellier: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(montpellier, tmp_path / "registry"))
    text = "id: {}\ntype: mast\nowner: montpellier\ninsee_code: '{}'\nlocation: {{lon: 3.9, lat: 43.6}}\n"
    for id, code in (("here", "34172"), ("there", "34022")):
        (root / f"registry/supports/{code}").mkdir(parents=True)
        file = root / f"registry/supports/{code}/{id}.yaml"
        file.write_text(f"{text.format(id, code)}status: in_service\n", "utf-8")
    (root / "registry/equipment").mkdir(exist_ok=True)
    for id, support in (("a", "support: here"), ("b", "support: there"), ("c", "mobile: true")):
        text = f"id: {id}\ntype: sensor\nowner: montpellier\nstatus: planned\n{support}\n"
        (root / f"registry/equipment/{id}.yaml").write_text(text, "utf-8")

    def ids(*words: str) -> list[str]:
        done = smartreg("-C", str(root), "list", *words, "-f", "ids")
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    for where in ("commune=Montpellier", "insee_code=34172", "commune=34172"):
        assert ids("equipment", "--where", where) == ["equipment/a"]
    assert ids("equipment", "--where", "commune!=Montpellier") == ["equipment/b", "equipment/c"]
    assert ids("--where", "commune=montpellier") == ["party/montpellier", "support/here", "equipment/a"]
    assert ids("equipment", "--sort", "-commune") == ["equipment/c", "equipment/a", "equipment/b"]
    shown = smartreg("-C", str(root), "list", "equipment", "--columns", "id,commune", "-f", "csv")
    assert shown.stdout.splitlines() == ["id,insee_code", "a,34172", "b,34022", "c,"]
    made = smartreg("-C", str(root), "export", "equipment", "--where", "commune=Montpellier", "--columns", "id")
    assert made.stdout.split() == ["id", "a"]


def test_records_are_found_by_what_their_lists_hold(smartreg: Smartreg, montpellier: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(montpellier, tmp_path / "registry"))
    for id, names in (("air", ("no2", "pm10")), ("noise", ("noiseLevel",))):
        items = ", ".join(f"{{property: {name}}}" for name in names)
        text = f"id: {id}\ntype: sensor\nowner: montpellier\nstatus: planned\nmeasures: [{items}]\n"
        text += f"dev_eui: 70B3D57ED006{id[:2].encode().hex().upper()}\n"
        (root / f"registry/equipment/{id}.yaml").write_text(text, "utf-8")

    for where in ("measures[].property=no2", "Grandeur=NO2", "measures=pm10", "dev_eui=70-b3-d5-7e-d0-06-61-69"):
        done = smartreg("-C", str(root), "list", "sensors", "--where", where, "-f", "ids")
        assert done.stdout == "equipment/air\n", where
    words = ("--where", "measures!=Niveau sonore", "--columns", "id,grandeur", "-f", "csv")
    done = smartreg("-C", str(root), "list", "sensors", *words)
    assert done.stdout.splitlines() == ["id,measures[].property", 'air,"no2, pm10"']


def test_communes_of_a_list_are_named_too(smartreg: Smartreg, montpellier: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(montpellier, tmp_path / "registry"))
    text = "id: lora\nname: LoRa\ntechnology: lorawan\noperator: montpellier\nstatus: in_service\n"
    (root / "registry/networks/lora.yaml").write_text(f'{text}coverage_insee_codes:\n  - "34172"\n', "utf-8")
    for name in ("coverage_insee_codes=Montpellier", "coverage_insee_codes=34172", "coverage_insee_codes!=Baillargues"):
        done = smartreg("-C", str(root), "list", "network", "--where", name, "-f", "ids")
        assert done.stdout == "network/lora\n", done.stderr
    done = smartreg("-C", str(root), "list", "network", "--where", "coverage_insee_codes=Montpelier")
    assert done.stderr == 'error: no commune "Montpelier"\nhelp: did you mean "Montpellier"?\n'
    done = smartreg("-C", str(root), "set", "lora", "coverage_insee_codes+=Baillargues", "--dry-run")
    assert done.stdout == "~ network/lora   LoRa\n    coverage_insee_codes   + 34022\n", done.stderr


def test_list_in_its_formats(smartreg: Smartreg) -> None:
    table = smartreg("list", "party", "--where", "category=metropole").stdout
    assert table.splitlines()[0].split() == ["id", "name"]
    assert smartreg("list", "party", "--where", "category=metropole", "-f", "ids").stdout == (
        f"party/{table.splitlines()[1].split()[0]}\n"
    )
    found = json.loads(smartreg("list", "party", "--columns", "siren,insee_code", "--sort", "-siren", "--json").stdout)
    assert found["total"] == len(found["records"])
    assert list(found["records"][0]) == ["record", "siren", "insee_code"]
    assert [row["siren"] for row in found["records"]] == sorted((r["siren"] for r in found["records"]), reverse=True)


def test_show(smartreg: Smartreg) -> None:
    text = smartreg("show", "montpellier").stdout
    assert text.splitlines()[1] == "registry/parties/montpellier.yaml"
    assert any(line.split() == ["category", "commune"] for line in text.splitlines())

    found = json.loads(smartreg("show", "party/montpellier", "--refs", "--json").stdout)
    assert found["data"]["insee_code"] == "34172"
    assert found["named_by"] == []
    assert smartreg("show", "montpellier", "-f", "yaml").stdout.startswith("# yaml-language-server:")


def test_status(smartreg: Smartreg) -> None:
    found = json.loads(smartreg("status", "--json").stdout)

    assert found["records"]["party"] == 32
    assert found["changes"] == []
    assert found["findings"]["error"] == 0
    assert "Everything is committed." in smartreg("status").stdout
    assert "Tout est commité." in smartreg("status", "--lang", "fr").stdout


def test_explain(smartreg: Smartreg) -> None:
    done = smartreg("explain", "ref201")

    assert done.returncode == 0
    assert done.stdout.startswith("# REF201")
    assert smartreg("explain", "--all").stdout.startswith("# Rules")


def test_explain_without_docstrings_and_for_programs(smartreg: Smartreg) -> None:
    usual = smartreg("explain", "REF201", "-f", "markdown").stdout
    assert "## What it checks" in usual
    assert smartreg("explain", "REF201", "-f", "markdown", PYTHONOPTIMIZE="2").stdout == usual

    (rule,) = json.loads(smartreg("explain", "ref201", "--json").stdout)["rules"]
    assert (rule["code"], rule["severity"], rule["scope"]) == ("REF201", "error", "registry")
    assert rule["page"] in usual

    every = json.loads(smartreg("explain", "--all", "--json", "--lang", "fr", PYTHONOPTIMIZE="2").stdout)
    assert (every["version"], every["lang"]) == (1, "fr")
    assert all(rule["page"] and rule["title"] for rule in every["rules"])


def test_schema(smartreg: Smartreg, tmp_path: Path) -> None:
    schema = json.loads(smartreg("schema", "parties").stdout)
    assert schema["x-kind"]["name"] == "party"
    assert any(
        line.split()[:2] == ["party", "parties"] for line in smartreg("schema", cwd=tmp_path).stdout.splitlines()
    )


def test_validate_clean(smartreg: Smartreg) -> None:
    done = smartreg("validate", "--select", "SCH,YML,REC")

    assert done.returncode == 0, done.stdout
    assert done.stdout == "Checked 32 records: 0 errors, 0 warnings.\n"


def test_completion_scripts_are_shell(smartreg: Smartreg) -> None:
    script = smartreg("completion", "bash").stdout

    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
    assert "complete -F _smartreg smartreg" in script
    assert "compdef _smartreg smartreg" in smartreg("completion", "zsh").stdout
    assert "complete -c smartreg" in smartreg("completion", "fish").stdout


def test_every_command_has_its_help_and_no_option_is_cut_off(
    montpellier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 80 columns, in both languages, every option is in one line with its placeholder; the options of all commands
    are on the page of the program."""
    monkeypatch.setenv("COLUMNS", "80")
    for lang in LANGUAGES:
        ahead = Ahead((), lang, str(montpellier))
        with program(lang).make_context(PROGRAM, [], obj=ahead) as root:
            assert cut_off(start("help", "--all", "--lang", lang, cwd=montpellier).stdout, root.command) == {}
            for name in [*COMMANDS, *(f"add-{noun}" for noun in nouns(str(montpellier)))]:
                command = command_named(name, ahead)
                with redirect_stdout(io.StringIO()) as page:
                    command.get_help(typer.Context(command, info_name=name, parent=root, obj=ahead))
                text = page.getvalue()
                assert re.search(rf"^ Usage ?: smartreg {name} ", text, re.MULTILINE), name
                assert ".:" not in text.replace(". :", ".:"), name
                assert cut_off(text, command) == {}, name


def cut_off(text: str, command: Any) -> dict[str, set[str]]:
    """Of options that the text shows in part or not at all, what it lacks."""
    shown = set(re.split(r"[\s,]+", text))
    options = [item for item in command.params if item.param_type_name == "option" and not item.hidden]
    words = {item.opts[0]: {*item.opts, *re.split(r"[\s,]+", item.metavar or item.opts[0])} for item in options}
    return {option: those - shown for option, those in words.items() if those - shown}


WORDS = [
    "--lang",
    "fr",
    "en",
    "--lang=fr",
    "-C",
    "a",
    "-Ca",
    "--directory",
    "--directory=b",
    "list",
    "--json",
    "--",
    "-v",
]


@cache
def list_command() -> Any:
    return command_named("list", Ahead((), "en", "."))


@given(st.lists(st.sampled_from(WORDS), max_size=6))
def test_the_look_ahead_reads_what_typer_reads(words: list[str]) -> None:
    """The language and the folder, wherever they stand in a command line that Typer can read."""
    ahead = look_ahead(["list", *words], {})
    try:
        with list_command().make_context("list", list(words), obj=ahead) as ctx:
            read = ctx.params
    except (TyperException, UsageFault):
        return
    assert ahead.folder == (read["directory"] or ".")
    assert ahead.lang == (read["lang"] if read["lang"] in LANGUAGES else "en")


def read_screen(out: TextIO, screen: io.RawIOBase) -> str:
    """All that was written to a terminal since the last look: one read may end in the middle of it."""
    out.write("\0")
    out.flush()
    return until_end(screen)


def until_end(screen: io.RawIOBase) -> str:
    seen = b""
    while not seen.endswith(b"\0"):
        seen += screen.read(4096) or b""
    return seen.removesuffix(b"\0").decode()


@pytest.mark.promise("R11")
def test_a_table_on_a_terminal_shows_data_as_it_is() -> None:
    """No markup, no control character, nothing cut off where the terminal is narrow."""
    main, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as out, os.fdopen(main, "rb", buffering=0) as screen:
        fcntl.ioctl(out, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
        Console("en", "never", out=out).table(["id", "label"], [["a", "[/x] :smile: \x1b[31m"], ["b", "y" * 60]])
        table = read_screen(out, screen)
        Console("en", "always", out=out).show([line("2 | ", Span("a: '[/x]' # \x1b[31m", "yaml"))])
        excerpt = read_screen(out, screen)
    assert "[/x] :smile: \\u001b[31m" in table
    assert table.count("y") == 60
    assert "\x1b[94ma\x1b[0m" in excerpt, "a key of YAML has its colour"
    assert re.sub("\x1b\\[[0-9;]*m", "", excerpt).rstrip() == "2 | a: '[/x]' # \\u001b[31m"


def test_a_narrow_terminal_folds_sentences_before_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    who, what = "SIG Istres, direction du numérique", "candélabre (lampadaire) · 20 avenue Hélène Boucher, Istres"
    main, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as out, os.fdopen(main, "rb", buffering=0) as screen:
        row = cells("2026-11-29 23:27", "ajout", who, "support/istres-ep-00520", what, "1cf7239")
        many = cells("2026-11-29 23:27", "import", who, "52 équipements connectés", what, "df8b088")
        Console("fr", "never", out=out).show([Grid([row, many])])
        shown = read_screen(out, screen).splitlines()
    for words in (("2026-11-29 23:27  ajout", "support/istres-ep-00520", "1cf7239"), ("import", "52 équipements")):
        assert any(all(word in line for word in words) for line in shown), shown
    assert max(map(len, shown)) <= 100


def test_a_grid_without_a_terminal_is_aligned_text() -> None:
    """The last text of a row runs on; a column that is empty throughout takes no place; nothing acts."""
    rows = [
        cells("  long", "7", "", line("[b]", Span("x\x07", "dim")), "e"),
        cells("  a", "120", "", "y"),
        cells("", "", "", "runs on over the rest"),
    ]
    assert plain([Grid(rows, right=(1,))]).splitlines() == [
        "  long    7  [b]x\\u0007  e",
        "  a     120  y",
        "             runs on over the rest",
    ]


def test_a_narrow_terminal_shows_ids_whole_below_what_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    main, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as out, os.fdopen(main, "rb", buffering=0) as screen:
        where = "support demo-istres-ep-001 → demo-istres-mat-001, placed_on + 2026-11-01"
        row = cells(
            "2026-11-30 07:10", "move", "Service numérique", "equipment/demo-istres-noise-001", where, "98ef6c4"
        )
        why = cells("", "", "", "", "reason: street works")
        Console("en", "never", out=out).show([Grid([row, why])])
        shown = [text.rstrip() for text in read_screen(out, screen).splitlines()]
    assert shown == [
        "2026-11-30 07:10  move  Service numérique  equipment/demo-istres-noise-001",
        "    support demo-istres-ep-001 → demo-istres-mat-001, placed_on + 2026-11-01",
        "    98ef6c4",
        "    reason: street works",
    ]


def test_a_narrow_terminal_breaks_not_even_one_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the others have the room that they need; a sentence beside it is folded instead."""
    monkeypatch.setenv("COLUMNS", "80")
    id = "etablissement-public-territorial-de-la-presqu-ile-et-des-etangs-salins"
    main, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as out, os.fdopen(main, "rb", buffering=0) as screen:
        Console("en", "never", out=out).show([Grid([cells("owner", id, "2024-03-11", "active")])])
        alone = read_screen(out, screen)
        Console("en", "never", out=out).show([Grid([cells("owner", id[:47], "a sentence of some length")])])
        beside = read_screen(out, screen)
    assert id in alone
    assert "2024-03-11" in alone
    assert id[:47] in beside
    assert len(beside.splitlines()) == 2


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example registry, in Git."""
    return copy_example(tmp_path_factory.mktemp("example") / "root")


IDS_AND_DAYS = re.compile(r"(?<![\w/.-])[a-z0-9]+(?:-[a-z0-9]+)+(?![\w/.…-])")


@pytest.mark.parametrize(
    "words",
    [
        "status",
        "list equipment",
        "list equipment --columns id,owner,support,network,installed_on,confirmed_on",
        "list deliberation",
        "list flow",
        "find istres",
        "show demo-istres-noise-001 --refs",
        "show demo-convention-istres",
        "coverage demo-istres-noise-001",
        "blame demo-istres-noise-001",
        "log --limit 5",
        "validate -v",
    ],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_id_and_no_day_is_broken_at_80_columns(
    example: Path, monkeypatch: pytest.MonkeyPatch, words: str, lang: str
) -> None:
    shown = {}
    for columns in (80, 400):
        main, terminal = pty.openpty()
        with (
            monkeypatch.context() as patch,
            os.fdopen(terminal, "w") as out,
            os.fdopen(main, "rb", buffering=0) as screen,
            ThreadPoolExecutor(1) as pool,
        ):
            reading = pool.submit(until_end, screen)  # meanwhile, for a terminal takes only so much
            patch.setenv("COLUMNS", str(columns))
            patch.setattr("sys.stdout", out)
            run(["-C", str(example), "--lang", lang, "--color", "never", *words.split()])
            out.write("\0")
            out.flush()
            shown[columns] = reading.result()
    whole = set(IDS_AND_DAYS.findall(shown[400]))
    assert whole
    assert whole - set(IDS_AND_DAYS.findall(shown[80])) == set(), shown[80]
