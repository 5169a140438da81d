"""What somebody sees who uses the program for the first time: help on every line, typing errors, undo, log, states."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from program import GIT_CONFIG, Done, start

Smartreg: TypeAlias = Callable[..., Done]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with two parties, a use case, a support and two devices that it carries."""
    place = tmp_path_factory.mktemp("newcomer")
    (place / ".gitconfig").write_text(
        GIT_CONFIG,
        "utf-8",
    )
    folder = place / "registry"
    assert start("init", str(folder), cwd=place, HOME=str(place)).returncode == 0
    device = "owner: istres\nsupport: p1\nuse_cases: [noise]\nstatus: planned\n"
    for name, text in {
        "parties/istres": "name: Istres\ncategory: private\n",
        "parties/fos": "name: Fos\ncategory: private\n",
        "use-cases/noise": "title: Bruit\nowner: istres\ndomain: noise\nstatus: idea\n",
        "supports/13047/p1": "type: mast\nowner: istres\ninsee_code: '13047'\n"
        "location: {lon: 4.98747, lat: 43.51345}\nstatus: in_service\n",
        "equipment/s1": f"type: sensor\n{device}",
        "equipment/c1": f"type: camera\n{device}",
    }.items():
        file = folder / "registry" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"id: {file.stem}\n{text}", "utf-8")
    git(folder, "add", "--all")
    identity = ("-c", "user.name=SIG", "-c", "user.email=sig@example.org")
    git(folder, *identity, "commit", "--quiet", "--message", "records")
    return folder


@pytest.fixture
def smartreg(base: Path, registry: Path) -> Smartreg:
    """`smartreg("set … -y")` in the test's own copy."""

    def run(line: str, **environ: str) -> Done:
        return start(*shlex.split(line), cwd=registry, HOME=str(base.parent), **environ)

    return run


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, encoding="utf-8").stdout


# -- help --------------------------------------------------------------------------------------------------------


def test_help_of_add_names_what_can_be_added(smartreg: Smartreg) -> None:
    rows = smartreg("add -h").stdout.splitlines()

    names = [row.split()[1] for row in rows if re.match(r"│ [a-z-]+ +Add a record", row)]
    assert {"party", "deliberation", "convention", "support", "equipment", "sensor"} <= set(names)


def test_help_command_is_the_help_of_the_command(smartreg: Smartreg) -> None:
    assert smartreg("help set").stdout == smartreg("set -h").stdout
    assert smartreg("help add sensor").stdout == smartreg("add sensor -h").stdout
    assert smartreg("help --lang fr list").stdout == smartreg("list -h --lang fr").stdout
    assert smartreg("help valdate").returncode == 2


def test_help_shows_json_only_where_there_is_json(smartreg: Smartreg) -> None:
    assert "--json" in smartreg("list -h").stdout
    assert "--json" not in smartreg("graph -h").stdout
    assert "--format" not in smartreg("completion -h").stdout


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_help_of_add_speaks_of_the_command_line(smartreg: Smartreg, lang: str) -> None:
    text = " ".join(smartreg(f"add-sensor -h --lang {lang}").stdout.split())

    assert "in quotes" not in text
    assert "entre guillemets" not in text
    assert "--location-lon" in text.partition("--support SUPPORT-ID")[2].partition("--network")[0]
    assert "--status STATUS Status ·" not in text
    assert "--status STATUS Statut ·" not in text


# -- typing errors -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("list equipment --where status=plannd", 'no status "plannd"', 'did you mean "planned"?'),
        ("list --where owner=Istre", 'no owner "Istre"', 'did you mean "istres"?'),
        ("list equipment --where use_cases=nois", 'no use_cases "nois"', 'did you mean "noise"?'),
        ("list party --where nonprofit=maybe", 'no nonprofit "maybe"', "it can be true, false"),
        ("list --where kind=partys", 'no kind "partys"', 'did you mean "party"?'),
        ("list sensr", 'no kind "sensr"', 'did you mean "sensor"?'),
        ("log --op renane", 'no operation "renane"; there are init, add', 'did you mean "rename"?'),
        ("log --convention c9", 'no convention "c9"', "smartreg list convention"),
        ("add-sensor --near 4.98,43.51 --owner istres --use-case noise -n", "look swapped", "--near 43.51,4.98"),
        ("show fos --at HEAD~1", 'no record "fos" at HEAD~1', "smartreg list"),
    ],
)
def test_a_typing_error_is_2_and_not_an_empty_answer(smartreg: Smartreg, line: str, message: str, hint: str) -> None:
    done = smartreg(line)

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert hint in done.stderr


