"""Who binds whom (docs/gate.md): each row of the table tried by one party alone, together, and by a merge of a
stranger. Real keys, real Git."""

from __future__ import annotations

import hashlib
import shutil
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from signing import Key, Person, new_key
from town import ISTRES, POLE, SETTINGS, Town, lay_town, party, support

from smartreg.commands.since import Trust, validate_since
from smartreg.commands.validate import ValidateOptions
from smartreg.workspace.workspace import open_workspace

CONVENTION, DELIBERATION = "registry/conventions/c.yaml", "registry/deliberations/d.yaml"
CHARTER, ORDER, AMP = "registry/annexes/charte.txt", "registry/parties/annexes/order.txt", "registry/parties/amp.yaml"
SENSOR, FLOW, EVIL = "registry/equipment/s.yaml", "registry/flows/f.yaml", "registry/parties/evil.yaml"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def convention(more: str = "", status: str = "signed", title: str = "C", sha256: str = "") -> str:
    signed = "signed_on: '2024-01-01'\n" if status == "signed" else ""
    recorded = f", sha256: {sha256}" if sha256 else ""
    return (
        f"id: c\ntitle: {title}\nstatus: {status}\n{signed}parties: [istres, amp]\nfamilies: [installation]\n"
        f"deliberations: [d]\nannexes:\n- {{kind: supports, path: annexes/charte.txt{recorded}}}\n{more}"
    )


def deliberation(subject: str, more: str = "") -> str:
    return f"id: d\nnumber: '1'\nbody: istres\ndate: '2023-01-01'\nsubject: {subject}\n{more}"


def sensor(owner: str, more: str = "") -> str:
    return f"id: s\ntype: sensor\nowner: {owner}\nstatus: planned\n{more}"


def flow(access: str) -> str:
    return f"id: f\ntitle: F\nproducer: istres\nequipment: [s]\naccess: {access}\nstatus: planned\n"


def succession(text: str, heir: str, document: str) -> str:
    at = f", document: annexes/order.txt, sha256: {digest(document)}" if document else ""
    return f"{text}ended_on: '2026-06-30'\nsuccessors: [{{party: {heir}{at}}}]\n"


class Row(NamedTuple):
    """What changes, who alone does it, and who has to agree as well."""

    files: dict[str, str | None]
    by: str
    asked: frozenset[str]


def rows(keys: dict[str, Key]) -> dict[str, Row]:
    both = {"istres", "amp"}
    told = convention(f"- {{kind: data_charter, path: annexes/own.txt, sha256: {digest('own')}}}\n")
    changes: dict[str, tuple[dict[str, str | None], str, set[str]]] = {
        "a term": ({CONVENTION: convention("removal_days: 5\n")}, "istres", both),
        "another act": (
            {CONVENTION: convention("amendments: [{number: '1', signed_on: '2025-01-01'}]\n")},
            "amp",
            both,
        ),
        "its end": ({CONVENTION: convention("terminated_on: '2025-01-01'\n")}, "istres", both),
        "no convention": ({CONVENTION: None}, "istres", both),
        "an annex": ({CONVENTION: convention().partition("annexes")[0]}, "istres", both),
        "the bytes of an annex": ({CHARTER: "other"}, "istres", both),
        "bytes and digest": ({CHARTER: "other", CONVENTION: convention(sha256=digest("other"))}, "istres", both),
        "an amendment annexed": (
            {CONVENTION: convention(f"- {{kind: amendment, path: annexes/own.txt, sha256: {digest('own')}}}\n")},
            "istres",
            both,
        ),
        "a deliberation that it rests on": ({DELIBERATION: deliberation("Other")}, "istres", both),
        "an owner": ({POLE: support("pole", "amp")}, "istres", both),
        "an owner and the status": ({POLE: support("pole", "amp", "removed")}, "amp", both),
        "an owner and the folder": (
            {POLE: None, POLE.replace("13047", "13056"): support("pole", "amp")},
            "amp",
            both,
        ),
        "an earlier owner": (
            {POLE: support("pole", "istres", more="previous_owners: [{owner: amp, until: '2020-01-01'}]\n")},
            "istres",
            {"amp"},
        ),
        "writers": ({ISTRES: party("istres", keys=(keys["amp"].fingerprint,))}, "amp", {"istres"}),
        "an end by law": ({ISTRES: succession(rows_party("istres", keys), "amp", "order")}, "istres", both),
        "an end without an act": ({ISTRES: succession(rows_party("istres", keys), "amp", "")}, "istres", both),
        "another's data made public": ({FLOW: flow("public")}, "istres", {"amp"}),
        "a new flow with another's data": ({FLOW: None}, "istres", set()),
        # told, and agreed by nobody
        "a title": ({CONVENTION: convention(title="D")}, "istres", set()),
        "a further annex": ({CONVENTION: told}, "istres", set()),
        "a digest": ({CONVENTION: convention(sha256=digest("signed"))}, "istres", set()),
        "a field of a deliberation": ({DELIBERATION: deliberation("D", "matter: {code: '8.4'}\n")}, "istres", set()),
        "a manager": ({POLE: support("pole", "istres", more="manager: amp\n")}, "istres", set()),
    }
    return {name: Row(files, by, frozenset(asked)) for name, (files, by, asked) in changes.items()}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Key]:
    folder = tmp_path_factory.mktemp("keys")
    return {name: new_key(folder, name) for name in ("amp", "istres", "stranger")}


