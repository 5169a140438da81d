"""Writing from the command line, as real commits: `add-…` made from schemas, `set`, `retire`, `rename`, `undo`."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from program import GIT_CONFIG, Done, number_ids, start

from smartreg.domain.labels import read_label

Smartreg: TypeAlias = Callable[..., Done]

SENSOR = (
    "add-sensor --support istres-ep-00412 --type sensor --owner istres --use-case noise-observatory "
    "--network amp-lorawan --dev-eui 70B3D57ED0061234 --measure noiseLevel --installed-on 2024-03-11"
)
BASE = (
    "add-use-case --id noise-observatory --title Bruit --owner istres --domain noise --status idea -y",
    "add-network --id amp-lorawan --name LoRaWAN --technology lorawan --operator istres --access own_use "
    "--status in_service --started-on 2023-01-01 --lorawan-region EU863-870 -y",
    "add-support --id istres-ep-00412 --type street_light --owner istres --insee-code 13047 "
    "--location-lon 4.98747 --location-lat 43.51345 --status in_service -y",
    "add-support --id istres-ep-00413 --type street_light --owner istres --insee-code 13047 "
    "--location-lon 4.98800 --location-lat 43.51400 --status in_service -y",
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with a party, a use case, a network and two supports, made by the program itself."""
    place = tmp_path_factory.mktemp("base")
    (place / ".gitconfig").write_text(
        GIT_CONFIG,
        "utf-8",
    )
    folder = place / "registry"
    party = "add-party --id istres --name Istres --category commune --siren 211300470 --insee-code 13047 -y"
    for line in (f"init {folder}", party, *BASE):
        where = folder if folder.exists() else place
        done = start(*shlex.split(line), cwd=where, HOME=str(place))
        assert done.returncode == 0, done.stderr + done.stdout
        if line.startswith("init"):
            number_ids(folder)
    return folder


@pytest.fixture
def smartreg(base: Path, registry: Path) -> Smartreg:
    """`smartreg("set … -y")` in the test's own copy."""

    def run(line: str, input: str = "", **environ: str) -> Done:  # noqa: A002
        return start(*shlex.split(line), cwd=registry, input=input, HOME=str(base.parent), **environ)

    return run


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, encoding="utf-8").stdout


def test_add_sensor_is_one_commit_of_one_file(smartreg: Smartreg, registry: Path) -> None:
    before = git(registry, "rev-parse", "HEAD").strip()
    done = smartreg(f"{SENSOR} --id istres-noise-001 -y")

    assert done.returncode == 0, done.stderr
    head = done.stdout.rpartition("commit ")[2].rstrip(")\n")
    assert done.stdout == f"Added equipment/istres-noise-001  (commit {head})\n"
    assert done.stderr.splitlines()[-1] == f"Undo: smartreg undo {head}"
    assert git(registry, "rev-parse", head) == git(registry, "rev-parse", "HEAD")
    assert git(registry, "rev-parse", "HEAD^").strip() == before
    file = "registry/equipment/istres-noise-001.yaml"
    assert git(registry, "show", "--format=", "--name-only").split() == [file]
    text = (registry / file).read_text("utf-8")
    for line in ('dev_eui: "70B3D57ED0061234"', "type: sensor", "status: installed", "  - noise-observatory"):
        assert line in text.splitlines()
    assert "Smartreg-Op: add" in git(registry, "log", "-1", "--format=%B")


def test_measure_takes_the_unit_of_the_vocabulary_or_its_own(smartreg: Smartreg) -> None:
    done = smartreg(f"{SENSOR} --measure airTemperature:K --id a-1 -n --json")

    assert done.returncode == 0, done.stderr
    fields = {item["name"]: item.get("after") for item in json.loads(done.stdout)["changes"][0]["fields"]}
    assert fields["measures"] == [
        {"property": "noiseLevel", "unit": "dB[SPL]"},
        {"property": "airTemperature", "unit": "K"},
    ]