def test_a_value_that_only_a_broken_record_has_can_be_looked_for(smartreg: Smartreg, registry: Path) -> None:
    file = registry / "registry/equipment/s1.yaml"
    file.write_text(file.read_text("utf-8").replace("istres", "ghost"), "utf-8")

    assert smartreg("list --where owner=ghost -f ids").stdout == "equipment/s1\n"


def test_a_typing_error_comes_before_the_question_that_nobody_can_answer(smartreg: Smartreg) -> None:
    unknown, wrong, right = (smartreg(f"set s1 {text}") for text in ("stauts=x", "status=x", "height_m=3"))

    assert 'did you mean "status"?' in unknown.stderr
    assert (wrong.returncode, wrong.stdout.splitlines()[0][:13]) == (1, "error[SCH103]")
    assert (right.returncode, right.stdout) == (2, "")
    assert "cannot ask for confirmation" in right.stderr


def test_presets_are_kinds_to_list(smartreg: Smartreg) -> None:
    for word in ("sensor", "sensors"):
        assert smartreg(f"list {word} -f ids").stdout == "equipment/s1\n"
    assert smartreg("list cameras --where owner=istres -f ids").stdout == "equipment/c1\n"
    assert smartreg("list gateways -f ids").stdout == ""


def test_what_a_limit_leaves_out_is_counted(smartreg: Smartreg) -> None:
    done = smartreg("list party --limit 1 -f ids")

    assert (done.stdout, done.stderr) == ("party/fos\n", "note: 1 of 2\n")
    assert smartreg("list party --limit 2").stderr == ""


def test_settings_that_name_no_rule_and_languages_that_there_are_not(smartreg: Smartreg, registry: Path) -> None:
    with (registry / "smartreg.toml").open("a", encoding="utf-8") as file:
        file.write('\n[severity]\nREF20l = "off"\nREF214 = "off"\n')
    done = smartreg("validate", SMARTREG_LANG="es")

    assert done.returncode == 2
    assert 'error: smartreg.toml: [severity]: no rule "REF20l"\nhelp: did you mean "REF201"?\n' in done.stderr
    assert 'note: SMARTREG_LANG must be one of en, fr, not "es"\n' in done.stderr


def test_text_is_the_full_report(smartreg: Smartreg) -> None:
    assert smartreg("validate -f text").stdout == smartreg("validate -f full").stdout != ""


# -- history -----------------------------------------------------------------------------------------------------


def test_undo_says_what_it_undid_and_undone_again_that_it_is_back(smartreg: Smartreg, registry: Path) -> None:
    assert smartreg("set s1 height_m=3 -y").returncode == 0
    first = git(registry, "rev-parse", "--short=7", "HEAD").strip()
    undone = smartreg("undo -y").stdout
    second = git(registry, "rev-parse", "--short=7", "HEAD").strip()
    again = smartreg("undo -y --lang fr").stdout
    third = git(registry, "rev-parse", "--short=7", "HEAD").strip()

    assert undone == f'Undone: "Set equipment/s1 height_m=3" ({first})  (commit {second})\n'
    assert again == f"Rétabli : « Modification : equipment/s1, Hauteur de pose = 3 » ({second})  (commit {third})\n"
    assert git(registry, "log", "-1", "--format=%s") == 'Reapply "Set equipment/s1 height_m=3"\n'
    assert "undo that one to restore it" in smartreg("undo -h").stdout


def test_the_beginning_is_not_undone(smartreg: Smartreg, registry: Path) -> None:
    done = smartreg(f"undo -y {git(registry, 'rev-list', '--max-parents=0', 'HEAD').strip()}")

    assert done.returncode == 1
    assert "created this registry and cannot be undone" in done.stderr
    assert "revert" not in done.stderr


def test_log_shows_reasons_and_a_rename_once(smartreg: Smartreg) -> None:
    assert smartreg("rename c1 c2 --reason 'Nom du pilote' -y").returncode == 0
    rows = smartreg("log --since 2000-01-01").stdout.splitlines()

    assert "equipment/c2" in rows[0]
    assert "c1 → c2" in rows[0]
    assert rows[1].strip() == "reason: Nom du pilote"
    assert not any("deleted" in row or "renamed" in row for row in rows)
    entry = json.loads(smartreg("log c2 --json").stdout)["entries"][0]
    assert (entry["record"], entry["former"], entry["reason"]) == ("equipment/c2", "equipment/c1", "Nom du pilote")


def test_status_in_the_middle_of_a_merge(smartreg: Smartreg, registry: Path) -> None:
    (registry / ".git/MERGE_HEAD").write_text(git(registry, "rev-parse", "HEAD"), "utf-8")
    (registry / "registry/parties/fos.yaml").write_text("name: [", "utf-8")
    text, french = smartreg("status").stdout, smartreg("status --lang fr").stdout

    assert text.splitlines()[1] == "a merge is in progress"
    assert "  ! party/fos  cannot be read" in text.splitlines()
    assert "(s)" not in french
    assert json.loads(smartreg("status --json").stdout)["under_way"] == "a merge is in progress"


