"""What two have signed, both must agree to: attacks on it and their honest counterparts. Real keys, real Git.

A registry on `main` and the people who commit to a branch `pr` are made once for the module; every test copies them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from program import start
from signing import Key, Person, new_key

from smartreg.commands.agree import Agreed, AgreeOptions, agree
from smartreg.commands.diff import diff
from smartreg.commands.history import log
from smartreg.commands.since import Trust, validate_since
from smartreg.commands.validate import ValidateOptions
from smartreg.core.errors import Refused, StateFault
from smartreg.core.findings import Finding
from smartreg.domain.days import months_later
from smartreg.features.proofs.audit import AuditOptions, audit
from smartreg.history.entries import LogOptions
from smartreg.wording import changes_markdown
from smartreg.workspace.workspace import open_workspace

pytestmark = pytest.mark.promise("R17")

ON = date(2026, 1, 15)
CODES = ("CHG812", "CHG813", "CHG814", "CHG815", "CHG816", "CHG822", "CHG827")
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
DEAL, OPEN, DRAFT, FAR, JOINED = (
    f"registry/conventions/{name}.yaml" for name in ("deal", "open", "draft", "far", "joined")
)
POLE, LAMP = "registry/supports/13047/pole.yaml", "registry/supports/13056/lamp.yaml"
AMP, ISTRES, MARTIGUES = (f"registry/parties/{name}.yaml" for name in ("amp", "istres", "martigues"))
DECISION = "registry/deliberations/martigues-41.yaml"


THREE, BOUND = "registry/conventions/three.yaml", "registry/conventions/bound.yaml"
LONGER = {"effective_until": '"2035-12-31"'}
ACT = '[{number: "1", signed_on: "2026-01-05", sets: {effective_until: "2035-12-31"}}]'
AMENDMENT = f"[{{kind: data, path: 'https://example.org/a.pdf', sha256: {SHA}}}, {{kind: amendment, title: Avenant}}]"
BINDING = {
    "the term": LONGER,
    "the parties": {"parties": "[amp, istres, nobody]"},
    "the families": {"families": "[installation, data]"},
    "the days to remove": {"removal_days": "3650"},
    "a notice": {"notice_days": "1"},
    "the scope": {"scope": "{supports: [pole]}"},
    "third parties": {"third_parties": "[{party: nobody}]"},
    "the consideration": {"consideration": "fee"},
    "reciprocity": {"reciprocal": "false"},
    "an act": {"amendments": ACT},
    "an annex of kind amendment by hand": {"annexes": AMENDMENT},
    "the signed paper": {"annexes": f"[{{kind: data, path: 'https://example.org/a.pdf', sha256: {SHA[::-1]}}}]"},
    "its end": {"status": "terminated", "terminated_on": '"2026-02-01"', "deliberations": "[amp-1, martigues-1]"},
    "a way out for one side": {"termination": "{unilateral: true}"},
    "back to a draft": {"status": "adopted"},
    "a field of the registry's own": {"budget": "1000000"},
}
CLAUSES = {
    "termination": "{unilateral: true, notice: P6M}",
    "renewal": "{tacit: true, period: P1Y, notice: P3M}",
    "notice_days": "30",
}
ALIKE = 11  # conventions of three, each for an exit that one of them cannot declare alone; of two, likewise
UNCOUNTED = ("forged", "unlisted", "unnamed", "namesake", "noted", "written", "merged", "early")


def party(id: str, *keys: str, domain: str = "", more: str = "") -> str:
    listed = f"  keys: [{', '.join(keys)}]\n" if keys else ""
    listed += f"  domains: [{domain}]\n" if domain else ""
    return f"id: {id}\nname: {id}\ncategory: commune\n" + (f"writers:\n{listed}" if listed else "") + more


def support(id: str, owner: str, more: str = "") -> str:
    return f'id: {id}\ntype: street_light\nowner: {owner}\nstatus: in_service\ninsee_code: "13047"\n{more}'


def deliberation(id: str, body: str, *, digest: bool = True) -> str:
    document = f"document:\n  path: https://example.org/{id}.pdf\n  sha256: {SHA}\n" if digest else ""
    return f'id: {id}\nnumber: "{id.upper()}"\nbody: {body}\ndate: "2025-11-20"\nsubject: s\n{document}'


def convention(id: str = "deal", partner: str = "istres", **fields: str) -> str:
    said = {
        "id": id,
        "title": "T",
        "parties": f"[amp, {partner}]",
        "families": "[installation]",
        "status": "signed",
        "deliberations": "[amp-1]",
        "signed_on": '"2023-12-01"',
        "effective_until": '"2027-12-31"',
        "removal_days": "90",
        "annexes": f"[{{kind: data, path: 'https://example.org/a.pdf', sha256: {SHA}}}]",
        **fields,
    }
    return "".join(f"{name}: {value}\n" for name, value in said.items() if value)


def joined_convention(**fields: str) -> str:
    """A convention that Martigues signed, and in whose place Istres came."""
    act = '{number: "1", signed_on: "2025-01-05", adds: {parties: [istres]}, removes: {parties: [martigues]}}'
    return convention("joined", "martigues", amendments=f"[{act}]", **fields)


def place(id: str) -> str:
    return f"registry/conventions/{id}.yaml"


def naming(id: str) -> tuple[str, str]:
    """The trailer that names a convention."""
    return "--trailer", f"Smartreg-Record: convention/{id}"


class Town:
    """A clone with the branch `pr` checked out, from a bare repository that has `main`; and who commits there."""

    def __init__(self, root: Path, keys: Mapping[str, Key]) -> None:
        self.root, self.keys = root, keys
        self.amp, self.istres, self.stranger = (
            Person(f"agent@{name}.example.org", keys[name]) for name in ("amp", "istres", "stranger")
        )
        self.forger = Person("agent@istres.example.org")
        self.martigues = Person("agent@martigues.example.org")

    @property
    def istres_key(self) -> str:
        return self.keys["istres"].fingerprint

    def git(self, *words: str) -> str:
        return self.amp.git(self.root, *words)

    def findings(self, *codes: str, since: str = "origin/main") -> list[Finding]:
        asked = ValidateOptions(ON, select=codes or CODES)
        return list(validate_since(open_workspace(self.root), since, asked, Trust(authors=True)).findings)

    def codes(self, since: str = "origin/main") -> list[tuple[str, str]]:
        return [(found.code, found.where.file) for found in self.findings(since=since)]

    def agrees(self, who: Person, *records: str, deliberation: str | None = None) -> Agreed:
        """`smartreg agree` as this person, by the settings of the clone."""
        who.use(self.root)
        return agree(open_workspace(self.root), records, AgreeOptions(ON, deliberation=deliberation))

    def blocking_finding(self, file: str, missing: str, by: str = "") -> Finding:
        """The one CHG814 there is: at this file, with the parties that have to sign and the command that does it."""
        (finding,) = self.blocking_findings({file: missing}, by)
        return finding

    def blocking_findings(self, missing: Mapping[str, str], by: str = "") -> list[Finding]:
        """All CHG814: one at each of these files, with the parties that have to sign there."""
        findings = [finding for finding in self.findings() if finding.code == "CHG814"]
        assert sorted(finding.where.file for finding in findings) == sorted(missing)
        for finding in findings:
            assert finding.severity == "error"
            assert f"{missing[finding.where.file]} ha" in finding.message.in_("en"), finding.where.file
            assert f"smartreg agree {by}" in (finding.hint.in_("en") if finding.hint else "")
        return findings


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Key]]:
    folder = tmp_path_factory.mktemp("town")
    keys = {name: new_key(folder, name) for name in ("amp", "istres", "stranger", "new")}
    amp, root = Person("agent@amp.example.org", keys["amp"]), folder / "main"
    amp.git(folder, "init", "-q", "--initial-branch=main", str(root))
    amp.commits(
        root,
        {
            "smartreg.toml": 'name = "Istres"\nmetropole = "amp"\n',
            AMP: party("amp", keys["amp"].fingerprint),
            ISTRES: party("istres", keys["istres"].fingerprint, domain="istres.example.org"),
            MARTIGUES: party("martigues", domain="martigues.example.org"),
            "registry/parties/nobody.yaml": party("nobody"),
            "registry/deliberations/amp-1.yaml": deliberation("amp-1", "amp"),
            "registry/deliberations/martigues-1.yaml": deliberation("martigues-1", "martigues"),
            DEAL: convention(),
            OPEN: convention("open", **CLAUSES),
            **{place(id): convention(id, **CLAUSES) for id in (f"o-{number}" for number in range(ALIKE))},
            THREE: convention("three", parties="[amp, istres, martigues]", **CLAUSES),
            **{
                place(id): convention(id, parties="[amp, istres, martigues]", **CLAUSES)
                for id in (f"t-{number}" for number in range(ALIKE))
            },
            BOUND: convention("bound", parties="[amp, istres, martigues]"),
            DRAFT: convention("draft", status="adopted", signed_on=""),
            JOINED: joined_convention(),
            FAR: convention("far", "martigues", deliberations="[amp-1, martigues-1]"),
            **{place(id): convention(id) for id in (*(f"b-{number}" for number in range(len(BINDING))), *UNCOUNTED)},
            POLE: support("pole", "istres"),
            LAMP: support("lamp", "martigues"),
        },
    )
    amp.git(folder, "clone", "-q", "--bare", str(root), "bare.git")
    amp.git(folder, "clone", "-q", "bare.git", "clone")
    for name, value in {"user.name": "A writer", "gc.auto": "0", "maintenance.auto": "false"}.items():
        amp.git(folder / "clone", "config", name, value)
    amp.git(folder / "clone", "checkout", "-qb", "pr")
    return folder / "clone", keys


@pytest.fixture
def town(built: tuple[Path, dict[str, Key]], tmp_path: Path) -> Town:
    shutil.copytree(built[0], tmp_path / "clone", symlinks=True)
    return Town(tmp_path / "clone", built[1])


def test_one_signatory_alone_changes_nothing_that_binds(town: Town) -> None:
    """Each in a convention of its own, by a commit that passes for a correction."""
    changed = {
        place(f"b-{number}"): convention(f"b-{number}", **fields) for number, fields in enumerate(BINDING.values())
    }
    town.istres.commits(town.root, changed, "c", "--trailer", "Smartreg-Op: correct")
    found = {one.where.file: one for one in town.findings() if one.code == "CHG814"}
    for number, (name, fields) in enumerate(BINDING.items()):
        one = found.pop(place(f"b-{number}"))
        others = "amp, nobody have" if "nobody" in fields.get("parties", "") else "amp has"
        assert f"{others} not agreed to convention/b-{number}: " in one.message.in_("en"), name
        assert f"smartreg agree convention/b-{number}" in (one.hint.in_("en") if one.hint else ""), name
    assert not found


def test_what_binds_nobody_needs_one_signature(town: Town) -> None:
    plain = f"[{{kind: data, path: 'https://example.org/a.pdf', sha256: {SHA}}}, {{kind: supports, title: Liste}}]"
    free = {"title": "Other", "notes": "n", "annexes": plain, "parties": "[istres, amp]"}
    town.istres.commits(town.root, {DEAL: convention(**free), DRAFT: convention("draft", status="adopted", **LONGER)})
    assert town.codes() == []
    assert all("which concerns amp, istres" in one.message.in_("en") for one in town.findings("CHG821"))


def test_a_convention_belongs_to_those_who_are_party_to_it_by_its_acts(town: Town) -> None:
    town.istres.commits(town.root, {JOINED: joined_convention(notes="n")})
    assert town.codes() == []
    town.martigues.commits(town.root, {JOINED: joined_convention(notes="m")})
    assert town.codes() == [("CHG812", JOINED)]


def test_a_convention_is_signed_by_all(town: Town) -> None:
    town.istres.commits(town.root, {"registry/conventions/new.yaml": convention("new"), DRAFT: convention("draft")})
    found = [one for one in town.findings() if one.code == "CHG814"]
    assert [one.where.file for one in found] == [DRAFT, "registry/conventions/new.yaml"]
    assert found[0].message.in_("en") == "amp has not agreed to convention/draft: a convention is signed"
    assert {one.message.in_("en") for one in town.findings("CHG821")} == {
        "T, which binds amp, istres: a convention is signed"
    }
    agreed = town.agrees(town.amp, "draft", "convention/new")
    assert [party.id for party in agreed.parties] == ["amp"]
    assert town.codes() == []


def test_a_deleted_convention_binds_nobody_any_more(town: Town) -> None:
    town.istres.commits(town.root, {DEAL: None})
    assert "what bound them is gone" in town.blocking_finding(DEAL, "amp", "convention/deal").message.in_("en")
    town.agrees(town.amp, "convention/deal")
    assert town.codes() == []


def test_the_honest_way_on_the_same_branch(town: Town) -> None:
    town.istres.commits(town.root, {DEAL: convention(amendments=ACT)})
    town.blocking_finding(DEAL, "amp", "convention/deal")
    agreed = town.agrees(town.amp, "convention/deal")
    message = town.git("log", "-1", "--format=%B")
    assert "Smartreg-Op: agree\nSmartreg-Record: convention/deal" in message
    assert "convention/deal: amendments + " in message
    assert (town.git("rev-parse", "HEAD"), agreed.commit) == (agreed.commit, town.git("log", "-1", "--format=%H"))
    assert town.codes() == []


def test_the_honest_way_on_a_branch_of_ones_own(town: Town) -> None:
    town.istres.commits(town.root, {DEAL: convention(**LONGER)})
    town.git("checkout", "-qb", "ours")
    town.agrees(town.amp, "convention/deal")
    town.git("checkout", "-q", "pr")
    town.istres.commits(town.root, {POLE: support("pole", "istres", "notes: n\n")})
    town.blocking_finding(DEAL, "amp", "convention/deal")
    town.istres.git(town.root, "merge", "-q", "--no-ff", "-m", "merge", "ours")
    assert town.codes() == []


def test_another_text_behind_a_deliberation_is_shown(town: Town) -> None:
    file = "registry/deliberations/martigues-1.yaml"
    town.amp.commits(town.root, {file: deliberation("martigues-1", "martigues").replace(SHA, SHA[::-1])})
    bound, found = sorted(town.findings("CHG821"), key=lambda one: one.message.in_("en").startswith("the text"))
    assert {found.where.file, bound.where.file} == {file}
    assert "which binds" in bound.message.in_("en")
    assert found.message.in_("en").startswith("the text of deliberation/martigues-1 is another: document.sha256 ")


def test_what_is_no_agreement(town: Town) -> None:
    """Each to a convention of its own that the Métropole changes; of none has Istres agreed."""
    town.istres.commits(town.root, {}, "Before", *naming("early"))
    town.amp.commits(town.root, {place(name): convention(name, **LONGER) for name in UNCOUNTED})
    town.forger.commits(town.root, {}, "Unsigned, under the address of the other", *naming("forged"))
    Person(town.istres.email, town.keys["stranger"]).commits(town.root, {}, "By a key of nobody", *naming("unlisted"))
    town.istres.commits(town.root, {}, "We agree to convention/unnamed")
    town.istres.commits(town.root, {}, "Another kind", "--trailer", "Smartreg-Record: support/namesake")
    town.istres.commits(town.root, {place("noted"): convention("noted", notes="n", **LONGER)}, "Note", *naming("noted"))
    town.istres.commits(town.root, {}, "Set", "--trailer", "Smartreg-Op: set", *naming("written"))
    town.git("checkout", "-qb", "side", "origin/main")
    town.istres.commits(town.root, {POLE: support("pole", "istres", "notes: n\n")})
    town.git("checkout", "-q", "pr")
    quoted = ("-m", "Merge", "-m", "Smartreg-Record: convention/merged")
    town.istres.git(town.root, "merge", "-q", "--no-ff", *quoted, "side")
    found = {one.where.file: one.message.in_("en") for one in town.findings() if one.code == "CHG814"}
    assert sorted(found) == sorted(map(place, UNCOUNTED))
    assert all("istres has not agreed to " in message for message in found.values())


def test_nothing_is_changed_after_somebody_agreed(town: Town) -> None:
    town.amp.commits(town.root, {DEAL: convention(**LONGER)})
    town.agrees(town.istres, "convention/deal")
    town.amp.commits(town.root, {DEAL: convention(removal_days="1", **LONGER)})
    town.blocking_finding(DEAL, "istres", "convention/deal")
    town.amp.commits(town.root, {DEAL: convention(notes="n", **LONGER)})
    assert town.codes() == []


def test_two_branches_that_each_change_something_need_both_to_agree_to_the_sum(town: Town) -> None:
    town.git("branch", "other")
    town.amp.commits(town.root, {DEAL: convention(**LONGER)})
    town.git("checkout", "-q", "other")
    town.istres.commits(town.root, {DEAL: convention(families="[data]")})
    town.amp.git(town.root, "checkout", "-q", "pr")
    town.amp.git(town.root, "merge", "-q", "-m", "merge", "other")
    town.blocking_finding(DEAL, "amp, istres", "convention/deal")


def test_an_agreement_from_another_registry_is_about_that_one(town: Town, tmp_path: Path) -> None:
    """A rehearsal with the same text, which somebody merges in."""
    town.git("checkout", "-q", "--orphan", "rehearsal")
    town.istres.commits(town.root, {DEAL: convention(**LONGER)})
    town.istres.commits(town.root, {}, "We agree", *naming("deal"))
    town.git("checkout", "-q", "pr")
    town.amp.commits(town.root, {DEAL: convention(**LONGER)})
    town.amp.git(town.root, "merge", "-q", "-m", "m", "--allow-unrelated-histories", "-X", "ours", "rehearsal")
    town.blocking_finding(DEAL, "istres", "convention/deal")


def test_settings_of_one_party_let_nobody_off(town: Town) -> None:
    town.git("checkout", "-q", "main")
    lenient = '[severity]\nCHG813 = "off"\nCHG814 = "off"\n[ownership]\nfields = ["manager"]\nkeepers = ["amp"]\n'
    town.amp.commits(town.root, {"smartreg.toml": f'metropole = "amp"\nignore = ["CHG8"]\n{lenient}'})
    town.git("checkout", "-qB", "pr")
    taken = support("pole", "amp", "manager: amp\n")
    town.amp.commits(town.root, {DEAL: convention(**LONGER), POLE: taken})
    town.forger.commits(town.root, {}, "We agree", *naming("deal"))
    asked = ValidateOptions(ON)
    verdict = validate_since(open_workspace(town.root), "main", asked, Trust(authors=True))
    stopped = [(one.severity, one.where.file) for one in verdict.findings if one.code == "CHG814"]
    assert stopped == [("error", DEAL), ("error", POLE)]


def test_a_key_that_was_withdrawn_meanwhile_does_not_count_on_an_old_base(town: Town) -> None:
    town.amp.commits(town.root, {DEAL: convention(**LONGER)})
    town.agrees(town.istres, "convention/deal")
    assert town.codes() == []
    town.git("checkout", "-q", "main")
    town.istres.commits(town.root, {ISTRES: party("istres", town.keys["new"].fingerprint)})
    town.git("checkout", "-q", "pr")
    assert town.codes("main") == [("CHG814", DEAL)]


def test_one_side_ends_alone_what_lets_it_with_its_notice(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    today = town.git("log", "-1", "--format=%cs")
    soon, later = f'"{today}"', f'"{int(today[:4]) + 2}-07-15"'

    def ends(day: str, by: str = "istres", id: str = "open", **more: str) -> str:
        act = f"{{signed_on: {soon}, notice: {{by: {by}, of: termination}}, sets: {{terminated_on: {day}}}}}"
        return convention(id, status="terminated", amendments=f"[{act}]", **{**CLAUSES, **more})

    refused = {
        place("o-0"): ends(soon, id="o-0"),
        place("o-1"): ends(later, id="o-1", terminated_on=soon),
        place("o-2"): ends(later, id="o-2", removal_days="1"),
        place("o-3"): ends(later, id="o-3", by="amp"),
        place("o-4"): ends(later, id="o-4", annexes=""),
    }
    town.istres.commits(town.root, refused)
    town.blocking_findings(dict.fromkeys(refused, "amp"), "convention/o-")
    town.git("reset", "-q", "--hard", "origin/main")
    with monkeypatch.context() as clock:
        clock.setenv("GIT_COMMITTER_DATE", "2024-01-01T12:00:00Z")
        town.istres.commits(town.root, {OPEN: ends(soon)})
    town.blocking_finding(OPEN, "amp", "convention/open")
    with monkeypatch.context() as clock:  # six calendar months are more than 180 days
        clock.setenv("GIT_COMMITTER_DATE", town.git("log", "-1", "--format=%cI", "origin/main"))
        given = date.fromisoformat(town.git("log", "-1", "--format=%cs", "origin/main"))
        town.istres.commits(town.root, {OPEN: ends(f'"{given + timedelta(days=180)}"')})
        town.blocking_finding(OPEN, "amp", "convention/open")
        town.istres.commits(town.root, {OPEN: ends(f'"{months_later(given, 6) + timedelta(days=1)}"')})
        assert town.codes() == []
    town.istres.commits(town.root, {OPEN: ends(later)})
    assert town.codes() == []
    plain = {**CLAUSES, "status": "terminated", "terminated_on": later}
    town.istres.commits(town.root, {OPEN: convention("open", **plain)})
    assert town.codes() == []
    town.stranger.commits(town.root, {OPEN: ends(later.replace("-15", "-14"))})
    assert ("CHG814", OPEN) in town.codes()


def test_one_of_three_leaves_alone_with_its_notice(town: Town) -> None:
    today = town.git("log", "-1", "--format=%cs")
    later = str(int(today[:4]) + 2) + "-07-15"

    def leaves(id: str = "three", gone: str = "istres", by: str = "istres", day: str = later, **more: str) -> str:
        notice = f"notice: {{by: {by}, of: termination}}" if by else "notes: none"
        act = f'{{signed_on: "{today}", effective_from: "{day}", {notice}, removes: {{parties: [{gone}]}}}}'
        fields = {"parties": "[amp, istres, martigues]", "amendments": f"[{act}]", **({} if id == "bound" else CLAUSES)}
        return convention(id, **{**fields, **more})

    allowed = leaves()
    wrong: list[dict[str, str]] = [
        {"day": today},
        {"gone": "amp"},
        {"gone": "istres, martigues"},
        {"gone": "amp", "by": "amp"},
        {"by": ""},
        {"removal_days": "1"},
        {"families": "[installation, data]"},
        {"status": "terminated", "terminated_on": f'"{today}"'},
        {"terminated_on": f'"{today}"'},
    ]
    refused = {place(f"t-{number}"): leaves(f"t-{number}", **fields) for number, fields in enumerate(wrong)}
    for id, more in (("t-9", "adds: {families: [data]}"), ("t-10", "sets: {removal_days: 1}")):
        refused[place(id)] = leaves(id).replace("removes:", f"{more}, removes:")
    refused[BOUND] = leaves("bound")
    town.istres.commits(town.root, refused)
    town.blocking_findings(dict.fromkeys(refused, "amp, martigues"))
    town.git("reset", "-q", "--hard", "origin/main")
    town.istres.commits(town.root, {THREE: allowed})
    assert town.codes() == []
    town.git("reset", "-q", "--hard", "origin/main")
    town.stranger.commits(town.root, {THREE: allowed})
    assert ("CHG814", THREE) in town.codes()
    town.git("reset", "-q", "--hard", "origin/main")
    town.amp.commits(town.root, {THREE: allowed})
    town.blocking_finding(THREE, "istres, martigues")


def test_one_side_gives_notice_against_tacit_renewal(town: Town) -> None:
    today = town.git("log", "-1", "--format=%cs")
    for day, codes in ((f"{int(today[:4]) - 1}-01-01", ["CHG814"]), (today, [])):
        act = f'[{{signed_on: "{day}", notice: {{by: istres, of: non_renewal}}}}]'
        town.istres.commits(town.root, {OPEN: convention("open", amendments=act, **CLAUSES)})
        assert [code for code, _ in town.codes()] == codes


def test_a_support_changes_hands_by_both_and_so_does_its_past(town: Town) -> None:
    past = "previous_owners:\n  - owner: istres\n    until: 2025-12-31\n"
    town.istres.commits(town.root, {POLE: support("pole", "amp", past)})
    assert "owner istres → amp" in town.blocking_finding(POLE, "amp", "support/pole").message.in_("en")
    town.agrees(town.amp, "support/pole")
    assert town.codes() == []
    town.git("update-ref", "refs/remotes/origin/main", "HEAD")
    town.amp.commits(town.root, {POLE: support("pole", "amp", past.replace("istres", "nobody"))})
    assert "previous_owners" in town.blocking_finding(POLE, "istres, nobody", "support/pole").message.in_("en")


def test_a_party_without_a_key_decides(town: Town) -> None:
    changed = {"deliberations": "[amp-1, martigues-1]", **LONGER}
    town.amp.commits(town.root, {FAR: convention("far", "martigues", **changed)})
    found = town.blocking_finding(FAR, "martigues", "convention/far --deliberation ID")
    assert found.hint is not None
    assert found.hint.in_("en").startswith("martigues without a key: record its deliberation with the digest")
    town.martigues.commits(town.root, {}, "We agree", *naming("far"))
    town.blocking_finding(FAR, "martigues", "convention/far")
    named = convention("far", "martigues", **{**changed, "deliberations": "[amp-1, martigues-1, martigues-41]"})
    town.amp.commits(town.root, {FAR: named, DECISION: deliberation("martigues-41", "martigues", digest=False)})
    town.blocking_finding(FAR, "martigues", "convention/far")
    town.amp.commits(town.root, {DECISION: deliberation("martigues-41", "amp")})
    town.blocking_finding(FAR, "martigues", "convention/far")
    town.amp.commits(town.root, {DECISION: deliberation("martigues-41", "martigues")})
    (warned,) = town.findings()
    assert (warned.code, warned.severity, warned.where.file) == ("CHG822", "warning", FAR)
    assert warned.message.in_("en") == "agreement of martigues rests on deliberation MARTIGUES-41, not on a signature"
    assert (
        warned.message.in_("fr")
        == "l'accord de martigues repose sur la délibération MARTIGUES-41, non sur une signature"
    )


def test_what_belongs_to_a_party_without_a_key_is_given_by_its_decision(town: Town) -> None:
    town.martigues.commits(town.root, {LAMP: support("lamp", "amp")})
    town.amp.commits(town.root, {DECISION: deliberation("martigues-41", "martigues")})
    town.blocking_finding(LAMP, "amp, martigues", "support/lamp")
    unsigned = ("--trailer", "Smartreg-Record: support/lamp", "--trailer", "Smartreg-Deliberation: martigues-41")
    town.martigues.commits(town.root, {}, "We decided", *unsigned)
    town.blocking_finding(LAMP, "amp, martigues", "support/lamp")
    (agreed,) = town.agrees(town.amp, "support/lamp", deliberation="martigues-41").agreements
    assert [(party.id, by.rid.id) for party, by in agreed.decided.items()] == [("martigues", "martigues-41")]
    assert ([party.id for party in agreed.signed], agreed.missing) == (["amp"], frozenset())
    assert {one.code for one in town.findings()} == {"CHG813", "CHG822"}


def test_who_has_a_key_signs_and_does_not_decide(town: Town) -> None:
    decided = {"registry/deliberations/istres-9.yaml": deliberation("istres-9", "istres")}
    town.amp.commits(town.root, {DEAL: convention(deliberations="[amp-1, istres-9]", **LONGER), **decided})
    town.agrees(town.amp, "convention/deal", deliberation="istres-9")
    town.blocking_finding(DEAL, "istres", "convention/deal")
    assert ("CHG812", "registry/deliberations/istres-9.yaml") in town.codes()


def test_nobody_enrols_a_key_for_another(town: Town) -> None:
    """Not for who has one, not for who has none, not for a party that is new; and the new key does not count yet."""
    key = town.keys["stranger"].fingerprint
    new = "registry/parties/new.yaml"
    town.amp.commits(
        town.root,
        {
            ISTRES: party("istres", town.keys["istres"].fingerprint, key, domain="istres.example.org"),
            "registry/parties/nobody.yaml": party("nobody", key),
            new: party("new", key),
        },
    )
    codes = town.codes()
    assert ("CHG812", ISTRES) in codes
    for file in (ISTRES, "registry/parties/nobody.yaml", new):
        assert ("CHG814", file) in codes
    Person("agent@nobody.example.org", town.keys["stranger"]).commits(
        town.root,
        {},
        "We agree",
        "--trailer",
        "Smartreg-Record: party/nobody",
        "--trailer",
        "Smartreg-Record: party/new",
    )
    assert town.codes() == codes
    shown = [one for one in town.findings("CHG823") if one.where.file == ISTRES]
    assert [one.severity for one in shown] == ["warning"]
    assert shown[0].message.in_("en") == f"istres: new signing key {key}"


def test_a_party_changes_its_own_keys_with_one_that_it_has(town: Town) -> None:
    """Or agrees with it to what the Métropole writes."""
    new, old = town.keys["new"].fingerprint, town.keys["istres"].fingerprint
    town.istres.commits(town.root, {ISTRES: party("istres", new, domain="istres.example.org")})
    assert town.codes() == []
    town.git("reset", "-q", "--hard", "HEAD~1")
    town.amp.commits(town.root, {ISTRES: party("istres", new, domain="istres.example.org")})
    assert {code for code, _ in town.codes()} == {"CHG812", "CHG814"}
    town.agrees(town.istres, "party/istres")
    assert town.codes() == []
    Person("agent@istres.example.org", town.keys["new"]).commits(
        town.root, {POLE: support("pole", "istres", "notes: n\n")}
    )
    assert ("CHG812", POLE) not in town.codes()  # by its address alone
    assert ("CHG813", POLE) in town.codes()
    message = f"istres: new signing key {new}; istres: signing key withdrawn {old}"
    assert town.findings("CHG823")[0].message.in_("en") == message


def test_a_lost_key_is_replaced_by_a_decision_and_counts_later(town: Town) -> None:
    decision, new = "registry/deliberations/istres-9.yaml", town.keys["new"]
    replaced = party("istres", new.fingerprint, domain="istres.example.org")
    town.amp.commits(town.root, {ISTRES: replaced, decision: deliberation("istres-9", "istres")})
    assert "CHG812" in {one.code for one in town.findings()}
    town.agrees(town.amp, "party/istres", deliberation="deliberation/istres-9")
    (warned,) = town.findings()
    assert (warned.code, warned.where.file) == ("CHG822", ISTRES)
    assert warned.message.in_("en") == "keys of istres replaced by deliberation ISTRES-9, not by a signature"
    town.amp.commits(town.root, {DEAL: convention(**LONGER)})
    Person("agent@istres.example.org", new).commits(town.root, {}, "We agree", *naming("deal"))
    town.blocking_finding(DEAL, "istres", "convention/deal")
    town.amp.commits(town.root, {ISTRES: replaced.replace("name: istres", "name: other")})
    assert ("CHG812", ISTRES) in town.codes()


def test_a_party_is_not_made_keyless_first(town: Town) -> None:
    town.amp.commits(town.root, {ISTRES: party("istres")})
    town.amp.commits(town.root, {DEAL: convention(deliberations="[amp-1, istres-9]", **LONGER)})
    town.amp.commits(town.root, {"registry/deliberations/istres-9.yaml": deliberation("istres-9", "istres")})
    assert {("CHG814", DEAL), ("CHG814", ISTRES)} <= set(town.codes())


def test_a_decision_of_another_body_is_not_made_over(town: Town) -> None:
    """The registry has the deliberation already, of another body; the change says that it is the party's."""
    other = "registry/deliberations/amp-1.yaml"
    town.amp.commits(
        town.root, {FAR: convention("far", "martigues", **LONGER), other: deliberation("amp-1", "martigues")}
    )
    town.agrees(town.amp, "convention/far", deliberation="amp-1")
    assert {("CHG814", FAR), ("CHG814", other)} <= set(town.codes())


