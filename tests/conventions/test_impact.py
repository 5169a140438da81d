"""What a change brings about: the town of two poles, three sensors and two flows, and one thing changed in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TypeAlias, get_args

import pytest
from program import Done, start
from registries import INDEXED

from smartreg.cli.diff import LeastGrade, fails
from smartreg.core.messages import verbatim
from smartreg.core.values import Language, RecordId
from smartreg.diff import diff
from smartreg.diff.impact import (
    GRADES,
    Comparison,
    Effect,
    Impact,
    Side,
    consequences,
    format_hosting,
    hostings,
    impacts,
)
from smartreg.registry import Registry, open_registry
from smartreg.trees import MemoryTree

Git: TypeAlias = Callable[..., str]
Texts: TypeAlias = dict[str, str]

ON = date(2026, 1, 15)
SIDE = Side(verbatim("x"))
SENSOR = "type: sensor\nowner: amp\nuse_cases: [noise]\nstatus: active\ninstalled_on: '2024-03-11'\nnetwork: lora\n"
FLOW = "title: T\nproducer: amp\naccess: restricted\npersonal_data: {involved: false}\nstatus: active\n"
TOWN: Texts = {
    "smartreg.toml": 'name = "Istres"\nmetropole = "amp"\n',
    "parties/amp": "name: AMP\ncategory: metropole\nsiren: '200054807'\n",
    "parties/istres": "name: Istres\ncategory: commune\ninsee_code: '13047'\nsiren: '211300470'\n",
    "supports/13047/p1": "type: mast\nowner: istres\ninsee_code: '13047'\nlocation: {lon: 4.98, lat: 43.5}\n"
    "status: in_service\n",
    "supports/13047/p2": "type: mast\nowner: istres\ninsee_code: '13047'\nlocation: {lon: 4.99, lat: 43.5}\n"
    "status: in_service\n",
    "networks/lora": "name: L\ntechnology: lorawan\noperator: amp\naccess: shared\nstatus: in_service\n",
    "use-cases/noise": "title: Bruit\nstatus: active\n",
    "equipment/s1": f"{SENSOR}support: p1\n",
    "equipment/s2": f"{SENSOR}support: p1\n",
    "equipment/s3": f"{SENSOR}support: p2\n",
    "flows/levels": f"{FLOW}consumers: [istres]\nequipment: [s1, s2]\n",
    "flows/counts": f"{FLOW}consumers: [istres, amp]\nequipment: [s2, s3]\n",
    "conventions/c1": "title: C\nparties: [amp, istres]\nfamilies: [installation, data]\nstatus: signed\n"
    "signed_on: '2023-12-01'\nreciprocal: true\nconsideration: free\n",
}


def files(texts: Mapping[str, str]) -> Texts:
    """By path in the tree; a record's id is its file's name."""
    return {
        name if "." in name else f"registry/{name}.yaml": text if "." in name else f"id: {Path(name).name}\n{text}"
        for name, text in texts.items()
    }


def of(texts: Mapping[str, str]) -> Registry:
    return open_registry(MemoryTree({path: text.encode() for path, text in files(texts).items()}), None, INDEXED)


def without(*names: str) -> Texts:
    return {name: text for name, text in TOWN.items() if name not in names}


def town_with(name: str, *swaps: tuple[str, str]) -> Texts:
    text = TOWN[name]
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    return {**TOWN, name: text}


def sentences_of(after: Texts, record: str, lang: Language = "en", before: Texts = TOWN) -> list[str]:
    """The sentences about the change of one record, each with its grade."""
    kind, id = record.split("/")
    found = impact(before, after, RecordId(kind, id))
    return [f"{label or grade}: {text}" for grade, label, text in consequences(found, lang, str)]


def impact(before: Texts, after: Texts, rid: RecordId) -> Impact:
    sides = of(before), of(after)
    return impacts(*sides, diff(*sides), ON)[rid]


def test_a_support_that_goes_takes_its_sensors_their_flows_and_consumers_along() -> None:
    after = without("supports/13047/p1")

    assert sentences_of(after, "support/p1") == [
        "routine: 2 sensors lose their mounting (s1, s2), 1 flow stops (levels), 1 flow loses a source (counts), "
        "1 consumer no longer receives them (istres), convention c1 affected"
    ]
    assert sentences_of(after, "support/p1", "fr") == [
        "routine: 2 capteurs perdent leur support (s1, s2), 1 flux s'arrête (levels), 1 flux perd une source (counts), "
        "1 destinataire ne les reçoit plus (istres), convention c1 concernée"
    ]


def test_what_was_moved_away_in_time_loses_nothing() -> None:
    moved = {name: text.replace("support: p1", "support: p2") for name, text in without("supports/13047/p1").items()}

    assert sentences_of(moved, "support/p1") == []


def test_a_retired_support_counts_like_one_that_is_gone() -> None:
    assert (
        "2 sensors lose their mounting"
        in sentences_of(town_with("supports/13047/p1", ("status: in_service", "status: removed")), "support/p1")[0]
    )
    assert (
        sentences_of(town_with("supports/13047/p1", ("status: in_service", "status: out_of_service")), "support/p1")
        == []
    )


def test_a_network_takes_all_its_equipment_along() -> None:
    (found,) = sentences_of(without("networks/lora"), "network/lora")

    assert found.startswith("routine: 3 sensors lose their network (s1, s2, s3), 2 flows stop (counts, levels)")


def test_devices_of_several_types_are_devices() -> None:
    mixed = {**TOWN, "equipment/s2": TOWN["equipment/s2"].replace("type: sensor", "type: camera")}
    after = {name: text for name, text in mixed.items() if name != "supports/13047/p1"}

    assert "2 devices lose their mounting (s1, s2)" in sentences_of(after, "support/p1", before=mixed)[0]


def test_equipment_and_flows_that_go() -> None:
    assert sentences_of(without("equipment/s3"), "equipment/s3") == [
        "routine: 1 flow loses a source (counts), convention c1 affected"
    ]
    assert sentences_of(without("flows/counts"), "flow/counts") == [
        "routine: 1 consumer no longer receives them (istres), convention c1 affected"
    ]


def test_a_party_that_leaves_is_reported_with_all_that_names_it() -> None:
    assert sentences_of(without("parties/istres"), "party/istres") == [
        "routine: Support: 2 still name it (p1, p2), Data flow: 2 still name it (counts, levels), "
        "convention c1 affected"
    ]


@pytest.mark.parametrize(
    "after",
    [
        without("conventions/c1"),
        town_with("conventions/c1", ("status: signed", "status: terminated\nterminated_on: '2025-12-01'")),
        town_with("conventions/c1", ("status: signed", "status: signed\neffective_until: '2025-12-31'")),
        town_with("conventions/c1", ("parties: [amp, istres]", "parties: [amp]")),
    ],
)
def test_a_convention_that_ends_leaves_without_cover_what_it_covered(after: Texts) -> None:
    (found, *_) = sentences_of(after, "convention/c1")

    assert found.startswith("loses cover: ")
    assert "3 sensors without a convention in force for installation (s1, s2, s3)" in found
    assert "2 flows without a convention in force for data (counts, levels)" in found


def test_a_convention_that_loses_a_family_or_a_support_loses_only_their_cover() -> None:
    assert sentences_of(town_with("conventions/c1", ("[installation, data]", "[data]")), "convention/c1") == [
        "loses cover: 3 sensors without a convention in force for installation (s1, s2, s3)"
    ]
    narrowed = town_with("conventions/c1", ("status: signed", "status: signed\nscope: {supports: [p1]}"))
    assert sentences_of(narrowed, "convention/c1", "fr") == [
        "perd sa couverture: 1 capteur sans convention en vigueur pour la famille « installation » (s3)"
    ]


def test_a_convention_is_not_blamed_for_a_recipient_that_came_without_one() -> None:
    """Between two dates the convention was prolonged, and levels got a recipient whom it does not bind."""
    after = {
        **town_with("conventions/c1", ("signed_on:", "effective_until: '2030-12-31'\nsigned_on:")),
        "flows/levels": TOWN["flows/levels"].replace("[istres]", "[istres, bureau]"),
    }
    assert [text for text in sentences_of(after, "convention/c1") if "cover" in text] == []
    assert sentences_of(after, "flow/levels")[0] == (
        "loses cover: 1 flow without a convention in force for data (levels)"
    )


def test_a_second_convention_that_covers_the_same_keeps_the_cover() -> None:
    both = {**TOWN, "conventions/c2": TOWN["conventions/c1"]}
    after = {name: text for name, text in both.items() if name != "conventions/c1"}

    assert sentences_of(after, "convention/c1", before=both) == []


def test_a_support_of_another_owner_may_lose_the_cover_of_what_it_bears() -> None:
    after = town_with("supports/13047/p1", ("owner: istres", "owner: martigues"))

    assert sentences_of(after, "support/p1") == [
        "loses cover: 2 sensors without a convention in force for installation (s1, s2)"
    ]
    assert sentences_of(town_with("supports/13047/p1", ("owner: istres", "owner: amp")), "support/p1") == []


def test_an_amended_title_is_routine() -> None:
    found = impact(TOWN, town_with("conventions/c1", ("title: C", "title: D")), RecordId("convention", "c1"))

    assert (found.grades, found.effects) == (("routine",), ())


@pytest.mark.parametrize(
    ("swap", "expected"),
    [
        (("involved: false", "involved: true"), ["carries personal data from now on"]),
        (("title: T", "title: U"), []),
    ],
)
def test_personal_data_that_come(swap: tuple[str, str], expected: list[str]) -> None:
    assert sentences_of(town_with("flows/levels", swap), "flow/levels") == [
        f"personal data: {text}" for text in expected
    ]


@pytest.mark.parametrize(
    ("swap", "expected"),
    [
        (("consumers: [istres]", "consumers: [istres, atmo]"), ["other terms: consumers"]),
        (("title: T", "title: U"), []),
        (("involved: true", "involved: false"), ["said to carry no personal data any more"]),
        (("status: active", "status: ended\nended_on: '2025-01-01'"), ["a flow of personal data ends"]),
    ],
)
def test_personal_data_that_are_there(swap: tuple[str, str], expected: list[str]) -> None:
    before = town_with("flows/levels", ("involved: false", "involved: true"))
    after = {**before, "flows/levels": before["flows/levels"].replace(*swap)}

    found = [text for text in sentences_of(after, "flow/levels", before=before) if text.startswith("personal")]

    assert found == [f"personal data: {text}" for text in expected]


def test_what_a_device_can_capture_is_personal() -> None:
    after = town_with("equipment/s1", ("type: sensor", "type: camera\ncaptures: [image, plates]"))

    assert sentences_of(after, "equipment/s1") == ["personal data: can capture people: image, plates"]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (
            {**without("equipment/s1"), "equipment/s4": f"{SENSOR}support: p2\n"},
            ["c1: devices hosted by istres: 3 → 3"],
        ),
        (without("equipment/s1"), ["c1: devices hosted by istres: 3 → 2"]),
        (without("supports/13047/p1"), ["c1: devices hosted by istres: 3 → 1"]),
        (without("conventions/c1", "equipment/s1"), ["c1: devices hosted by istres: 3 → 0"]),
        (town_with("supports/13047/p1", ("owner: istres", "owner: amp")), ["c1: devices hosted by istres: 3 → 1"]),
        (
            town_with(
                "supports/13047/p1",
                ("owner: istres", "owner: amp\nprevious_owners: [{owner: istres, until: '2026-02-28'}]"),
            ),
            ["c1: devices hosted by istres: 3 → 3"],
        ),
        (
            {
                **town_with("supports/13047/p1", ("owner: istres", "owner: amp")),
                "equipment/s1": TOWN["equipment/s1"].replace("owner: amp", "owner: istres"),
            },
            ["c1: devices hosted by amp: 0 → 1", "c1: devices hosted by istres: 3 → 1"],
        ),
        (town_with("flows/levels", ("title: T", "title: U")), []),
        ({**TOWN, "equipment/s1": f"{TOWN['equipment/s1']}notes: seen\n"}, []),
        (town_with("equipment/s1", ("status: active", "status: removed")), ["c1: devices hosted by istres: 3 → 2"]),
        (
            {**TOWN, "equipment/s1": f"{TOWN['equipment/s1']}previous_owners: [{{owner: amp, until: '2025-01-01'}}]\n"},
            ["c1: devices hosted by istres: 3 → 3"],
        ),
    ],
)
def test_how_many_devices_a_host_has_under_a_convention(after: Texts, expected: list[str]) -> None:
    sides = of(TOWN), of(after)

    found = [format_hosting(hosting, "en", str) for hosting in hostings(sides, diff(*sides), ON)]

    assert found == [f"Convention {text}" for text in expected]


def test_data_of_any_shape_is_borne() -> None:
    junk = "".join(
        f"{name}: {{a: [null, 7]}}\n" for name in ("support", "consumers", "equipment", "parties", "captures")
    )
    broken = {name: f"{text}{junk}" if "." in name else junk for name, text in TOWN.items() if "." not in name}
    for before, after in ((TOWN, broken), (broken, TOWN)):
        sides = of(before), of(after)
        changes = diff(*sides)
        assert len(impacts(*sides, changes, ON)) == len(TOWN) - 1
        assert isinstance(hostings(sides, changes, ON), tuple)


@pytest.fixture
def town(git_repo: Path, git: Git) -> Path:
    for path, text in files(TOWN).items():
        (git_repo / path).parent.mkdir(parents=True, exist_ok=True)
        (git_repo / path).write_text(text, "utf-8")
    git("add", "-A")
    git("commit", "-qm", "town")
    return git_repo


def run(town: Path, *words: str) -> Done:
    return start("diff", *words, cwd=town, SMARTREG_LANG="en")


def edit(town: Path, name: str, old: str, new: str) -> None:
    file = town / f"registry/{name}.yaml"
    assert old in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")


def test_a_removed_support_breaks_rules_laid_to_it(town: Path) -> None:
    (town / "registry/supports/13047/p1.yaml").unlink()

    done = run(town)

    assert "breaks a rule: CHG802, REF201 ×2" in done.stdout
    assert "Convention c1: devices hosted by istres: 3 → 1." in done.stdout
    found = json.loads(run(town, "--json").stdout)
    assert [(change["grade"], change["broken"]) for change in found["changes"]] == [
        ("breaks", ["REF201", "REF201", "CHG802"])
    ]


def test_the_exit_code_by_grade(town: Path) -> None:
    assert [run(town, *words).returncode for words in (["--exit-code"], ["--fail-on", "any", "--stat"])] == [0, 0]

    edit(town, "parties/istres", "name: Istres", "name: Ville d'Istres")
    assert [run(town, *words).returncode for words in ([], ["--exit-code"], ["--fail-on", "any", "--stat"])] == [
        0,
        1,
        1,
    ]
    assert run(town, "--fail-on", "personal", "--stat").returncode == 0

    edit(town, "equipment/s3", "support: p2", "support: p9")
    assert run(town, "--fail-on", "personal").returncode == 1
    assert run(town, "--fail-on", "breaks", "--stat").returncode == 1


def test_a_grade_fails_on_what_is_as_grave_or_graver() -> None:
    graded = {
        grade: Comparison(SIDE, SIDE, (), {RecordId("flow", "f"): Impact(effects=(Effect(grade, verbatim("x")),))})
        for grade in GRADES[1:]
    }

    assert [fails(graded["cover"], limit) for limit in get_args(LeastGrade)] == [False, True, True, True]
    assert [fails(graded["personal"], limit) for limit in get_args(LeastGrade)] == [False, False, True, True]
    assert [fails(graded["routine"], limit) for limit in get_args(LeastGrade)] == [False, False, False, True]


def test_what_a_change_fixes_is_reported(town: Path, git: Git) -> None:
    edit(town, "equipment/s3", "support: p2", "support: p9")
    git("commit", "-qam", "wrong")
    edit(town, "equipment/s3", "support: p9", "support: p2")

    done = run(town)

    assert "No rule newly broken." in done.stdout
    assert "Fixed: REF201" in done.stdout


def test_only_some_fields(town: Path) -> None:
    edit(town, "supports/13047/p1", "lon: 4.98,", "lon: 4.981,")
    edit(town, "supports/13047/p1", "type: mast", "type: mast\nheight_m: 7")
    edit(town, "parties/istres", "name: Istres", "name: Ville d'Istres")

    done = run(town, "--fields", "location,status", "-f", "markdown")

    assert "openstreetmap.org/?mlat=43.500000&mlon=4.981000" in done.stdout
    assert not any(word in done.stdout for word in ("height_m", "party/istres"))
    assert run(town, "--fields", "locatoin").returncode == 2


def test_a_grade_that_there_is_none_of(town: Path) -> None:
    done = run(town, "--fail-on", "covers")

    assert (done.returncode, "breaks, cover, personal, any" in done.stderr) == (2, True)


def test_a_recorded_correction_is_a_warning_where_a_change_by_hand_is_an_error(town: Path, git: Git) -> None:
    edit(town, "equipment/s1", "owner: amp", "serial_number: SN-1\nowner: amp")
    git("commit", "-qam", "number")
    words = ("set", "equipment/s1", "serial_number=SN-2", "--correct", "-m", "the label says otherwise", "-y")
    assert start(*words, cwd=town).returncode == 0
    edit(town, "equipment/s2", "owner: amp", "serial_number: SN-7\nowner: amp")
    git("commit", "-qam", "another")
    edit(town, "equipment/s2", "SN-7", "SN-8")

    found = json.loads(run(town, "HEAD~2", "--json").stdout)["introduced"]
    by_hand = json.loads(run(town, "--json").stdout)["introduced"]

    assert [(item["code"], item["severity"]) for item in found if item["code"] == "CHG804"] == [("CHG804", "warning")]
    assert [(item["code"], item["severity"]) for item in by_hand] == [("CHG804", "error")]
