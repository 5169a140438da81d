"""The gate, rehearsed on real clones: a metropole keeps the registry, two partners send branches.

Each act is what a partner does, what the gate says to it, and what becomes of it. Nothing that was accepted is lost.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from program import GIT_CONFIG, Done, start
from signing import Key, Person, new_key

POLE, MAST = "registry/supports/13047/pole-1.yaml", "registry/supports/13047/mast-1.yaml"
SOURCE = f"git+https://example.org/smartreg.git@{'5f' * 20}"
NOISE = "registry/equipment/noise-1.yaml"
# Whether a convention lets one hang something on the other's pole is another play.
SETTINGS = 'name = "R"\nmetropole = "amp"\n[severity]\nCON301 = "off"\n'
SUPPORT = 'id: {}\ntype: street_light\nowner: {}\nstatus: {}\ninsee_code: "13047"\n'
SENSOR = """\
id: {}
type: sensor
owner: {}
use_cases: [noise]
status: planned
support: {}
"""


@dataclass(frozen=True)
class Partner:
    """Somebody with a clone of their own."""

    person: Person
    clone: Path

    def git(self, *words: str) -> str:
        return self.person.git(self.clone, *words)

    def branch(self, name: str) -> None:
        self.git("fetch", "-q", "origin")
        self.git("checkout", "-qB", name, "origin/main")

    def commits(self, files: dict[str, str | None], message: str = "change") -> None:
        self.person.commits(self.clone, files, message)

    def smartreg(self, *words: str) -> Done:
        return start(*words, cwd=self.clone)

    def gate(self) -> tuple[int, list[tuple[str, str]]]:
        """What the pipeline says of the branch: the exit code; code and file of what stops or is shown."""
        done = self.smartreg("validate", "--since", "origin/main", "--as-author", "--json")
        assert done.returncode in (0, 1), done.stderr
        found = json.loads(done.stdout)["findings"]
        return done.returncode, [(one["code"], one["file"]) for one in found if one["severity"] == "error"]

    def lands(self) -> None:
        """The branch passes the gate, and the keeper takes it in."""
        assert self.gate() == (0, []), self.validate_output()
        self.git("push", "-q", "origin", "HEAD:main")

    def validate_output(self) -> str:
        return self.smartreg("validate", "--since", "origin/main", "--as-author").stdout


@dataclass(frozen=True)
class Stage:
    """The repository that everybody pushes to, and who plays."""

    origin: Path
    amp: Partner
    istres: Partner
    fos: Partner

    def text(self, path: str) -> str:
        shown = subprocess.run(["git", "show", f"main:{path}"], cwd=self.origin, check=True, capture_output=True)
        return shown.stdout.decode()

    def sound(self) -> None:
        done = subprocess.run(["git", "fsck", "--strict"], cwd=self.origin, check=False, capture_output=True)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Key]:
    folder = tmp_path_factory.mktemp("keys")
    return {name: new_key(folder, name) for name in ("amp", "istres", "fos")}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, Key]) -> Path:
    """The repository as every act finds it."""
    folder = tmp_path_factory.mktemp("begun")
    (folder / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    done = start("init", "amp", "--ci", "github", "--source", SOURCE, cwd=folder, HOME=str(folder))
    assert done.returncode == 0, done.stderr
    parties = {
        f"registry/parties/{name}.yaml": f"id: {name}\nname: {name}\ncategory: private\n"
        f'writers:\n  keys: ["{key.fingerprint}"]\n'
        for name, key in keys.items()
    }
    records = {
        POLE: SUPPORT.format("pole-1", "istres", "in_service"),
        MAST: SUPPORT.format("mast-1", "istres", "planned"),
        NOISE: SENSOR.format("noise-1", "fos", "pole-1"),
        "registry/use-cases/noise.yaml": "id: noise\ntitle: Noise\nowner: amp\ndomain: noise\nstatus: idea\n",
    }
    person = Person("agent@amp.example.org", keys["amp"])
    person.commits(folder / "amp", {"smartreg.toml": SETTINGS, **parties, **records}, "start")
    return folder / "amp"


@pytest.fixture(scope="module")
def cloned(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository that everybody pushes to, and a clone for each, to be copied."""
    folder = tmp_path_factory.mktemp("cloned")
    origin = folder / "origin.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(begun), str(origin)], check=True)
    subprocess.run(["git", "config", "receive.denyNonFastForwards", "true"], cwd=origin, check=True)
    for name in ("amp", "istres", "fos"):
        subprocess.run(["git", "clone", "-q", "origin.git", name], cwd=folder, check=True)
        subprocess.run(["git", "remote", "set-url", "origin", "../origin.git"], cwd=folder / name, check=True)
    return folder