def test_agree_refuses_what_would_mean_nothing(town: Town) -> None:
    with pytest.raises(Refused, match="no binding change"):
        town.agrees(town.amp, "convention/deal")
    town.istres.commits(town.root, {DEAL: convention(**LONGER)})
    (town.root / DEAL).write_text(convention(removal_days="1", **LONGER), encoding="utf-8")
    with pytest.raises(Refused, match="not committed"):
        town.agrees(town.amp, "convention/deal")
    town.git("checkout", "-q", DEAL)
    (town.root / POLE).write_text(support("pole", "istres", "notes: staged\n"), encoding="utf-8")
    town.git("add", POLE)
    assert agree(open_workspace(town.root), ["deal"], AgreeOptions(ON, dry_run=True)).commit is None
    assert [party.id for party in town.agrees(town.amp, "deal").parties] == ["amp"]
    assert town.git("diff", "--cached", "--name-only") == POLE
    assert town.git("show", "--format=", "--name-only") == ""
    assert not town.agrees(town.stranger, "deal").parties
    town.git("config", "--replace-all", "user.signingKey", "/nowhere")
    with pytest.raises(StateFault, match="Git did not make the signed commit"):
        agree(open_workspace(town.root), ["deal"], AgreeOptions(ON))


def test_the_program_and_the_review(town: Town) -> None:
    town.istres.commits(town.root, {DEAL: convention(**LONGER)})
    town.amp.use(town.root)
    done = start("agree", "convention/deal", "-y", cwd=town.root)
    assert (done.returncode, done.stderr) == (0, "")
    assert "convention/deal  effective_until 2027-12-31 → 2035-12-31  (amp, istres)\nAgreed, for amp" in done.stdout
    found = diff(open_workspace(town.root), rev="origin/main", on=ON)
    text = changes_markdown.report(found, lang="en")
    assert text.index("What binds parties") < text.index("### Changed")
    assert "`T, which binds amp, istres: Effective until 2027-12-31 → 2035-12-31`" in text
    assert "`T, qui engage amp, istres : Effet jusqu'au 2027-12-31 → 2035-12-31`" in changes_markdown.report(
        found, lang="fr"
    )


