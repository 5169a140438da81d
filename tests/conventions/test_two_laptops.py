"""Two clones of one registry, both offline, add one id for two things: whichever way the merge is settled, nothing is
lost, or the loss is reported."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from conftest import Git
from program import Done, start, write_program
from terminal import talk

from smartreg.features.setup.doctor import register
from smartreg.features.setup.scaffold import ATTRIBUTES
from smartreg.gitio import open_repo
from smartreg.registry import distinguishing_fields, is_same
from smartreg.rules import all_rules, indexed_fields
from smartreg.schema import bundled_files, read_schemas
from smartreg.yamlio import read

KINDS = read_schemas(bundled_files()).kinds
INDEXED = indexed_fields(all_rules().values())
SHARED = "registry/equipment/istres-noise-010.yaml"
OTHER = "registry/equipment/istres-noise-011.yaml"
FLOW = "registry/flows/noise.yaml"
DEVICE = """\
id: istres-noise-010
type: sensor
owner: istres
use_cases: [noise]
status: active
support: {support}
installed_on: "2024-03-11"
dev_eui: "{eui}"
measures:
  - property: noiseLevel
    unit: dB
"""
SUPPORT = 'id: {id}\ntype: street_light\nowner: istres\ninsee_code: "13047"\nlocation: {{lon: {lon}, lat: 43.5}}\n'
FLOW_TEXT = "id: noise\ntitle: Noise\nproducer: istres\nuse_cases: [noise]\nequipment: [{equipment}]\n"
FILES = {
    "smartreg.toml": 'name = "Istres"\n',
    ".gitattributes": ATTRIBUTES,
    "registry/parties/istres.yaml": "id: istres\nname: Istres\ncategory: private\n",
    "registry/use-cases/noise.yaml": "id: noise\ntitle: Noise\nowner: istres\ndomain: noise\nstatus: production\n",
    "registry/supports/13047/ep-1.yaml": SUPPORT.format(id="ep-1", lon=4.98),
    "registry/supports/13047/ep-2.yaml": SUPPORT.format(id="ep-2", lon=4.99),
    "registry/equipment/istres-noise-009.yaml": DEVICE.replace("010", "009").format(
        support="ep-1", eui="70B3D57ED0060009"
    ),
    FLOW: FLOW_TEXT.format(equipment="istres-noise-009"),
}
HUB, LAPTOP = "70B3D57ED006AA01", "70B3D57ED006AA02"  # the DevEUI that was pushed first; that of the other laptop
Laptop: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


def put(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def commit(root: Path, git: Git, files: dict[str, str], message: str = "by hand") -> None:
    put(root, files)
    git("add", "-A", cwd=root)
    git("commit", "-qm", message, cwd=root)


def clone(folder: Path, git: Git) -> Path:
    """A clone of `hub.git` beside it: together they can be copied."""
    git("clone", "-q", "hub.git", folder.name, cwd=folder.parent)
    for name, value in (
        ("user.name", folder.name),
        ("user.email", f"{folder.name}@example.org"),
        ("remote.origin.url", "../hub.git"),
    ):
        git("config", name, value, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def laptops(empty_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository, and two clones that added the same id."""
    folder = tmp_path_factory.mktemp("laptops")
    root = Path(shutil.copytree(empty_repository, folder / "first"))

    def git(*words: str, cwd: Path | None = None) -> str:
        return subprocess.run(["git", *words], cwd=cwd, check=True, capture_output=True, encoding="utf-8").stdout

    commit(root, git, FILES)
    git("clone", "-q", "--bare", "first", "hub.git", cwd=folder)
    omar, nina = (clone(folder / name, git) for name in ("omar", "nina"))
    commit(omar, git, {SHARED: DEVICE.format(support="ep-2", eui=LAPTOP)})
    commit(omar, git, {FLOW: FLOW_TEXT.format(equipment="istres-noise-009, istres-noise-010")})
    commit(nina, git, {SHARED: DEVICE.format(support="ep-1", eui=HUB)})
    git("push", "-q", cwd=nina)
    git("fetch", "-q", cwd=omar)
    return folder


@pytest.fixture
def laptop(laptops: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone that added `istres-noise-010`, and a flow that names it, while another one pushed its own."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return Path(shutil.copytree(laptops, tmp_path / "laptops")) / "omar"


def with_driver(root: Path) -> None:
    program = root.with_name("smartreg")
    write_program(program)
    register(open_repo(root), shlex.quote(str(program)))


def run(root: Path, *words: str) -> Done:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, encoding="utf-8", check=False)