@pytest.fixture(scope="module")
def base(empty_repository: Path, keys: dict[str, Key], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = Path(shutil.copytree(empty_repository, tmp_path_factory.mktemp("town") / "repo"))
    lay_town(root, keys)
    town = Town(root, keys)
    files = {
        CONVENTION: convention(),
        DELIBERATION: deliberation("D"),
        CHARTER: "signed",
        "registry/annexes/own.txt": "own",
        ORDER: "order",
        SENSOR: sensor("amp"),
        FLOW: flow("restricted"),
        EVIL: party("evil"),
        ISTRES: rows_party("istres", keys),
        AMP: rows_party("amp", keys).replace("commune", "metropole"),
        SETTINGS: 'name = "Istres"\nmetropole = "amp"\n',
    }
    town.put("main", town.commit(town.amp, ("main",), files))
    return root


def rows_party(name: str, keys: dict[str, Key]) -> str:
    return party(name, keys=(keys[name].fingerprint,), domains=(f"{name}.example.org",)).replace("private", "commune")


@pytest.fixture
def town(registry: Path, keys: dict[str, Key]) -> Town:
    return Town(registry, keys)


def judge(town: Town, *codes: str) -> list[tuple[str, str]]:
    asked = ValidateOptions(date(2026, 1, 15), select=codes)
    found = validate_since(open_workspace(town.root), "main", asked, Trust(authors=True)).findings
    return [(each.code, each.message.in_("en")) for each in found]


NAMES = list(rows({name: Key(Path(), name) for name in ("amp", "istres")}))


@pytest.mark.promise("R17")
@pytest.mark.parametrize("name", NAMES)
def test_alone_together_and_by_merge(town: Town, keys: dict[str, Key], name: str) -> None:
    row = rows(keys)[name]
    people = {"istres": town.istres, "amp": town.amp}
    made = town.commit(people[row.by], ("main",), row.files)
    town.put("pr", made)
    missing = [message for code, message in judge(town, "CHG814")]
    others = row.asked - {row.by}
    assert bool(missing) == bool(others), missing
    assert all(who in missing[0].partition(" not agreed")[0] for who in others)

    record = missing[0].partition(" agreed to ")[2].partition(":")[0] if missing else ""
    for who in sorted(row.asked):  # each says so, and then nobody is missing
        people[who].commits(town.root, {}, "We agree", "--trailer", f"Smartreg-Record: {record}")
    assert judge(town, "CHG814") == []

    stranger = Person("someone@elsewhere.example.org")
    side = town.commit(stranger, ("main",), {"README.md": "mine"})
    town.put("pr", town.commit(stranger, ("main", side), {**row.files, "README.md": "mine"}))
    found = {code for code, _ in judge(town, "CHG812", "CHG814")}
    assert "CHG812" in found


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a title", "D, which concerns amp, istres: Title C → D"),
        ("a further annex", "C, which concerns amp, istres: Annexes + "),
        ("a manager", "street_light, which concerns amp: Manager – → amp"),
    ],
)
def test_who_is_only_concerned_is_told(town: Town, keys: dict[str, Key], name: str, told: str) -> None:
    town.put("pr", town.commit(town.istres, ("main",), rows(keys)[name].files))
    (message,) = [message for code, message in judge(town, "CHG821")]
    assert message.startswith(told)


def test_a_succession_to_a_private_body_needs_the_other_parties_of_its_conventions(
    town: Town, keys: dict[str, Key]
) -> None:
    """Also with an act: a company does not take the place of a commune by law (REF226)."""
    evil = succession(rows_party("istres", keys), "evil", "order")
    town.put("pr", town.commit(town.istres, ("main",), {ISTRES: evil}))
    (missing,) = [message for _, message in judge(town, "CHG814")]
    assert "amp" in missing
    assert [code for code, _ in judge(town, "REF226")] == ["REF226"]
    town.amp.commits(town.root, {}, "We agree", "--trailer", "Smartreg-Record: party/istres")
    assert judge(town, "CHG814") == []


def test_a_new_public_flow_needs_the_owner_of_the_device_and_lets_nobody_else_in(town: Town) -> None:
    path, text = FLOW.replace("f.", "g."), flow("public").replace("id: f", "id: g")
    town.put("pr", town.commit(town.istres, ("main",), {path: text}))
    assert [code for code, _ in judge(town, "CHG812", "CHG814")] == ["CHG814"]
    town.amp.commits(town.root, {}, "We agree", "--trailer", "Smartreg-Record: flow/g")
    assert judge(town, "CHG812", "CHG814") == []
    town.put("pr", town.commit(town.amp, ("main",), {path: text}))
    assert [code for code, _ in judge(town, "CHG812", "CHG814")] == ["CHG812"]  # it is the record of its producer