def test_an_eui_is_taken_in_any_case_and_with_separators(smartreg: Smartreg) -> None:
    other = SENSOR.replace("70B3D57ED0061234", "70-b3-d5-7e-d0-06-12-34")
    done = smartreg(f"{other} --set mac_address=AABB.CCDD.EEFF --id istres-noise-001 -n")

    assert done.returncode == 0, done.stderr
    assert '    dev_eui: "70B3D57ED0061234"' in done.stdout.splitlines()
    assert '    mac_address: "AA:BB:CC:DD:EE:FF"' in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("label", "fields"),
    [
        (
            "LW:D0:70B3D57ED0000000:70B3D57ED0000009:AABB1122:O001122334455:SSN-9:PFOO:CAF2C",
            {"dev_eui": "70B3D57ED0000009", "join_eui": "70B3D57ED0000000", "serial_number": "SN-9"},
        ),
        ("lw:d0:0000000000000000:70b3d57ed0000009:aabb1122", {"dev_eui": "70B3D57ED0000009"}),
        ("LW:D0:70B3D57ED0000000:70B3D57ED0000009", {}),
        ("LW:D1:70B3D57ED0000000:70B3D57ED0000009:AABB1122", {}),
        ("70B3D57ED0000009", {}),
    ],
)
def test_the_label_of_a_lorawan_device_gives_its_identifiers_and_no_secret(label: str, fields: dict[str, str]) -> None:
    assert read_label(label) == fields


def test_a_label_is_taken_where_a_dev_eui_is_typed(smartreg: Smartreg) -> None:
    label = "LW:D0:70B3D57ED0000000:70B3D57ED0000009:AABB1122:SSN-9"
    line = SENSOR.replace("70B3D57ED0061234", label)

    added = smartreg(f"{line} --serial SN-8 -n").stdout
    assert 'dev_eui: "70B3D57ED0000009"' in added
    assert 'join_eui: "70B3D57ED0000000"' in added
    assert "serial_number: SN-8" in added, "what is typed counts"


def test_an_identifier_that_is_taken_is_told_once(smartreg: Smartreg) -> None:
    smartreg(f"{SENSOR} -y")

    done = smartreg(f"{SENSOR} -y")

    assert done.returncode == 1
    assert (done.stdout + done.stderr).count("is already taken by") == 1
    assert "this would add 1 error" in done.stderr


def test_dry_run_writes_nothing_and_shows_the_record(smartreg: Smartreg, registry: Path) -> None:
    before = git(registry, "rev-parse", "HEAD")
    done = smartreg(f"{SENSOR} --id istres-noise-001 -n")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("+ equipment/istres-noise-001")
    assert '    dev_eui: "70B3D57ED0061234"' in done.stdout.splitlines()
    assert done.stderr == "note: dry run: nothing was written\n"
    assert git(registry, "rev-parse", "HEAD") == before
    assert git(registry, "status", "--porcelain") == ""


def test_everything_that_is_missing_is_named_at_once(smartreg: Smartreg) -> None:
    done = smartreg("add-sensor --type sensor")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: not a terminal, and these are missing: --support, --owner, --use-case\n"
        "  smartreg add-sensor --type sensor --support SUPPORT-ID --owner PARTY-ID --use-case USE-CASE-ID -y\n"
    )


def test_the_values_of_missing_enumerations_are_listed(smartreg: Smartreg) -> None:
    done = smartreg("add support --lang fr -y")

    assert done.returncode == 2
    assert "il manque : --location-lon, --location-lat, --type, --owner, --insee-code\n" in done.stderr
    assert "--type : street_light = candélabre (lampadaire), " in done.stderr


def test_the_line_for_what_is_missing_works_once_it_is_filled_in(smartreg: Smartreg) -> None:
    """The status of the assessment is required by the answer on personal data, and is in a group within a group."""
    assert smartreg(f"{SENSOR} --id istres-noise-001 -y").returncode == 0
    done = smartreg("add-flow --title Bruit --personal-data-involved true -n")
    ready = done.stderr.splitlines()[1]
    for word, value in {
        "PARTY-ID": "istres",
        "EQUIPMENT-ID": "istres-noise-001",
        "PERSONAL-DATA-LEGAL-BASIS": "public_task",
        "PERSONAL-DATA-RETENTION": "P30D",
        "PERSONAL-DATA-DPIA-STATUS": "done",
        "PERSONAL-DATA-PURPOSE": "Mesurer",
        "ACCESS": "restricted",
    }.items():
        ready = ready.replace(f" {word}", f" {value}")

    assert done.returncode == 2
    assert "--personal-data-dpia-status: done, not_required, pending" in done.stderr
    done = smartreg(ready.strip().removeprefix("smartreg "))
    assert done.returncode == 0, done.stderr