def test_the_comment_begins_with_who_has_not_agreed_and_names_no_raw_commit(town: Town) -> None:
    town.istres.commits(town.root, {DEAL: convention(**LONGER), "registry/parties/x.yaml": "id: x\nnom: X\n"})
    base, tip = town.git("rev-parse", "origin/main").strip(), town.git("rev-parse", "HEAD").strip()

    done = start("diff", base, tip, "-f", "markdown", "--lang", "en", cwd=town.root)

    assert (done.returncode, done.stderr) == (0, "")
    first, second, *_ = [line for line in done.stdout.splitlines() if line.startswith("### ")]
    assert (first, second.partition(" (")[0]) == ("### Not agreed yet (1)", "### To correct")
    assert "amp has not agreed to convention/deal: effective_until 2027-12-31 → 2035-12-31` (CHG814)" in done.stdout
    assert "  - help: `amp: sign this branch as it is: smartreg agree convention/deal`" in done.stdout
    assert '`registry/parties/x.yaml:2:1`: `unknown field "nom"` (SCH107)\n  - help: `did you mean' in done.stdout
    assert "- T (`convention/deal`)\n  - Effective until: `2027-12-31` → `2035-12-31`" in done.stdout
    assert not {oid[:7] for oid in (base, tip)} & set(done.stdout.replace("`", " ").split())

    town.agrees(town.amp, "convention/deal")
    agreed = start("diff", base, "HEAD", "-f", "markdown", "--lang", "en", cwd=town.root)
    assert "Not agreed yet" not in agreed.stdout