def test_french_notes_are_french(smartreg: Smartreg) -> None:
    assert "note : jugé : fichiers de travail, au " in smartreg("validate -v --lang fr").stderr


def test_many_imported_records_agree_in_french(smartreg: Smartreg, registry: Path) -> None:
    rows = "".join(f"v{number},Ville {number},private\n" for number in range(4))
    (registry.parent / "parties.csv").write_text(f"id,name,category\n{rows}", "utf-8")
    done = smartreg("import party ../parties.csv -y --lang fr")

    assert done.returncode == 0, done.stderr + done.stdout
    assert "Importées : 4 fiches  (commit " in done.stdout


def test_show_says_which_coordinate_is_which(smartreg: Smartreg) -> None:
    assert "lat 43.51345, lon 4.98747" in smartreg("show s1").stdout


# -- French tables -----------------------------------------------------------------------------------------------


def test_a_list_in_french_has_the_words_of_the_schemas(smartreg: Smartreg) -> None:
    rows = [line.split("  ") for line in smartreg("list camera --columns id,type,status --lang fr").stdout.splitlines()]

    assert [[cell.strip() for cell in row if cell] for row in rows] == [
        ["Identifiant", "Type", "Statut"],
        ["c1", "caméra", "prévu"],
    ]
    assert smartreg("list --where kind=support", SMARTREG_LANG="fr").stdout.splitlines()[1].startswith("Support  ")


def test_machine_formats_keep_names_and_codes_in_french(smartreg: Smartreg) -> None:
    columns = "--columns id,type,status,label"
    for form in ("csv", "json", "ids"):
        line = f"list camera {columns} -f {form}"
        assert smartreg(f"{line} --lang fr").stdout == smartreg(line).stdout


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("list sensor --where 'Statut=En panne'", "list sensor --where status=faulty"),
        ("list sensor --columns Propriétaire", "list sensor --columns owner"),
        ("list --sort Statut", "list --sort status"),
    ],
)
def test_words_of_a_french_table_are_taken_as_what_commands_take(smartreg: Smartreg, said: str, meant: str) -> None:
    done = smartreg(f"{said} --lang fr")

    assert (done.returncode, done.stdout) == (0, smartreg(f"{meant} --lang fr").stdout), done.stderr


def test_a_part_of_a_label_gets_its_code_suggested(smartreg: Smartreg) -> None:
    assert "aide : vouliez-vous dire « faulty » (en panne) ?" in smartreg("set s1 statut=panne --lang fr -y").stdout


def test_status_in_french_calls_kinds_by_their_plural(smartreg: Smartreg) -> None:
    rows = [line.split() for line in smartreg("status --lang fr").stdout.splitlines()]

    assert ["Équipements", "connectés", "2", "equipment"] in rows
    assert ["Cas", "d'usage", "1", "use_case"] in rows


def test_show_in_french_has_titles_and_the_names_that_set_takes(smartreg: Smartreg) -> None:
    lines = smartreg("show c1 --lang fr").stdout.splitlines()

    assert lines[0] == "equipment/c1  Équipement connecté · caméra · istres · p1"
    assert ["status", "Statut", "planned", "prévu"] in [line.split() for line in lines]


# -- fields by other names, and without a value --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("set s1 installed=2024-03-11 -n", "installed_on"),
        ("set s1 dev_uei=70B3D57ED0061234 -n", "dev_eui"),
    ],
)
def test_a_field_by_another_name_gets_its_own_suggested(smartreg: Smartreg, line: str, field: str) -> None:
    done = smartreg(line)

    assert done.returncode == 2
    assert done.stderr.endswith(f'help: did you mean "{field}"?\n')


@pytest.mark.parametrize(
    ("assignment", "hint"),
    [
        ("installed_on=", "to remove it: --unset installed_on"),
        ("weight_kg=", "to remove it: --unset weight_kg"),
        ("serial_number=", "to remove it: --unset serial_number"),
        ("owner=", "give a value; the field is required"),
    ],
)
def test_setting_a_field_to_nothing_names_the_way(smartreg: Smartreg, assignment: str, hint: str) -> None:
    done = smartreg(f"set s1 {assignment} -y")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {assignment} gives no value\nhelp: {hint}\n"


def test_a_list_may_be_set_to_nothing(smartreg: Smartreg) -> None:
    assert smartreg("set s1 measures= -y").returncode == 0