def test_what_an_item_of_a_list_lacks_is_said_of_the_item(smartreg: Smartreg) -> None:
    done = smartreg(f"{SENSOR} --set measures[1].unit=K -n")

    assert done.returncode == 1
    assert 'error[SCH101] required field "measures[1].property" is missing' in done.stdout


def test_without_a_terminal_nothing_is_written_unasked(smartreg: Smartreg, registry: Path) -> None:
    before = git(registry, "rev-parse", "HEAD")
    done = smartreg(f"{SENSOR} --id istres-noise-001")

    assert done.returncode == 2
    assert "add -y to write without asking, or -n to see the change" in done.stderr
    assert git(registry, "rev-parse", "HEAD") == before


def test_a_refused_record_shows_its_findings(smartreg: Smartreg, registry: Path) -> None:
    before = git(registry, "rev-parse", "HEAD")
    done = smartreg(f"{SENSOR.replace('00412', '0412')} --id istres-noise-001 -y")

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == 'error[REF201] support "istres-ep-0412" does not exist'
    assert lines[1].startswith("  --> registry/equipment/istres-noise-001.yaml:")
    assert any("^^^^^^^^^^^^^^" in line for line in lines)
    assert any('did you mean "istres-ep-00412"' in line for line in lines)
    assert done.stderr.startswith("error: not written: this would add 1 error to the registry\n")
    assert git(registry, "rev-parse", "HEAD") == before
    assert git(registry, "status", "--porcelain") == ""


def test_json_of_a_write(smartreg: Smartreg, registry: Path) -> None:
    found = json.loads(smartreg(f"{SENSOR} --id istres-noise-001 -y --json").stdout)

    assert (found["version"], found["op"], found["written"]) == (1, "add", True)
    assert found["commit"] == git(registry, "rev-parse", "HEAD").strip()
    assert found["records"] == ["equipment/istres-noise-001"]


PARIS, LATITUDE_TWICE = ("2.3522", "48.8566"), ("43.51", "43.51345")
MAST = "add-support --type mast --owner istres --insee-code 13047 --status in_service"
SHEET = "id;type;owner;insee_code;lon;lat;status\nm-1;mast;istres;13047;{};{};in_service\n"


@pytest.mark.parametrize("lon_lat", [PARIS, LATITUDE_TWICE])
@pytest.mark.parametrize("way", ["add", "add --from", "set", "set the commune", "import"])
def test_a_position_far_from_its_commune_is_refused_as_it_is_entered(
    smartreg: Smartreg, registry: Path, tmp_path: Path, lon_lat: tuple[str, str], way: str
) -> None:
    """There is no boundaries file: the centres that come with the program decide."""
    (lon, lat), before = lon_lat, git(registry, "rev-parse", "HEAD")
    (tmp_path / "s.csv").write_text(SHEET.format(lon, lat), "utf-8")
    place = f"location: {{lon: {lon}, lat: {lat}}}\n"
    text = f'type: mast\nowner: istres\ninsee_code: "13047"\n{place}status: in_service\n'
    line, given = {
        "add": (f"{MAST} --location-lon {lon} --location-lat {lat} -y", ""),
        "add --from": ("add support --from - -y", text),
        "set": (f"set istres-ep-00412 location.lon={lon} location.lat={lat} -y", ""),
        "set the commune": ("set istres-ep-00412 insee_code=75056 -y", ""),
        "import": (f"import support {tmp_path / 's.csv'} -y", ""),
    }[way]
    done = smartreg(line, given)
    assert (done.returncode, git(registry, "rev-parse", "HEAD")) == (1, before), done.stderr + done.stdout
    assert "error[GEO717] the point is" in done.stdout + done.stderr
    assert "--allow GEO717 -m REASON" in done.stdout + done.stderr


