"""`validate --since BASE --as-author`: may those who made the commits change what they change? Real keys, real Git."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from program import start
from signing import Key, Person, new_key
from town import ISTRES, LAMP, MARTIGUES, NET, POLE, SETTINGS, Town, lay_town, party, support

from smartreg.core.errors import UsageFault


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Key]:
    folder = tmp_path_factory.mktemp("keys")
    return {name: new_key(folder, name) for name in ("amp", "istres", "stranger")}


@pytest.fixture(scope="module")
def base(empty_repository: Path, keys: dict[str, Key], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = Path(shutil.copytree(empty_repository, tmp_path_factory.mktemp("town") / "repo"))
    lay_town(root, keys)
    return root


@pytest.fixture
def town(registry: Path, keys: dict[str, Key]) -> Town:
    return Town(registry, keys)


def test_an_owner_who_signs_may_change_what_is_theirs(town: Town) -> None:
    town.istres.commits(town.root, {POLE: support("pole", "istres", "out_of_service")})
    town.istres.commits(town.root, {NET: None})
    town.istres.commits(town.root, {"registry/supports/13047/new.yaml": support("new", "istres")})
    town.istres.commits(town.root, {"README.md": "what belongs to nobody", ISTRES: party("istres")})
    assert town.codes() == []


def test_what_belongs_to_others_may_not_be_changed(town: Town) -> None:
    town.istres.commits(town.root, {LAMP: support("lamp", "martigues", "out_of_service")})
    other = town.istres.git(town.root, "rev-parse", "HEAD")
    town.stranger.commits(town.root, {POLE: None, "registry/supports/13047/own.yaml": support("own", "istres")})
    found = {finding.where.file: finding.message.in_("en") for finding in town.findings()}
    assert sorted(found) == ["registry/supports/13047/own.yaml", POLE, LAMP]
    assert f"belongs to martigues; commit {other[:7]} by a writer of istres (by its key)" in found[LAMP]
    assert town.keys["stranger"].fingerprint in found[POLE]
    assert "this is new and would belong to istres; commit" in found["registry/supports/13047/own.yaml"]
    assert "someone" not in "".join(found.values())
    assert {finding.code for finding in town.findings()} == {"CHG812"}


def test_taking_it_back_later_does_not_clear_the_branch(town: Town) -> None:
    town.stranger.commits(town.root, {POLE: support("pole", "stranger")})
    town.stranger.commits(town.root, {POLE: support("pole", "istres")})
    assert town.codes() == [("CHG812", POLE)]


MAPPING, ROW_KEYS = "registry/imports/mats.toml", "registry/imports/mats.keys"


def mapping(constants: str, kind: str = "support") -> str:
    return f'kind = "{kind}"\n[fields]\naddress = "RUE"\n[constants]\n{constants}\n'


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ('owner = "istres"', {MAPPING: mapping('owner = "martigues"')}),
        ('owner = "istres"', {MAPPING: mapping('owner = "istres"\nstatus = "removed"')}),
        ('owner = "istres"', {MAPPING: None}),
        ('owner = "istres"', {ROW_KEYS: "id,key\npole,1\n"}),
        ('owner = "istres"', {MAPPING: mapping("")}),
        ('owner = "amp"', {MAPPING: mapping('owner = "istres"')}),
        ('type = "mast"', {MAPPING: mapping('owner = "istres"')}),
        ("", {"registry/imports/new.toml": mapping('owner = "istres"')}),
        ("", {"registry/imports/new.toml": mapping('owner = "nobody"')}),
        ("", {"registry/imports/new.toml": mapping('name = "x"', "party")}),
        ("", {"registry/imports/new.toml": "kind = "}),
    ],
)
def test_a_mapping_belongs_to_those_whose_records_it_makes(
    town: Town, before: str, change: dict[str, str | None]
) -> None:
    amp = town.amp
    amp.git(town.root, "checkout", "-q", "main")
    amp.commits(town.root, {MAPPING: mapping(before), ROW_KEYS: "id,key\n"})
    (file,) = change
    for person in (town.stranger, town.martigues):
        amp.git(town.root, "checkout", "-qB", "pr", "main")
        person.commits(town.root, change)
        assert ("CHG812", file) in town.codes()


def test_a_mapping_is_its_owners_to_change(town: Town) -> None:
    """Also one that takes the owner from a column, if its author is known at all; the metropole's, of kinds that
    nobody owns."""
    columns = "registry/imports/columns.toml"
    town.istres.commits(town.root, {MAPPING: mapping('owner = "istres"'), ROW_KEYS: "id,key\n", columns: mapping("")})
    town.istres.commits(town.root, {MAPPING: mapping('owner = "istres"\nstatus = "planned"'), ROW_KEYS: None})
    town.amp.commits(town.root, {"registry/imports/parties.toml": mapping('name = "x"', "party")})
    assert town.codes() == []
    town.stranger.commits(town.root, {columns: mapping('type = "mast"')})
    assert town.codes() == [("CHG812", columns)]


def test_a_domain_is_a_hint_and_says_so(town: Town) -> None:
    town.martigues.commits(town.root, {LAMP: support("lamp", "martigues", "out_of_service")})
    (found,) = town.findings()
    assert (found.code, found.severity, found.where.file) == ("CHG813", "warning", LAMP)
    assert "martigues.example.org" in found.message.in_("en")
    assert "agent@" not in found.message.in_("en") + found.message.in_("fr")


@pytest.mark.promise("R9")
def test_what_is_no_address_of_the_domain_hints_at_nobody(town: Town) -> None:
    addresses = (
        *("martigues.example.org", "@martigues.example.org", "agent@", "", "agent@@martigues.example.org"),
        *("agent@elsewhere.example.org@martigues.example.org", "martigues.example.org@"),
        *("agent@x.martigues.example.org", "agent@martigues.example.org."),
        "agent@martigues.example.org@elsewhere.example.org",
    )
    lamps = [LAMP.replace("lamp", f"lamp-{number}") for number in range(len(addresses))]
    for path, address in zip(lamps, addresses, strict=True):
        lamp = {path: support(Path(path).stem, "martigues")}
        Person("x@y.example.org").commits(town.root, lamp, "change", "--author", f"Somebody <{address}>")
    assert town.codes() == [("CHG812", path) for path in lamps]


def test_an_address_is_read_in_any_case(town: Town) -> None:
    Person("Agent@Martigues.EXAMPLE.org").commits(town.root, {LAMP: support("lamp", "martigues", "out_of_service")})
    assert town.codes() == [("CHG813", LAMP)]


def test_authors_are_checked_once_the_base_lists_some(git_repo: Path, keys: dict[str, Key]) -> None:
    """Without anybody listed, a note says so; a party that cannot be read may list somebody."""
    amp = Person("agent@metropole.example.org", keys["amp"])
    files = {SETTINGS: 'name = "Istres"\nmetropole = "amp"\n', ISTRES: party("istres"), POLE: support("pole", "istres")}
    amp.commits(git_repo, files)
    amp.git(git_repo, "checkout", "-qb", "pr")
    amp.commits(git_repo, {POLE: support("pole", "istres", "out_of_service")})
    words = ("validate", "--since", "main", "--as-author-if-listed", "--select", "CHG812")
    done = start(*words, cwd=git_repo)
    assert (done.returncode, "no party lists its writers yet" in done.stderr) == (0, True)
    assert start(*words, "--as-author", cwd=git_repo).returncode == 2  # the stricter one counts
    assert start("validate", "--as-author-if-listed", cwd=git_repo).returncode == 2
    for text, code in ((party("istres", domains=("istres.example.org",)), 1), ("id: istres\nwriters: [\n", 2)):
        amp.git(git_repo, "checkout", "-q", "main")
        amp.commits(git_repo, {ISTRES: text})
        amp.git(git_repo, "checkout", "-q", "pr")
        amp.git(git_repo, "rebase", "-q", "main")
        assert start(*words, cwd=git_repo).returncode == code


def test_a_branch_cannot_grant_itself_rights(town: Town) -> None:
    key = town.keys["stranger"].fingerprint
    town.stranger.commits(town.root, {ISTRES: party("istres", keys=(key,))})
    town.stranger.commits(town.root, {POLE: support("pole", "istres", "out_of_service")})
    town.stranger.commits(town.root, {SETTINGS: '[ownership]\nkeepers = ["stranger"]\n'})
    expected = [("CHG812", ISTRES), ("CHG812", POLE), ("CHG811", SETTINGS), ("CHG812", SETTINGS), ("CHG814", ISTRES)]
    assert sorted(town.codes()) == sorted(expected)
    assert [found for found in town.codes(head=True) if found[0] == "CHG812"] == [
        found for found in town.codes() if found[0] == "CHG812"
    ]


def test_a_hint_cannot_enrol_a_key(town: Town) -> None:
    key = town.keys["stranger"].fingerprint
    town.martigues.commits(town.root, {MARTIGUES: party("martigues", keys=(key,))})
    assert town.codes() == [("CHG813", MARTIGUES), ("CHG814", MARTIGUES), ("CHG816", MARTIGUES)]


def test_the_metropole_answers_for_who_lists_nobody_and_for_schemas(town: Town) -> None:
    mast, new = "registry/supports/13047/mast.yaml", "registry/parties/new.yaml"
    changed = {mast: support("mast", "nobody", "out_of_service"), new: party("new"), SETTINGS: 'metropole = "amp"\n'}
    town.amp.commits(town.root, {**changed})
    assert town.codes() == [("CHG811", SETTINGS)]
    town.istres.commits(town.root, {path: text + "# also\n" for path, text in changed.items()})
    assert sorted(town.codes()) == sorted([("CHG811", SETTINGS), *(("CHG812", path) for path in changed)])


def test_a_transfer_that_the_receiver_writes_and_the_giver_confirms(town: Town) -> None:
    town.istres.commits(town.root, {}, "Before", "--trailer", "Smartreg-Record: support/pole")
    town.amp.commits(town.root, {POLE: support("pole", "amp")})
    assert town.codes() == [("CHG812", POLE), ("CHG814", POLE)]
    town.istres.commits(town.root, {POLE: support("pole", "amp", more="notes: cédé\n")})
    assert town.codes() == [("CHG812", POLE), ("CHG814", POLE)]  # who writes a note agrees to nothing else
    town.istres.commits(town.root, {}, "After", "--trailer", "Smartreg-Record: support/pole")
    assert town.codes() == []


def test_a_signature_that_does_not_hold(town: Town) -> None:
    town.istres.commits(town.root, {POLE: support("pole", "istres", "out_of_service")}, "signed")
    oid = town.istres.git(town.root, "rev-parse", "HEAD")
    raw = subprocess.run(["git", "cat-file", "commit", oid], cwd=town.root, check=True, capture_output=True).stdout
    forged = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=town.root,
        input=raw.replace(b"\nsigned", b"\nforged"),
        check=True,
        capture_output=True,
    )
    town.istres.git(town.root, "reset", "-q", "--hard", forged.stdout.decode().strip())
    assert town.codes() == [("CHG812", POLE), ("CHG815", POLE)]


def test_merging_the_base_in_is_nobodys_change(town: Town) -> None:
    town.istres.commits(town.root, {POLE: support("pole", "istres", "out_of_service")})
    town.istres.git(town.root, "checkout", "-q", "main")
    town.amp.commits(
        town.root, {LAMP: support("lamp", "martigues", more="notes: on main\n"), POLE: POLE_ON_MAIN}, "on main"
    )
    town.istres.git(town.root, "checkout", "-q", "pr")
    town.istres.git(town.root, "merge", "-q", "-m", "merge", "main")
    assert town.codes() == []


POLE_ON_MAIN = support("pole", "istres", more="notes: on main\n")


@pytest.mark.parametrize("parent", ["pr", "main"])
def test_a_merge_that_drops_what_the_base_has_is_the_mergers(town: Town, parent: str) -> None:
    town.istres.commits(town.root, {POLE: support("pole", "istres", "out_of_service")})
    town.istres.git(town.root, "checkout", "-q", "main")
    town.amp.commits(town.root, {LAMP: support("lamp", "martigues", "out_of_service")}, "on main")
    other = "main" if parent == "pr" else "pr"
    tree, parents = town.istres.git(town.root, "rev-parse", "pr^{tree}"), ("-p", parent, "-p", other)
    merge = town.istres.git(town.root, "commit-tree", "-S", tree, *parents, "-m", "merge")
    town.istres.git(town.root, "checkout", "-q", "pr")
    town.istres.git(town.root, "reset", "-q", "--hard", merge)
    assert town.codes() == [("CHG812", LAMP)]


def test_a_merge_may_not_settle_what_belongs_to_others(town: Town) -> None:
    town.martigues.commits(town.root, {LAMP: support("lamp", "martigues", "out_of_service")})
    town.istres.git(town.root, "checkout", "-q", "main")
    town.amp.commits(town.root, {LAMP: support("lamp", "martigues", "planned")}, "on main")
    town.istres.git(town.root, "checkout", "-q", "pr")
    town.istres.git(town.root, "merge", "-q", "-m", "merge", "-X", "ours", "main")
    assert ("CHG812", LAMP) in town.codes()


def test_an_id_that_the_base_took_meanwhile_is_settled_by_the_merge(town: Town) -> None:
    path = "registry/supports/13047/new.yaml"
    town.istres.commits(town.root, {path: support("new", "istres")})
    town.istres.git(town.root, "checkout", "-q", "main")
    town.martigues.commits(town.root, {path: support("new", "martigues")})
    town.istres.git(town.root, "checkout", "-q", "pr")
    town.istres.git(town.root, "merge", "-q", "-m", "merge", "-X", "ours", "main")
    assert town.codes() == [("CHG812", path), ("CHG814", path)]
    town.istres.git(town.root, "reset", "-q", "--hard", "HEAD~1")
    town.istres.commits(town.root, {path: None, path.replace("new", "own"): support("own", "istres")})
    town.istres.git(town.root, "merge", "-q", "-m", "merge", "main")
    assert town.codes() == []


def test_keepers_and_fields_are_settings_of_the_base(git_repo: Path, keys: dict[str, Key]) -> None:
    lay_town(git_repo, keys, '[ownership]\nfields = ["owner"]\nkeepers = ["amp"]\n')
    town = Town(git_repo, keys)
    town.amp.commits(town.root, {POLE: support("pole", "istres", "out_of_service")})
    assert town.codes() == []
    town.istres.commits(town.root, {NET: None})
    assert town.codes() == [("CHG812", NET)]


def test_rights_that_cannot_be_determined(git_repo: Path, keys: dict[str, Key]) -> None:
    lay_town(git_repo, keys, '[ownership]\nfields = ["ownr"]\n')
    town = Town(git_repo, keys)
    with pytest.raises(UsageFault, match="ownr"):
        town.findings()
    town.amp.commits(town.root, {SETTINGS: ""} | {path: party(Path(path).stem) for path in (ISTRES, MARTIGUES)})
    town.amp.commits(town.root, {"registry/parties/amp.yaml": party("amp")})
    town.amp.git(town.root, "checkout", "-qb", "later")
    with pytest.raises(UsageFault, match="writers"):
        town.findings(since="pr")


def test_programs_that_the_configuration_names_do_not_run(town: Town, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n", encoding="utf-8")
    trap.chmod(0o755)
    town.istres.commits(town.root, {POLE: support("pole", "istres", "out_of_service")})
    for name in (
        "gpg.program",
        "gpg.ssh.program",
        "gpg.openpgp.program",
        "gpg.x509.program",
        "gpg.ssh.defaultKeyCommand",
    ):
        town.istres.git(town.root, "config", name, str(trap))
    assert town.codes() == []
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not here")
def test_an_openpgp_key_proves_where_the_keyring_has_it(
    town: Town, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("gpg")
    folder.chmod(0o700)
    monkeypatch.setenv("GNUPGHOME", str(folder))
    quick = ["gpg", "--batch", "--quiet", "--passphrase", "", "--pinentry-mode", "loopback", "--quick-gen-key"]
    subprocess.run([*quick, "writer@martigues.example.org", "ed25519", "sign"], check=True, capture_output=True)
    listed = subprocess.run(["gpg", "--with-colons", "--list-keys"], check=True, capture_output=True, text=True).stdout
    key = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))
    town.amp.git(town.root, "checkout", "-q", "main")
    town.amp.commits(town.root, {MARTIGUES: party("martigues", keys=(key,), domains=("martigues.example.org",))})
    town.amp.git(town.root, "checkout", "-qB", "pr")
    town.martigues.git(town.root, "config", "user.signingKey", key)
    (town.root / LAMP).write_text(support("lamp", "martigues", "out_of_service"), encoding="utf-8")
    town.martigues.git(town.root, "-c", "gpg.format=openpgp", "commit", "-qaS", "-m", "signed by gpg")
    assert town.codes() == []
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False)
    elsewhere = tmp_path_factory.mktemp("gpg")
    elsewhere.chmod(0o700)
    monkeypatch.setenv("GNUPGHOME", str(elsewhere))
    (found,) = town.findings()
    assert (found.code, "keyring" in (found.hint.in_("en") if found.hint else "")) == ("CHG813", True)


def test_the_program(town: Town) -> None:
    town.stranger.commits(town.root, {POLE: None})
    done = start("validate", "--since", "main", "--as-author", "-f", "concise", cwd=town.root)
    assert done.returncode == 1
    assert "CHG812" in done.stdout
    assert start("validate", "--as-author", cwd=town.root).returncode == 2
    assert start("validate", "--since", "main", "--staged", "--as-author", cwd=town.root).returncode == 2