# -- Tab ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "candidates"),
    [
        ("show s", ["support/p1", "s1"]),
        ("set s1 st", ["status="]),
        ("set support/p1 location.", ["location.lon=", "location.lat=", "location.accuracy_class="]),
        ("set s1 status=f", ["status=faulty"]),
        ("list senso", ["sensor"]),
    ],
)
def test_tab_offers_bare_ids_and_fields(smartreg: Smartreg, line: str, candidates: list[str]) -> None:
    offered = [row.split("\t")[0] for row in smartreg(f"complete {line}").stdout.splitlines()]

    assert set(candidates) <= set(offered)
    assert all(word.startswith(line.split()[-1]) for word in offered)


# -- words of the language ---------------------------------------------------------------------------------------


def test_units_for_people_are_words(smartreg: Smartreg) -> None:
    assert "  4.98747°" in smartreg("show p1 --lang fr").stdout
    assert "Préavis (jours)" in smartreg("add-convention --help --lang fr").stdout
    assert " (days)" in smartreg("add-convention --help").stdout


def test_explain_says_the_severity_and_the_word_of_the_settings(smartreg: Smartreg) -> None:
    assert "\nGravité : erreur (error)\n" in smartreg("explain REF201 --lang fr").stdout
    assert "\nSeverity: error\n" in smartreg("explain REF201").stdout


def test_log_counts_by_the_plural(smartreg: Smartreg, registry: Path) -> None:
    rows = "".join(f"v{number},Ville {number},private\n" for number in range(25))
    (registry.parent / "parties.csv").write_text(f"id,name,category\n{rows}", "utf-8")
    assert smartreg("import party ../parties.csv -y").returncode == 0

    assert "  import  " in smartreg("log --lang fr --op imp").stdout
    assert "  25 parties  " in smartreg("log --lang fr").stdout
    assert "  25 parties  " in smartreg("log").stdout


def test_kinds_and_fields_have_french_names(smartreg: Smartreg) -> None:
    for word in ("équipement", "équipements", "Équipements connectés"):
        assert smartreg(f"list '{word}' -f ids").stdout == "equipment/c1\nequipment/s1\n"
    assert smartreg("diff HEAD --fields statut").returncode == 0


@pytest.mark.parametrize("names", ["identifiant,statut", "Identifiant,Statut", "id,status"])
def test_columns_by_name_heading_or_title(smartreg: Smartreg, names: str) -> None:
    done = smartreg(f"export equipment --columns '{names}' --lang fr")
    assert (done.returncode, done.stdout) == (0, "identifiant,statut\nc1,planned\ns1,planned\n"), done.stderr

    listed = smartreg(f"list equipment --columns '{names}' --sort=-Statut -f csv")
    assert (listed.returncode, listed.stdout) == (0, "id,status\nc1,planned\ns1,planned\n"), listed.stderr


def test_a_heading_that_the_audience_does_not_see_is_no_column_for_it(smartreg: Smartreg) -> None:
    assert "numero_serie" in smartreg("export equipment --columns numero_serie --lang fr").stdout
    assert smartreg("export equipment --columns numero_serie --lang fr --audience public").returncode == 2
    assert smartreg("export equipment --where numero_serie=A1 --lang fr --audience public").returncode == 2


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ("statut=planned", "c1,s1"),
        ("statut=prévu", "c1,s1"),
        ("Statut!=prévu", ""),
        ("type=caméra", "c1"),
        ("type=camera", "c1"),
        ("Propriétaire=istres", "c1,s1"),
    ],
)
def test_conditions_by_heading_title_and_label(smartreg: Smartreg, where: str, ids: str) -> None:
    done = smartreg(f"list equipment --where '{where}' -f ids")

    assert (done.returncode, ",".join(row.partition("/")[2] for row in done.stdout.split())) == (0, ids), done.stderr
    if ids:
        exported = smartreg(f"export equipment --where '{where}' --columns id").stdout
        assert exported.split() == ["id", *ids.split(",")]


def test_an_export_by_headings_is_verified(smartreg: Smartreg, tmp_path: Path) -> None:
    out = tmp_path / "liste.xlsx"
    line = f"export equipment --columns statut --where statut=prévu -o {out} --lang fr"
    assert smartreg(line).returncode == 0

    assert smartreg(f"verify {out}").returncode == 0


def test_a_french_sheet_to_read_has_french_words(smartreg: Smartreg) -> None:
    line = "export equipment --columns statut,type --lang fr --labels"
    assert smartreg(line).stdout == "identifiant,type_equipement,statut\nc1,caméra,prévu\ns1,capteur,prévu\n"
    assert smartreg(line.replace(" --lang fr", "")).stdout == "id,type,status\nc1,camera,planned\ns1,sensor,planned\n"
    refused = smartreg("export equipment --labels -f json --lang fr")
    assert (refused.returncode, "--labels vaut pour csv, xlsx, ods, pas pour json" in refused.stderr) == (2, True)