def test_a_far_position_that_is_right_is_allowed_with_a_reason(smartreg: Smartreg, registry: Path) -> None:
    done = smartreg(f"{MAST} --id m-1 --location-lon 2.3522 --location-lat 48.8566 -y --allow GEO717 -m 'on loan'")
    assert done.returncode == 0, done.stderr
    assert "Smartreg-Allows: GEO717" in git(registry, "log", "-1", "--format=%B")
    assert "warning[GEO717]" in smartreg("validate --select GEO717").stdout, "what exists is a warning"
    assert smartreg("set m-1 height_m=8 -y").returncode == 0


def test_a_swapped_position_near_its_commune_says_how_it_is_meant(smartreg: Smartreg) -> None:
    done = smartreg(f"{MAST} --location-lon 43.51345 --location-lat 4.98747 -y")
    assert (done.returncode, "is it lon 4.98747, lat 43.51345?" in done.stdout + done.stderr) == (1, True)


def test_like_takes_what_can_be_shared(smartreg: Smartreg, registry: Path) -> None:
    own = "--set confirmed_on=2024-05-01 --set notes='Behind the tree.'"
    assert smartreg(f"{SENSOR} --id istres-noise-001 {own} -y").returncode == 0
    done = smartreg("add-sensor --like istres-noise-001 --support istres-ep-00413 -y")

    assert done.returncode == 0, done.stderr
    text = (registry / "registry/equipment/istres-noise-002.yaml").read_text("utf-8")
    assert "support: istres-ep-00413" in text
    assert "noiseLevel" in text
    assert not {"dev_eui", "confirmed_on", "notes", "installed_on"} & {word.rstrip(":") for word in text.split()}
    assert "status: planned" in text


def test_where_a_record_hangs_is_never_copied(smartreg: Smartreg, registry: Path) -> None:
    assert smartreg(f"{SENSOR} --id istres-noise-001 --serial SN-1 -y").returncode == 0
    device = smartreg("add-sensor --like istres-noise-001 -y")
    assert (device.returncode, "--support" in device.stderr) == (2, True), device.stderr
    support = smartreg("add-support --like istres-ep-00412 -y")
    assert support.returncode == 2
    for option in ("--location-lon", "--location-lat", "--insee-code"):
        assert option in support.stderr
    assert not {"--owner", "--type"} & set(support.stderr.split())


def test_from_a_file_and_from_standard_input(smartreg: Smartreg, tmp_path: Path) -> None:
    record = {"type": "sensor", "owner": "istres", "use_cases": ["noise-observatory"], "support": "istres-ep-00412"}
    (tmp_path / "s.json").write_text(json.dumps(record), "utf-8")
    assert smartreg(f"add equipment --from {tmp_path / 's.json'} --id a-1 -y").returncode == 0
    text = "type: sensor\nowner: istres\nuse_cases: [noise-observatory]\nsupport: istres-ep-00412\nid: a-2\n"
    done = smartreg("add equipment --from - --set height_m=4 -y", input=text)

    assert done.returncode == 0, done.stderr
    assert json.loads(smartreg("show equipment/a-2 --json").stdout)["data"]["height_m"] == 4


def test_a_file_that_cannot_be_read(smartreg: Smartreg) -> None:
    done = smartreg("add equipment --from - -y", input="a: 1\na: 2\n")

    assert done.returncode == 2
    assert "-:2:1: " in done.stderr


def test_near_takes_the_support_at_that_place(smartreg: Smartreg) -> None:
    line = "add-sensor --owner istres --use-case noise-observatory -n --json --near"
    done = smartreg(f"{line} 43.51346,4.98748")
    assert done.returncode == 0, done.stderr
    assert "support istres-ep-00412, 1 m from there" in done.stderr
    assert '"after": "istres-ep-00412"' in done.stdout

    far = smartreg(f"{line} 43.6,5.0")
    assert far.returncode == 2
    assert far.stderr.index("istres-ep-00413") < far.stderr.index("istres-ep-00412")
    assert smartreg(f"{line} here").returncode == 2