@pytest.fixture
def stage(cloned: Path, tmp_path: Path, home: Path, keys: dict[str, Key]) -> Stage:
    (home / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    folder = Path(shutil.copytree(cloned, tmp_path / "stage"))
    partners = {name: Partner(Person(f"agent@{name}.example.org", key), folder / name) for name, key in keys.items()}
    return Stage(folder / "origin.git", **partners)


def test_neighbouring_fields_of_one_record(stage: Stage) -> None:
    assert stage.istres.smartreg("doctor", "--fix", "-y").returncode == 0  # registers the merge driver
    operated = SENSOR.format("noise-1", "fos", "pole-1") + "operator: istres\n"
    stage.fos.branch("operator")
    stage.fos.commits({NOISE: operated})
    stage.fos.lands()
    stage.fos.branch("model")
    stage.istres.branch("status")
    stage.fos.commits({NOISE: operated.replace("status: planned\n", "status: planned\nmanufacturer: Kerlink\n")})
    stage.istres.commits({NOISE: operated.replace("status: planned\n", "status: cancelled\n")})
    stage.fos.lands()
    assert stage.istres.gate() == (0, [])
    stage.istres.git("fetch", "-q")
    stage.istres.git("merge", "-q", "--no-edit", "origin/main")
    stage.istres.lands()
    assert "status: cancelled\nmanufacturer: Kerlink\n" in stage.text(NOISE)
    stage.sound()


def test_the_same_id_for_two_devices(stage: Stage) -> None:
    path = "registry/equipment/air-1.yaml"
    for partner in (stage.istres, stage.fos):
        partner.branch("air")
    stage.istres.commits({path: SENSOR.format("air-1", "istres", "pole-1")})
    stage.fos.commits({path: SENSOR.format("air-1", "fos", "mast-1")})
    stage.istres.lands()
    stage.fos.git("fetch", "-q")
    with pytest.raises(subprocess.CalledProcessError):
        stage.fos.git("merge", "-q", "--no-edit", "origin/main")
    done = stage.fos.smartreg("validate", "-f", "concise", "--select", "YML009")
    assert (done.returncode, "owner" in done.stdout, "support" in done.stdout) == (1, True, True), done.stdout
    stage.fos.git("merge", "--abort")
    done = stage.fos.smartreg("rename", "equipment/air-1", "air-2", "-y")
    assert done.returncode == 0, done.stderr
    stage.fos.git("commit", "-q", "--amend", "--no-edit", "-S")
    stage.fos.git("merge", "-q", "--no-edit", "origin/main")
    stage.fos.lands()
    assert "owner: istres" in stage.text(path)
    assert "owner: fos" in stage.text(path.replace("1", "2"))
    stage.sound()


def test_a_support_goes_that_the_other_uses(stage: Stage) -> None:
    stage.istres.branch("remove")
    stage.fos.branch("use")
    stage.istres.commits({MAST: None})
    stage.fos.commits({"registry/equipment/air-1.yaml": SENSOR.format("air-1", "fos", "mast-1")})
    stage.istres.lands()
    assert stage.fos.gate() == (0, [])
    stage.fos.git("fetch", "-q")
    stage.fos.git("merge", "-q", "--no-edit", "origin/main")  # Git sees no conflict
    assert stage.fos.gate() == (1, [("REF201", "registry/equipment/air-1.yaml")])
    assert 'support "mast-1" does not exist' in stage.fos.validate_output()
    stage.fos.commits({"registry/equipment/air-1.yaml": SENSOR.format("air-1", "fos", "pole-1")}, "on another one")
    stage.fos.lands()
    stage.sound()


def test_a_record_of_somebody_else(stage: Stage) -> None:
    stage.fos.branch("theirs")
    stage.fos.commits({POLE: SUPPORT.format("pole-1", "istres", "out_of_service")})
    assert stage.fos.gate() == (1, [("CHG812", POLE)])
    assert "this belongs to istres; commit" in stage.fos.validate_output()
    stage.fos.branch("take-it")
    past = 'previous_owners:\n  - {owner: istres, until: "2024-06-30"}\n'
    stage.fos.commits({POLE: SUPPORT.format("pole-1", "fos", "in_service") + past})
    assert stage.fos.gate() == (1, [("CHG812", POLE), ("CHG814", POLE)])
    stage.istres.git("fetch", "-q", str(stage.fos.clone), "take-it")
    stage.istres.git("checkout", "-qB", "agreed", "FETCH_HEAD")
    stage.istres.git(
        "commit", "-q", "--allow-empty", "-m", "We hand it over", "--trailer", "Smartreg-Record: support/pole-1"
    )
    stage.istres.lands()
    assert "owner: fos" in stage.text(POLE)


def test_a_weaker_schema(stage: Stage) -> None:
    stage.fos.branch("weaker")
    schema = "schemas/equipment.schema.json"
    weaker = json.loads((stage.fos.clone / schema).read_text(encoding="utf-8"))
    weaker["required"] = ["id"]
    air = "registry/equipment/air-1.yaml"
    stage.fos.commits({schema: json.dumps(weaker), air: "id: air-1\ntype: sensor\n"})
    code, found = stage.fos.gate()
    assert (code, ("CHG812", schema) in found, ("SCH101", air) in found) == (1, True, True)
    assert f"this change alters {schema}, against which records are checked" in stage.fos.validate_output()
    stage.fos.branch("own-rights")
    party = "registry/parties/fos.yaml"
    text = (stage.fos.clone / party).read_text(encoding="utf-8")
    stage.fos.commits({"smartreg.toml": '[ownership]\nkeepers = ["fos"]\n', party: f"{text}notes: ours\n"})
    assert stage.fos.gate() == (1, [("CHG812", "smartreg.toml")])


def test_rewritten_history(stage: Stage) -> None:
    anchor = stage.amp.git("rev-parse", "HEAD")
    stage.istres.branch("poles")
    stage.istres.commits({POLE: SUPPORT.format("pole-1", "istres", "out_of_service")})
    stage.istres.lands()
    stage.fos.git("checkout", "-q", "--orphan", "anew")
    stage.fos.git("commit", "-q", "-m", "as if it had always been so")
    done = stage.fos.smartreg("validate", "--since", "origin/main", "--as-author")
    assert (done.returncode, "no common history" in done.stderr) == (3, True), done.stderr
    with pytest.raises(subprocess.CalledProcessError):
        stage.fos.git("push", "-q", "--force", "origin", "HEAD:main")
    audit = stage.fos.smartreg("audit", "--anchor", anchor)
    assert audit.returncode == 1, audit.stdout + audit.stderr
    assert "AUD" in audit.stdout
    assert stage.amp.git("ls-remote", "origin", "main").split()[0] == stage.istres.git("rev-parse", "HEAD")
    assert "out_of_service" in stage.text(POLE)
    stage.sound()