def test_the_log_says_who_agreed(town: Town) -> None:
    """An agreement changes no file; one that is not signed proves nothing, and is shown as written by hand."""
    town.istres.commits(town.root, {DEAL: convention(amendments=ACT)})
    town.agrees(town.amp, "convention/deal")
    words = ("--trailer", "Smartreg-Op: agree", *naming("deal"))
    town.forger.commits(town.root, {}, "Agree to convention/deal", *words)
    workspace = open_workspace(town.root)
    found = log(workspace, record="convention/deal").entries
    assert [(one.op, one.email, one.signed, one.manual) for one in found[:3]] == [
        ("agree", town.forger.email, False, True),
        ("agree", town.amp.email, True, False),
        ("set", town.istres.email, True, True),
    ]
    for wanted in (LogOptions(op="agree"), LogOptions(convention="deal", op="agree")):
        assert [str(one.rid) for one in log(workspace, wanted=wanted).entries] == ["convention/deal"] * 2
    assert not [one for one in log(workspace, record="support/pole").entries if one.op == "agree"]
    shown = start("log", "convention/deal", "--op", "accord", "--lang", "fr", cwd=town.root).stdout.splitlines()
    *entries, zone = shown
    assert (["signé" in line for line in entries], "Europe/Paris" in zone) == ([False, True], True)