def test_nested_options_lists_and_set(smartreg: Smartreg) -> None:
    line = (
        f"{SENSOR} --id a-1 --power-source solar --capture image --capture audio --set calibration.period_months=12 -y"
    )
    assert smartreg(line).returncode == 0
    data = json.loads(smartreg("show equipment/a-1 --json").stdout)["data"]

    assert data["power"] == {"source": "solar"}
    assert data["captures"] == ["image", "audio"]
    assert data["calibration"] == {"period_months": 12}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("--height-m tall", 'height_m: "tall" is not a number'),
        ("--set heigth_m=3", 'equipment has no field "heigth_m"'),
        ("--set height_m", "is not of the form FIELD=VALUE"),
        ("--set events[1].kind=fault", "events[1].kind has nothing before it"),
        ("--like party/istres", "party/istres is not of kind equipment"),
        ("--repeat", "--repeat needs a terminal"),
        ("--from nowhere.yaml", "there is no file nowhere.yaml"),
    ],
)
def test_a_wrong_value_is_2(smartreg: Smartreg, more: str, message: str) -> None:
    done = smartreg(f"{SENSOR} --id a-1 -y {more}")

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_the_life_of_a_sensor(smartreg: Smartreg, registry: Path) -> None:
    assert smartreg(f"{SENSOR} --id istres-noise-001 -y").returncode == 0
    done = smartreg("set equipment/istres-noise-001 status=active -y -m 'Mise en service' --trailer Ticket=42")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("Changed equipment/istres-noise-001  (commit ")
    message = git(registry, "log", "-1", "--format=%B")
    assert message.startswith("Mise en service\n")
    assert "Ticket: 42\n" in message
    assert [row for row in git(registry, "show", "--format=", "-U0").splitlines() if row[:1] in "+-"][2:] == [
        "-status: installed",
        "+status: active",
    ]

    diff = smartreg("diff HEAD~1 HEAD")
    assert "~ equipment/istres-noise-001" in diff.stdout
    assert "installed → active" in diff.stdout
    assert smartreg("diff HEAD~1 HEAD --exit-code").returncode == 1
    assert smartreg("diff HEAD~1..HEAD").stdout == smartreg("diff HEAD~1..").stdout == diff.stdout
    assert smartreg("diff --exit-code").returncode == 0
    base = git(registry, "rev-parse", "--short", "HEAD~1").strip()
    assert smartreg("diff HEAD~1...").stdout == diff.stdout.replace(f"HEAD~1 ({base})", base)

    assert smartreg("rename equipment/istres-noise-001 x-1 -y").returncode == 1
    assert smartreg("remove equipment/istres-noise-001 -y").returncode == 1

    undone = smartreg("undo -y")
    assert undone.returncode == 0, undone.stderr
    assert undone.stdout.splitlines()[-1].startswith('Undone: "Mise en service" (')

    retired = smartreg("retire istres-noise-001 --on 2024-11-20 --reason 'Fin du pilote' -y")
    assert retired.returncode == 0, retired.stderr + retired.stdout
    assert "Smartreg-Reason: Fin du pilote" in git(registry, "log", "-1", "--format=%B")

    log = smartreg("log equipment/istres-noise-001").stdout.splitlines()
    assert [row.split()[2] for row in log if row.startswith("20")] == ["retire", "undo", "set", "add"]
    assert log[1].split() == ["reason:", "Fin", "du", "pilote"]
    entries = json.loads(smartreg("log equipment/istres-noise-001 --json").stdout)["entries"]
    assert [entry["op"] for entry in entries] == ["retire", "undo", "set", "add"]


def test_no_commit_writes_the_file_only(smartreg: Smartreg, registry: Path) -> None:
    before = git(registry, "rev-parse", "HEAD")
    done = smartreg("set support/istres-ep-00412 height_m=8 --no-commit -y")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "Changed support/istres-ep-00412  (not committed)"
    assert git(registry, "rev-parse", "HEAD") == before
    assert "height_m: 8" in (registry / "registry/supports/13047/istres-ep-00412.yaml").read_text("utf-8")
    assert "~ support/istres-ep-00412" in smartreg("status").stdout