def merge(root: Path, *words: str) -> Done:
    return run(root, "merge", "--no-edit", *words, "origin/main")


def euis(root: Path) -> dict[str, str]:
    found = {}
    for path in sorted((root / "registry/equipment").glob("*.yaml")):
        data = read(path.read_bytes(), "").data or {}
        found[path.stem.removeprefix("istres-noise-")] = data.get("dev_eui", "unreadable")
    return found


def lost(root: Path, *words: str) -> list[tuple[str, str]]:
    """Code and values of the findings about lost records."""
    out = json.loads(start(*words, "--json", cwd=root).stdout)
    rows = [*out.get("findings", []), *(row for one in out.get("traces", []) for row in one["findings"])]
    return [(row["code"], row["message"].split("(")[1]) for row in rows if row["code"] == "AUD915"]


BOTH = {"009": "70B3D57ED0060009", "010": HUB, "011": LAPTOP}


@pytest.mark.promise("R3")
@pytest.mark.parametrize("driver", [True, False])
def test_rename_in_the_merge_keeps_both_with_the_references_of_their_branch(
    laptop: Path, git: Git, driver: bool
) -> None:
    if driver:
        with_driver(laptop)
    done = merge(laptop)
    assert done.returncode == 1
    assert ("smartreg rename equipment/istres-noise-010 NEW-ID" in done.stderr) == driver

    [finding] = json.loads(start("validate", "--select", "REF230", "--json", cwd=laptop).stdout)["findings"]
    assert (finding["file"], finding["severity"]) == (SHARED, "error")
    assert f"dev_eui {LAPTOP}, support ep-2 on our side" in finding["message"]
    assert f"dev_eui {HUB}, support ep-1 on theirs" in finding["message"]
    shown = start("resolve", "istres-noise-010", cwd=laptop)
    assert (shown.returncode, "smartreg rename equipment/istres-noise-010 NEW-ID" in shown.stderr) == (1, True)
    for side in ("--ours", "--theirs"):
        refused = start("resolve", "istres-noise-010", side, cwd=laptop)
        assert (refused.returncode, "one side alone would lose the other" in refused.stderr) == (1, True)

    taken = start("rename", "istres-noise-010", "istres-noise-009", cwd=laptop)
    assert (taken.returncode, "exists already" in taken.stderr) == (2, True)
    renamed = start("rename", "istres-noise-010", "istres-noise-011", cwd=laptop)
    assert renamed.returncode == 0, renamed.stderr
    assert euis(laptop) == BOTH
    assert (read((laptop / FLOW).read_bytes(), "").data or {})["equipment"] == ["istres-noise-009", "istres-noise-011"]
    subprocess.run(renamed.stderr.split("Then: ")[1].split("&& ")[1], cwd=laptop, shell=True, check=True)
    git("commit", "-qm", "merged", cwd=laptop)
    assert git("status", "--porcelain", cwd=laptop) == ""
    assert lost(laptop, "validate", "--since", "origin/main") == lost(laptop, "audit", "--all") == []
    latest = json.loads(start("audit", "--since", "HEAD~1", "--json", cwd=laptop).stdout)["traces"][0]["findings"]
    assert {row["code"] for row in latest} == {"AUD901"}, "the merge commit itself is Git's"


def test_who_is_named_by_both_branches_gets_both(laptop: Path, git: Git) -> None:
    nina = laptop.parent / "nina"
    commit(nina, git, {FLOW: FLOW_TEXT.format(equipment="istres-noise-009, istres-noise-010")})
    git("push", "-q", cwd=nina)
    git("fetch", "-q", cwd=laptop)
    merge(laptop)

    assert start("rename", SHARED, "istres-noise-011", cwd=laptop).returncode == 0
    names = ["istres-noise-009", "istres-noise-010", "istres-noise-011"]
    assert (read((laptop / FLOW).read_bytes(), "").data or {})["equipment"] == names