def audit_codes(town: Town) -> list[tuple[str, str]]:
    found = audit(open_workspace(town.root), AuditOptions(everything=True)).general
    return [(one.code, one.message.in_("en").partition(": ")[2]) for one in found]


def test_agreements_live_in_the_history(town: Town) -> None:
    """Merged: nothing to say. Squashed: what binds has changed, and the history holds no agreement to it."""
    keys = party("istres", town.keys["istres"].fingerprint, town.keys["new"].fingerprint, domain="istres.example.org")
    town.istres.commits(town.root, {DEAL: convention(**LONGER), POLE: support("pole", "amp"), ISTRES: keys})
    town.agrees(town.amp, "convention/deal", "support/pole")
    codes = {one.code for trace in audit(open_workspace(town.root), AuditOptions()).traces for one in trace.findings}
    assert "AUD909" not in codes
    town.git("branch", "-q", "fast", "HEAD")
    town.git("checkout", "-q", "main")
    town.git("merge", "-q", "--no-ff", "-m", "merge", "pr")
    assert audit_codes(town) == []
    town.git("checkout", "-q", "fast")
    assert audit_codes(town) == []
    town.git("checkout", "-q", "-B", "main", "origin/main")
    town.git("merge", "-q", "--squash", "pr")
    town.amp.commits(town.root, {}, "squashed")
    lost = "the history holds no agreement of istres"
    assert audit_codes(town) == [
        ("AUD911", f"convention/deal: effective_until 2027-12-31 → 2035-12-31; {lost}"),
        ("AUD911", f"party/istres: writers.keys + {town.keys['new'].fingerprint}; {lost}"),
        ("AUD911", f"support/pole: owner istres → amp; {lost}"),
    ]