def test_nothing_to_change(smartreg: Smartreg, registry: Path) -> None:
    before = git(registry, "rev-parse", "HEAD")
    done = smartreg("set support/istres-ep-00412 status=in_service -y")

    assert (done.returncode, done.stdout) == (0, "Nothing to change.\n")
    assert git(registry, "rev-parse", "HEAD") == before


def test_many_records_are_set_in_one_commit(smartreg: Smartreg, registry: Path) -> None:
    before = git(registry, "rev-parse", "HEAD").strip()
    plan = smartreg("set supports --where status=in_service --where owner=istres height_m=8 -n")
    assert plan.stdout.count("height_m   + 8") == 2
    assert git(registry, "rev-parse", "HEAD").strip() == before

    done = smartreg("set istres-ep-00412 support/istres-ep-00413 height_m=8 address=Gare -y")
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.startswith("Changed support/istres-ep-00412, support/istres-ep-00413  (commit ")
    assert git(registry, "rev-parse", "HEAD~1").strip() == before
    assert git(registry, "log", "-1", "--format=%s") == "Set 2 supports height_m=8, address=Gare\n"

    one = smartreg("set supports --where height_m=8 height_m=9 --unset address -y")  # the other way to name them
    assert (one.returncode, smartreg("set supports --where height_m=9 height_m=9 -y").stdout) == (
        0,
        "Nothing to change.\n",
    )
    for line, message in (
        ("set supports --where height_m=7 height_m=9 -y", "supports: no record has height_m=7"),
        ("set --where height_m=9 height_m=7 -y", "--where needs one kind"),
        ("set --where height_m=9", "nothing to set"),
        ("set istres-ep-00412 noise-observatory height_m=9 -y", 'use_case has no field "height_m"'),
    ):
        refused = smartreg(line)
        assert (refused.returncode, message in refused.stderr) == (2, True), refused.stderr


@pytest.mark.parametrize(
    ("line", "ready"),
    [
        ("set status=faulty", "smartreg set status=faulty RECORD -y"),
        ("set", "smartreg set RECORD PATH=VALUE -y"),
        ("retire --on 2024-11-20", "smartreg retire --on 2024-11-20 RECORD -y"),
        ("move -n", "smartreg move -n EQUIPMENT SUPPORT"),
        ("replace serial_number=SN-2", "smartreg replace serial_number=SN-2 OLD -y"),
        ("show", "smartreg show RECORD"),
        ("edit", "smartreg set RECORD PATH=VALUE -y"),
    ],
)
def test_a_record_that_nobody_can_pick_is_named_as_missing(smartreg: Smartreg, line: str, ready: str) -> None:
    done = smartreg(line)

    assert (done.returncode, done.stderr.splitlines()[1].removeprefix("help:").strip()) == (2, ready)


def test_no_identity_is_3(registry: Path, tmp_path: Path) -> None:
    home = tmp_path / "nobody"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\n useConfigOnly = true\n", "utf-8")
    done = start("set", "support/istres-ep-00412", "height_m=8", "-y", cwd=registry, HOME=str(home))

    assert done.returncode == 3
    assert "git config" in done.stderr
    assert git(registry, "status", "--porcelain") == ""


def test_validate_names_what_is_wrong(smartreg: Smartreg, registry: Path) -> None:
    file = registry / "registry/supports/13047/istres-ep-00412.yaml"
    file.write_text(file.read_text("utf-8").replace("in_service", "in_servic"), "utf-8")
    done = smartreg("validate")

    assert done.returncode == 1
    assert 'error[SCH103] status is "in_servic"; it must be one of planned, in_service, ' in done.stdout
    assert "  smartreg explain SCH103\n" in done.stdout
    assert smartreg("validate --fail-on never").returncode == 0
    assert smartreg("validate registry/equipment").returncode == 0
    assert smartreg("validate --ignore SCH,REF").returncode == 0
    assert smartreg("validate support/istres-ep-00412 -f concise").stdout.startswith(
        "registry/supports/13047/istres-ep-00412.yaml:"
    )
    assert "SCH103" in smartreg("validate --statistics").stdout
    both = smartreg("validate --report json=findings.json -q")
    assert both.returncode == 1
    assert json.loads((registry / "findings.json").read_text("utf-8"))["counts"]["error"] == 1