def test_what_is_in_conflict_itself_follows_on_its_own_side(laptop: Path, git: Git) -> None:
    """The support is doubled too, and both sensors name it."""
    nina, pole = laptop.parent / "nina", "registry/supports/13047/ep-9.yaml"
    for root, lon, eui in ((nina, 4.97, HUB), (laptop, 4.96, LAPTOP)):
        device = DEVICE.format(support="ep-9", eui=eui)
        commit(root, git, {pole: SUPPORT.format(id="ep-9", lon=lon), SHARED: device})
    git("push", "-q", cwd=nina)
    git("fetch", "-q", cwd=laptop)
    merge(laptop)

    assert start("rename", "ep-9", "ep-10", cwd=laptop).returncode == 0
    assert start("rename", "istres-noise-010", "istres-noise-011", cwd=laptop).returncode == 0
    ours, theirs = (read((laptop / file).read_bytes(), "").data or {} for file in (OTHER, SHARED))
    assert (ours["support"], theirs["support"]) == ("ep-10", "ep-9")


def test_the_one_that_nobody_has_yet_is_renamed(laptop: Path, git: Git) -> None:
    """On a main branch that was pushed, the branch that is merged gives way."""
    git("branch", "-q", "feature", cwd=laptop)
    git("reset", "-q", "--hard", "origin/main", cwd=laptop)
    assert run(laptop, "merge", "--no-edit", "feature").returncode == 1

    assert start("rename", "istres-noise-010", "istres-noise-011", cwd=laptop).returncode == 0
    assert euis(laptop) == BOTH
    assert (read((laptop / FLOW).read_bytes(), "").data or {})["equipment"] == ["istres-noise-009", "istres-noise-011"]


@pytest.mark.parametrize("driver", [True, False])
def test_a_rebase_keeps_both_where_it_can(laptop: Path, git: Git, driver: bool) -> None:
    """The commit that is replayed is renamed; where later ones go on with the record, a merge must do it."""
    if driver:
        with_driver(laptop)
    tip = git("rev-parse", "HEAD", cwd=laptop).strip()
    assert run(laptop, "rebase", "origin/main").returncode == 1
    refused = start("rename", "istres-noise-010", "istres-noise-011", cwd=laptop)
    assert (refused.returncode, "git rebase --abort, then git merge" in refused.stderr) == (3, True)
    git("rebase", "--abort", cwd=laptop)

    git("reset", "-q", "--hard", f"{tip}~1", cwd=laptop)
    assert run(laptop, "rebase", "origin/main").returncode == 1
    assert start("rename", "istres-noise-010", "istres-noise-011", cwd=laptop).returncode == 0
    git("add", "-A", cwd=laptop)
    assert run(laptop, "-c", "core.editor=true", "rebase", "--continue").returncode == 0
    assert euis(laptop) == BOTH


def take_ours(root: Path) -> None:
    merge(root)
    run(root, "checkout", "--ours", SHARED)


def field_by_field(root: Path) -> None:
    merge(root)
    for field in ("support", "dev_eui"):
        assert start("resolve", "istres-noise-010", field, "--theirs", cwd=root).returncode == 0


WAYS: dict[str, tuple[Callable[[Path], object], str]] = {
    "merge -X theirs": (lambda root: merge(root, "-X", "theirs"), LAPTOP),
    "merge -s ours": (lambda root: merge(root, "-s", "ours"), HUB),
    "checkout --ours": (take_ours, HUB),
    "resolve FIELD --theirs": (field_by_field, LAPTOP),
}