def test_a_rebase_keeps_what_was_done_and_loses_who_agreed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """As forges do it: each commit again, by another committer, on another day, not signed."""

    def amends(id: str, **fields: str) -> None:
        trailers = ("--trailer", "Smartreg-Op: amend", *naming(id))
        town.istres.commits(town.root, {place(id): convention(id, **fields)}, "Amend", *trailers)

    amends("deal", amendments=ACT)
    amends("open", **{**CLAUSES, "removal_days": "60"})
    town.agrees(town.amp, "convention/deal", "convention/open")
    town.git("checkout", "-q", "main")
    note = support("lamp", "martigues", "notes: n\n")
    named = ("--trailer", "Smartreg-Op: set", "--trailer", "Smartreg-Record: support/lamp")
    town.amp.commits(town.root, {LAMP: note}, "Note", *named)
    forge = Person("noreply@forge.example.org")
    with monkeypatch.context() as clock:
        clock.setenv("GIT_COMMITTER_DATE", "2026-11-27T12:00:00Z")
        forge.git(town.root, "rebase", "-q", "--no-gpg-sign", "main", "pr")
    assert town.git("log", "-1", "--format=%ce%G?") == "noreply@forge.example.orgN"
    since = town.git("rev-parse", "origin/main")
    found = audit(open_workspace(town.root), AuditOptions(since))
    assert not {one.code for trace in found.traces for one in trace.findings} & {"AUD901", "AUD908", "AUD909"}
    lost = [(one.code, one.message.in_("en").rpartition("; ")[2]) for one in found.general]
    assert lost == [("AUD911", "the history holds no agreement of amp, istres")] * 2