def test_validate_staged_looks_at_the_index(smartreg: Smartreg, registry: Path) -> None:
    file = registry / "registry/supports/13047/istres-ep-00412.yaml"
    file.write_text(file.read_text("utf-8").replace("in_service", "in_servic"), "utf-8")

    assert smartreg("validate --staged").returncode == 0
    git(registry, "add", "--all")
    assert smartreg("validate --staged").returncode == 1


def test_export_csv(smartreg: Smartreg, registry: Path) -> None:
    assert smartreg(f"{SENSOR} --id istres-noise-001 -y").returncode == 0
    done = smartreg("export equipment supports --dialect excel-fr -o exports/")

    assert done.returncode == 0, done.stderr
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert {"exports/equipment.csv", "exports/supports.csv", "exports/datapackage.json"} <= set(names)
    assert (registry / "exports/equipment.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "Excel" in done.stderr
    piped = smartreg("export support")
    assert piped.returncode == 0
    assert piped.stdout.splitlines()[1].startswith("istres-ep-00412,")
    assert smartreg("export").returncode == 2


def test_import_is_all_or_nothing(smartreg: Smartreg, registry: Path, tmp_path: Path) -> None:
    rows = "id,name,category\natelier,Atelier,private\n"
    (tmp_path / "bad.csv").write_text(f"{rows}x,Nowhere,comune\n", "utf-8")
    (tmp_path / "good.csv").write_text(f"{rows}bureau,Bureau,private\n", "utf-8")
    refused = smartreg(f"import party {tmp_path / 'bad.csv'} -y")

    assert refused.returncode == 1
    assert "bad.csv:3 (category)" in refused.stdout
    assert refused.stderr.startswith("error: bad.csv was not imported: ")
    assert git(registry, "status", "--porcelain") == ""

    line = f"import party {tmp_path / 'good.csv'}"
    tried = json.loads(smartreg(f"{line} -n --json").stdout)
    assert (tried["written"], tried["added"]) == (False, 2)
    done = smartreg(f"{line} -y")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "2 added, 0 changed, 0 unchanged, 0 rows left out" in done.stdout
    assert git(registry, "status", "--porcelain") == ""
    missing = smartreg(f"import party {tmp_path / 'none.csv'} -y")
    assert (missing.returncode, missing.stdout) == (2, "")


def test_a_kind_of_ones_own_gets_its_command(smartreg: Smartreg, registry: Path) -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lamp post",
        "type": "object",
        "required": ["id", "colour", "party"],
        "properties": {
            "id": {"$ref": "common.schema.json#/$defs/id"},
            "colour": {"type": "string", "enum": ["green", "grey"], "x-option": "c"},
            "party": {"$ref": "common.schema.json#/$defs/id", "x-ref": "party"},
        },
        "unevaluatedProperties": False,
    }
    (registry / "schemas/lamp.schema.json").write_text(json.dumps(schema), "utf-8")
    assert "add-lamp" in smartreg("complete add-l").stdout
    assert re.search(r"--colour +-c +COLOUR", smartreg("add-lamp -h").stdout)
    done = smartreg("add-lamp -c green --party istres -y")
    assert (done.returncode, (registry / "registry/lamp").exists()) == (3, False)
    commit = next(line for line in done.stderr.splitlines() if "git add" in line).partition("git add ")[2]
    assert commit.startswith("schemas/lamp.schema.json && git commit")
    who = ("-c", "user.name=SIG", "-c", "user.email=sig@example.org")
    git(registry, "add", "-A")
    git(registry, *who, "commit", "-qm", "A kind of our own")
    done = smartreg("add-lamp -c green --party istres -y")
    assert done.returncode == 0, done.stderr
    assert (registry / "registry/lamp").is_dir()