@pytest.mark.promise("R12")
@pytest.mark.parametrize("way", WAYS)
def test_a_merge_that_lost_one_is_reported(laptop: Path, git: Git, way: str) -> None:
    settle, gone = WAYS[way]
    settle(laptop)
    pending = (laptop / ".git/MERGE_HEAD").exists()
    git("add", "-A", cwd=laptop)
    expected = [("AUD915", f"dev_eui {gone}, support {'ep-1' if gone == HUB else 'ep-2'})")]
    if pending:
        assert lost(laptop, "validate", "--since", "origin/main") == expected
        assert lost(laptop, "validate", "--staged", "--since", "origin/main") == expected
        git("commit", "-qm", "merged", cwd=laptop)
    assert lost(laptop, "validate", "--since", "origin/main") == expected
    assert lost(laptop, "audit", "--all") == lost(laptop, "audit", "--all") == expected

    hint = start("validate", "--since", "origin/main", "--select", "AUD915", cwd=laptop).stdout
    command = hint.split("another id: ")[1].split("\n")[0].replace("NEW-ID", "istres-noise-011")
    program = laptop.with_name("smartreg")
    write_program(program)
    done = subprocess.run(
        command.replace("smartreg add", f"{shlex.quote(str(program))} add"),
        cwd=laptop,
        shell=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert sorted(euis(laptop).values()) == sorted(BOTH.values())
    assert lost(laptop, "validate", "--since", "origin/main") == []


def test_a_merge_of_one_device_that_both_added_is_no_loss(laptop: Path, git: Git) -> None:
    text = DEVICE.format(support="ep-2", eui=HUB)
    commit(laptop, git, {SHARED: text.replace("active", "faulty")})
    git("merge", "--no-edit", "-X", "ours", "origin/main", cwd=laptop)

    assert lost(laptop, "validate", "--since", "origin/main") == lost(laptop, "audit", "--all") == []


def test_resolve_offers_to_keep_both(laptop: Path, git: Git, tmp_path: Path) -> None:
    merge(laptop)
    words = [sys.executable, "-m", "smartreg", "resolve"]
    asked = "r keep both, f field by field, s skip:"
    code, shown = talk(
        words,
        laptop,
        tmp_path,
        [
            ("two records under one id", ""),
            ("main, omar, ", ""),
            (f"  dev_eui {LAPTOP}, support ep-2", ""),
            (asked, "f"),
            ("support", ""),
            ("s skip:", "<"),
            (asked, "r"),
            ("new id for the record of main, omar, ", ""),
            (": ", "istres-noise-009\n"),
            ("exists already", ""),
            ("[istres-noise-011]", "<\n"),
            (asked, "r"),
            ("[istres-noise-011]", "\n"),
            ("Write this? [Y/n] ", "<\n"),
            (asked, "r"),
            ("[istres-noise-011]", "\n"),
            ("Write this? [Y/n] ", "\n"),
        ],
    )

    assert code == 0, shown
    assert f"git add {SHARED} {OTHER} {FLOW}" in " ".join(shown.split()), shown
    assert euis(laptop) == BOTH


def test_skipping_leaves_the_conflict(laptop: Path, tmp_path: Path) -> None:
    merge(laptop)
    before = (laptop / SHARED).read_bytes()
    words = [sys.executable, "-m", "smartreg", "resolve", "--lang", "fr"]
    code, shown = talk(words, laptop, tmp_path, [("s passer :", "s"), ("Écrire ? [O/n] ", "\n")])

    assert (code, (laptop / SHARED).read_bytes()) == (1, before), shown


A, B = "70B3D57ED0060001", "70B3D57ED0060002"
HERE, NEAR, FAR = ({"lon": lon, "lat": 43.5} for lon in (4.98, 4.98003, 4.981))
CASES: list[tuple[str, dict[str, Any], dict[str, Any], tuple[str, ...]]] = [
    ("equipment", {"dev_eui": A}, {"dev_eui": B}, ("dev_eui",)),
    ("equipment", {"dev_eui": A, "support": "x"}, {"dev_eui": A, "support": "y"}, ()),
    ("equipment", {"dev_eui": A, "serial_number": "1"}, {"dev_eui": B, "serial_number": "1"}, ("dev_eui",)),
    ("equipment", {"imei": "1"}, {"dev_eui": B}, ()),
    ("equipment", {"imei": "1", "support": "x"}, {"dev_eui": B, "support": "y"}, ("support",)),
    ("equipment", {"location": HERE}, {"support": "y"}, ()),
    ("equipment", {"status": "planned"}, {"status": "active"}, ()),
    ("support", {"location": HERE}, {"location": NEAR}, ()),
    ("support", {"location": HERE}, {"location": FAR}, ("location",)),
    ("support", {"local_ref": "1", "location": HERE}, {"local_ref": "2", "location": HERE}, ("local_ref",)),
    ("support", {"local_ref": "1", "location": HERE}, {"local_ref": "1", "location": FAR}, ()),
    ("party", {"siren": "211300470", "insee_code": "13047"}, {"siren": "1", "insee_code": "13047"}, ("siren",)),
    ("party", {"name": "Istres"}, {"name": "Miramas"}, ()),
    ("deliberation", {"number": "2024-1"}, {"number": "2024-2"}, ("number",)),
    ("use_case", {"title": "Noise"}, {"title": "Air"}, ()),
]


@pytest.mark.parametrize(("kind", "one", "other", "fields"), CASES)
def test_what_tells_two_records_apart(
    kind: str, one: dict[str, Any], other: dict[str, Any], fields: tuple[str, ...]
) -> None:
    assert distinguishing_fields(KINDS[kind], INDEXED, one, other) == fields
    assert distinguishing_fields(KINDS[kind], INDEXED, other, one) == fields
    assert is_same(fields, one, one)
    assert not fields or not is_same(fields, one, other)