def test_the_history_says_which_agreement_is_a_decision(town: Town) -> None:
    changed = convention("far", "martigues", **{**LONGER, "deliberations": "[amp-1, martigues-1, martigues-41]"})
    town.amp.commits(town.root, {FAR: changed, DECISION: deliberation("martigues-41", "martigues")})
    ((code, message),) = audit_codes(town)
    assert code == "AUD912"
    assert message.endswith("agreement of martigues rests on deliberation MARTIGUES-41, not on a signature")


def withdraws(town: Town, who: Person, *records: str) -> Agreed:
    """`smartreg agree --withdraw` as this person."""
    who.use(town.root)
    return agree(open_workspace(town.root), records, AgreeOptions(ON, withdraw=True))


def test_an_agreement_is_withdrawn_before_the_merge_and_given_again(town: Town) -> None:
    town.amp.commits(town.root, {DEAL: convention(**LONGER)})
    town.agrees(town.istres, "convention/deal")
    assert town.codes() == []
    gone = withdraws(town, town.istres, "convention/deal")
    assert [party.id for party in gone.parties] == ["istres"]
    assert "Smartreg-Op: withdraw\nSmartreg-Record: convention/deal" in town.git("log", "-1", "--format=%B")
    found = town.blocking_finding(DEAL, "istres", "convention/deal")
    assert found.hint is not None
    assert f"istres withdrew its agreement in commit {town.git('log', '-1', '--format=%H')[:7]}" in found.hint.in_("en")
    town.amp.commits(town.root, {POLE: support("pole", "istres", "notes: n\n")})
    assert ("CHG814", DEAL) in town.codes()
    again = town.agrees(town.istres, "convention/deal")
    assert [(one.bond.rid.id, sorted(one.missing)) for one in again.agreements] == [("deal", [])]
    assert ("CHG814", DEAL) not in town.codes()
    ops = [one.op for one in log(open_workspace(town.root), record="convention/deal").entries[:3]]
    assert ops == ["agree", "withdraw", "agree"]
    assert not {
        one.code for trace in audit(open_workspace(town.root), AuditOptions()).traces for one in trace.findings
    } & {
        "AUD908",
        "AUD909",
    }


def test_who_made_the_change_withdraws_it_too(town: Town) -> None:
    """And an exit that needs nobody else."""
    town.istres.commits(town.root, {DEAL: convention(**LONGER)})
    town.agrees(town.amp, "convention/deal")
    withdraws(town, town.istres, "convention/deal")
    town.blocking_finding(DEAL, "istres", "convention/deal")


def test_a_withdrawal_on_another_branch_counts_once_it_is_merged(town: Town) -> None:
    """It says no to every agreement that does not come after it."""
    town.amp.commits(town.root, {DEAL: convention(**LONGER)})
    town.git("checkout", "-qb", "theirs")
    withdraws(town, town.istres, "convention/deal")
    town.git("checkout", "-q", "pr")
    town.agrees(town.istres, "convention/deal")
    assert town.codes() == []
    town.amp.git(town.root, "merge", "-q", "--no-ff", "-m", "merge", "theirs")
    town.blocking_finding(DEAL, "istres", "convention/deal")
    town.agrees(town.istres, "convention/deal")
    assert town.codes() == []


def test_what_is_no_withdrawal(town: Town) -> None:
    words = ("--trailer", "Smartreg-Op: withdraw")
    town.istres.commits(town.root, {DEAL: convention(**LONGER), place("b-1"): convention("b-1", **LONGER)})
    town.agrees(town.amp, "convention/deal", "convention/b-1")
    town.forger.commits(town.root, {}, "Unsigned", *words, *naming("deal"))
    Person(town.istres.email, town.keys["stranger"]).commits(town.root, {}, "A key of nobody", *words, *naming("deal"))
    town.istres.commits(town.root, {}, "Another record", *words, *naming("open"))
    quoted = ("-m", "Merge", "-m", "Smartreg-Op: withdraw\nSmartreg-Record: convention/deal")
    town.git("checkout", "-qb", "side", "origin/main")
    town.istres.commits(town.root, {POLE: support("pole", "istres", "notes: n\n")})
    town.git("checkout", "-q", "pr")
    town.istres.git(town.root, "merge", "-q", "--no-ff", *quoted, "side")
    assert town.codes() == []
    by_hand = ("--trailer", "Smartreg-Op: withdraw", *naming("b-1"))
    town.istres.commits(town.root, {}, "We do not agree", *by_hand)
    assert town.codes() == [("CHG814", place("b-1"))]


def test_withdrawing_refuses_what_would_mean_nothing(town: Town) -> None:
    with pytest.raises(Refused, match="no binding change"):
        withdraws(town, town.istres, "convention/deal")
    town.amp.commits(town.root, {DEAL: convention(**LONGER)})
    done = start("agree", "deal", "--withdraw", "--deliberation", "amp-1", "-y", cwd=town.root)
    assert (done.returncode, "cannot be used together" in done.stderr) == (2, True)
    town.istres.use(town.root)
    done = start("agree", "deal", "--withdraw", "-y", cwd=town.root)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Withdrawn, for istres" in done.stdout
    shown = start("log", "deal", "--op", "withdraw", "--lang", "fr", cwd=town.root).stdout
    assert "Accord retiré : convention/deal" in shown


def test_the_history_knows_withdrawals_before_the_merge_alone(town: Town) -> None:
    town.amp.commits(town.root, {DEAL: convention(**LONGER), OPEN: convention("open", **CLAUSES, **LONGER)})
    town.agrees(town.istres, "convention/deal", "convention/open")
    withdraws(town, town.istres, "convention/deal")
    town.git("checkout", "-q", "main")
    town.git("merge", "-q", "--no-ff", "-m", "merge", "pr")
    town.istres.commits(town.root, {}, "Too late", "--trailer", "Smartreg-Op: withdraw", *naming("open"))
    lost = "the history holds no agreement of istres"
    assert audit_codes(town) == [("AUD911", f"convention/deal: effective_until 2027-12-31 → 2035-12-31; {lost}")]


def test_a_key_of_two_parties_agrees_for_neither(town: Town) -> None:
    """In a change that binds both; in one that binds one of them, it speaks for that one."""
    shared = town.keys["istres"].fingerprint
    town.git("checkout", "-q", "-B", "main", "origin/main")
    town.amp.commits(town.root, {AMP: party("amp", town.keys["amp"].fingerprint, shared)})
    town.git("update-ref", "refs/remotes/origin/main", "HEAD")
    town.git("checkout", "-q", "-B", "pr")
    far = convention("far", "martigues", **{**LONGER, "deliberations": "[amp-1, martigues-1, martigues-41]"})
    files = {DEAL: convention(**LONGER), FAR: far, DECISION: deliberation("martigues-41", "martigues")}
    town.istres.commits(town.root, files)
    found = town.blocking_finding(DEAL, "amp, istres", "convention/deal")
    assert found.hint is not None
    assert "amp, istres share the key of commit" in found.hint.in_("en")
    agreed = town.agrees(town.istres, "convention/deal")
    assert not agreed.parties
    town.blocking_finding(DEAL, "amp, istres", "convention/deal")
    town.agrees(town.amp, "convention/deal")
    town.blocking_finding(DEAL, "istres", "convention/deal")
    town.istres.use(town.root)
    told = start("agree", "deal", "-y", cwd=town.root)
    assert "amp, istres share the key of this signature: it is not an agreement of any of them" in told.stderr


def test_a_key_that_another_party_lists_too_is_an_error(town: Town) -> None:
    """As a SIREN that two have. Domains may be shared: they prove nothing."""
    key = town.keys["istres"].fingerprint
    town.istres.commits(
        town.root,
        {
            "registry/parties/nobody.yaml": party("nobody", key),
            MARTIGUES: party("martigues", domain="istres.example.org"),
        },
    )
    found = town.findings("CHG824")
    assert {(one.where.file, one.severity) for one in found} == {
        (ISTRES, "error"),
        ("registry/parties/nobody.yaml", "error"),
    }


# -- parties end, and others take their place ----------------------------------------------------------------------


def ended(on: str, heir: str, *, act: bool = True) -> str:
    """The end of a party and its successor, by an act of the State or by a deliberation without a digest."""
    by = f"document: 'https://example.org/raa.pdf', sha256: {SHA}" if act else "deliberation: martigues-1"
    return f'ended_on: "{on}"\nsuccessors: [{{party: {heir}, {by}}}]\n'


def test_a_succession_binds_the_party_that_ends_and_its_successor(town: Town) -> None:
    """Who lists a key signs; for whom lists none, the act of the State stands, and a person compares it."""
    new = {"registry/parties/joint.yaml": party("joint")}
    dissolved = party("istres", town.istres_key, domain="istres.example.org", more=ended("2026-01-01", "joint"))
    town.amp.commits(town.root, {ISTRES: dissolved, **new})
    found = town.blocking_finding(ISTRES, "istres", "party/istres")
    assert "successors" in found.message.in_("en")
    assert [one.code for one in town.findings("CHG821", "CHG823")] == ["CHG821"]
    town.agrees(town.istres, "party/istres")
    assert town.codes() == [("CHG827", ISTRES)]
    (warning,) = town.findings("CHG827")
    assert warning.severity == "warning"
    assert warning.message.in_("en").endswith("rests on https://example.org/raa.pdf, not on a signature of joint")


def test_the_act_of_the_state_stands_for_a_party_without_a_key_and_for_no_other(town: Town) -> None:
    town.amp.commits(
        town.root, {MARTIGUES: party("martigues", domain="martigues.example.org", more=ended("2026-01-01", "istres"))}
    )
    town.blocking_finding(MARTIGUES, "istres", "party/martigues")
    town.agrees(town.istres, "party/martigues")
    assert town.codes() == [("CHG827", MARTIGUES)]


def test_a_succession_without_a_digest_proves_nothing(town: Town) -> None:
    dissolved = party("martigues", domain="martigues.example.org", more=ended("2026-01-01", "nobody", act=False))
    town.amp.commits(town.root, {MARTIGUES: dissolved})
    (found,) = [one for one in town.findings() if one.code == "CHG814"]
    assert "istres, nobody have not agreed to " in found.message.in_("en")  # istres has a contract with it
    assert "act of the State" in (found.hint.in_("en") if found.hint else "")


def test_rights_pass_to_the_successor_for_later_changes_only(town: Town) -> None:
    new = party("joint", town.keys["new"].fingerprint)
    dissolved = party("istres", town.istres_key, more=ended("2026-01-01", "joint"))
    joint = Person("agent@joint.example.org", town.keys["new"])
    town.amp.commits(town.root, {ISTRES: dissolved, "registry/parties/joint.yaml": new})
    joint.commits(town.root, {POLE: support("pole", "istres", "notes: n\n")})
    assert ("CHG812", POLE) in town.codes()

    town.git("checkout", "-q", "main")
    town.amp.commits(town.root, {ISTRES: dissolved, "registry/parties/joint.yaml": new})
    town.git("checkout", "-qB", "pr")
    joint.commits(town.root, {POLE: support("pole", "istres", "notes: n\n")})
    assert town.codes("main") == []
    town.istres.commits(town.root, {POLE: support("pole", "istres", "notes: m\n")})
    assert town.codes("main") == [("CHG812", POLE)]
    town.git("reset", "-q", "--hard", "main")
    town.amp.commits(town.root, {DEAL: convention(**LONGER)})
    (missing,) = [one for one in town.findings(since="main") if one.code == "CHG814"]
    assert "joint has not agreed to " in missing.message.in_("en")
    town.git("reset", "-q", "--hard", "main")
    joint.commits(town.root, {OPEN: convention("open", notes="n", **CLAUSES)})
    assert town.codes("main") == []


def test_until_its_last_day_a_party_signs_for_itself(town: Town) -> None:
    """A succession that is recorded beforehand changes nothing yet."""
    town.git("checkout", "-q", "main")
    dissolved = party("istres", town.istres_key, more=ended("2026-02-01", "joint"))
    town.amp.commits(town.root, {ISTRES: dissolved, "registry/parties/joint.yaml": party("joint")})
    town.git("checkout", "-qB", "pr")
    town.istres.commits(town.root, {POLE: support("pole", "istres", "notes: n\n")})
    assert town.codes("main") == []
    town.amp.commits(town.root, {DEAL: convention(**LONGER)})
    (missing,) = [one for one in town.findings(since="main") if one.code == "CHG814"]
    assert "istres has not agreed to " in missing.message.in_("en")
