"""What README.md says before its first command holds in a registry as `init --ci` makes it: every sentence, played."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from conftest import Git
from desk import serving
from desk_forms import write
from pipelines import put_programs, shell
from program import GIT_CONFIG, ROOT, Done, start
from terminal import talk

import smartreg
from smartreg.cli.shell import complete

SCREEN = " ".join((ROOT / "README.md").read_text("utf-8").partition("## Install")[0].split())
SOURCE = f"git+https://example.org/smartreg.git@{'5f' * 20}"
AMP, SENSOR = "metropole-d-aix-marseille-provence", "equipment/istres-noise-001"
CASE = ("--use-case", "noise-observatory")
RECORDS = f"""
add-deliberation --id cadre --number IVIS-009-13539/23/BM --body {AMP} --date 2023-03-16 --subject Conventions
add-convention --id istres-2023 --title Istres --party {AMP} --party istres --family installation --family connectivity
 --family data --status signed --deliberation cadre --signed-on 2023-12-01 --effective-until 2029-12-31
add-support --id istres-ep-00412 --type street_light --owner istres --insee-code 13047 --location-lon 4.98747
 --location-lat 43.51345 --status in_service
add-network --id amp-lorawan --name LoRaWAN --technology lorawan --operator {AMP} --access shared --shared-with istres
 --set lorawan.region=EU863-870 --status in_service
add-use-case --id noise-observatory --title Bruit --owner {AMP} --domain noise --status pilot
add-sensor --id istres-noise-001 --support istres-ep-00412 --owner {AMP} --use-case noise-observatory
 --network amp-lorawan --dev-eui 70B3D57ED0061234 --measure noiseLevel --installed-on 2024-03-11
add-flow --id noise-istres --title Bruit --producer {AMP} --consumer istres --equipment istres-noise-001
 --access restricted --personal-data-involved false --use-case noise-observatory --status active --started-on 2024-04-01
"""


def says(sentence: str) -> None:
    """The page says this, so that what is played here is what it promises."""
    assert sentence in SCREEN


def run(root: Path, *words: str, **environ: str) -> Done:
    done = start(*words, cwd=root, **environ)
    assert done.returncode == 0, (words, done.stderr)
    return done


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry of the Métropole with its pipeline, as its defaults make it, and the records of one sensor."""
    folder = tmp_path_factory.mktemp("first")
    (folder / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    init = ("init", "registry", "--epci", "200054807", "--ci", "github", "--source", SOURCE, "-y")
    run(folder, *init, HOME=str(folder))
    for words in RECORDS.strip().replace("\n ", " ").splitlines():
        run(folder / "registry", *words.split(), "-y", HOME=str(folder))
    return folder / "registry"


@pytest.fixture(autouse=True)
def identity(home: Path) -> None:
    (home / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")


def test_it_records_and_can_prove_later(registry: Path, git: Git) -> None:
    says("whose sensor hangs on whose pole, which network carries its data, who receives it, under which convention")
    says("and since when, and who changed the record and why")
    book = smartreg.open(registry)
    sensor, flow = book.records("equipment")[0], book.records("flow")[0]
    fields = ("owner", "support", "network", "installed_on")
    assert [sensor[name] for name in fields] == [AMP, "istres-ep-00412", "amp-lorawan", "2024-03-11"]
    assert (flow["equipment"], flow["consumers"]) == (["istres-noise-001"], ["istres"])
    covers = json.loads(run(registry, "coverage", SENSOR, "--json").stdout)["covers"]
    assert {(cover["family"], cover["state"], cover["conventions"][0]["id"]) for cover in covers} == {
        ("installation", "covered", "istres-2023"),
        ("data", "covered", "istres-2023"),
    }
    run(registry, "set", SENSOR, "status=faulty", "--reason", "no message for a week", "-y")
    log = run(registry, "log", SENSOR, "--json").stdout
    assert all(words in log for words in ("Service registre", "no message for a week"))
    run(registry, "audit", "seal")
    run(registry, "audit", "verify")


def test_in_the_field(registry: Path, home: Path, git: Git) -> None:
    says("`smartreg add-sensor` asks for what is missing, rejects what cannot be true, and commits the result")
    refused = start("add-sensor", "--support", "istres-ep-0412", "--owner", AMP, *CASE, "-y", cwd=registry)
    assert (refused.returncode, git("status", "--porcelain", cwd=registry)) == (1, "")
    words = [sys.executable, "-m", "smartreg", "add-sensor", "--support", "istres-ep-00412", "--owner", AMP, *CASE]
    words += ["--id", "istres-noise-002", "--network", "amp-lorawan", "--measure", "noiseLevel", "--status", "planned"]
    asked = [("DevEUI", "A8\n"), ("DevEUI", "A84041000181C2D3\n"), ("Serial number", "\n"), ("Write this?", "y\n")]
    code, shown = talk(words, registry, home, asked)
    assert code == 0, shown
    assert git("show", "--format=%an %s", "--name-only", cwd=registry).split("\n") == [
        "Service registre Add equipment/istres-noise-002",
        "",
        "registry/equipment/istres-noise-002.yaml",
        "",
    ]


def test_at_the_desk(registry: Path, git: Git) -> None:
    says("`smartreg web` shows the same registry in a browser, with the same forms and commits")
    by_terminal = shutil.copytree(registry, registry.with_name("terminal"))
    run(by_terminal, "set", SENSOR, "status=faulty", "-y")
    with serving(registry) as client:
        assert "istres-noise-001" in client.get(f"/records/{SENSOR}").text
        write(client, f"/records/{SENSOR}/edit", {"status": "faulty"})
    shown = ("show", "--format=%an %s", "HEAD")
    assert git(*shown, cwd=registry) == git(*shown, cwd=by_terminal)


def test_at_a_partners(registry: Path, git: Git) -> None:
    says("schemas and rules check each pull request, and nobody can change on their own what binds others")
    says("([once the parties list who writes for them](docs/gate.md), and the forge requires the check)")
    put_programs(registry.parent / "bin")
    flow = yaml.safe_load((registry / ".github/workflows/registry.yml").read_text("utf-8"))
    (job,) = flow["jobs"].values()
    line = next(step["run"] for step in reversed(job["steps"]) if "validate" in step.get("run", ""))

    def check(change: str, name: str, value: str) -> int:
        """The verdict of the pipeline, as it was written, on a pull request of the Métropole's engineer."""
        git("update-ref", "refs/remotes/origin/main", "main", cwd=registry)
        git("checkout", "-qB", "pr", "main", cwd=registry)
        file = registry / change
        text = re.sub(rf"(?m)^{name}: .*", f"{name}: {value}", file.read_text("utf-8"))
        file.write_text(text, encoding="utf-8")
        git("commit", "-qam", "change", cwd=registry)
        done = shell(registry, line, BASE="main")
        git("checkout", "-q", "main", cwd=registry)
        return done.returncode

    mine, pole = f"registry/{SENSOR}.yaml", "registry/supports/13047/istres-ep-00412.yaml"
    theirs = "registry/parties/istres.yaml"
    assert check(mine, "status", "unheard-of") == 1  # a schema
    assert check(mine, "status", "active") == 0  # of our own
    assert check(pole, "status", "removed") == 1  # a rule: a sensor hangs there
    assert check(theirs, "name", "Ville d'Istres") == 0  # nobody has listed yet who writes for them
    run(registry, "set", "party/istres", "writers.domains+=istres.example.org", "-y")
    run(registry, "set", f"party/{AMP}", "writers.domains+=example.org", "-y")
    assert (check(mine, "status", "faulty"), check(theirs, "name", "Ville d'Istres")) == (0, 1)


def test_before_the_council(registry: Path) -> None:
    says("the *bilan* (report) that the deliberation requires, as one page that opens from disk")
    run(registry, "report", "-f", "html", "-o", "bilan.html")
    page = (registry / "bilan.html").read_text("utf-8")
    assert not re.search(r"""(?:\bsrc\s*=|<link[^>]*href\s*=|url\(|@import)\s*["']?(?:https?:)?//""", page)


def test_for_analysts(registry: Path) -> None:
    says("CSV, Excel, GeoPackage, Parquet, NGSI-LD, SQL and Python, for any day")
    run(registry, "retire", SENSOR, "--on", "2026-01-31", "-y")
    formats = {"csv": "", "xlsx": ".xlsx", "gpkg": ".gpkg", "parquet": "", "ngsi-ld": ".jsonld"}
    for form, end in formats.items():
        run(registry, "export", "equipment", "-f", form, "--at", "HEAD~1", "-o", f"out/{form}{end}")
        assert (registry / "out" / f"{form}{end}").exists()
    with (registry / "out/csv/equipment.csv").open(encoding="utf-8") as file:
        assert [row["status"] for row in csv.DictReader(file)] == ["installed"]
    asked = ("query", "SELECT status FROM equipment", "-f", "csv")
    assert [run(registry, *asked, *at).stdout.split() for at in ((), ("--at", "HEAD~1"))] == [
        ["status", "removed"],
        ["status", "installed"],
    ]
    assert smartreg.open(registry, at="HEAD~1").rows("equipment")[0]["status"] == "installed"


@pytest.mark.parametrize("siren", ["243100518", "243400017"])
def test_for_any_french_metropolis(tmp_path: Path, siren: str) -> None:
    says("`smartreg init --epci SIREN` starts a registry for any French metropolis from the official codes")
    run(tmp_path, "init", "registry", "--epci", siren, "-y")
    run(tmp_path / "registry", "validate", "--fail-on", "warning")
    named = " ".join(path.read_text("utf-8") for path in (tmp_path / "registry").rglob("*.toml"))
    assert not re.search("marseille|200054807", named, re.IGNORECASE)


BENCH = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Bench",
    "type": "object",
    "required": ["id", "colour", "owner"],
    "properties": {
        "id": {"$ref": "common.schema.json#/$defs/id"},
        "colour": {"type": "string", "enum": ["green", "grey"], "x-column": {"name": "colour", "fr": "couleur"}},
        "owner": {"$ref": "common.schema.json#/$defs/id", "x-ref": "party"},
    },
    "unevaluatedProperties": False,
}


def test_one_schema_file_defines_a_kind(registry: Path, git: Git) -> None:
    says("One schema file defines a kind: commands, completion, checks, CSV columns and French headings follow from it")
    says("One record, one YAML file under `registry/`")
    says("One command, one commit")
    (registry / "schemas/bench.schema.json").write_text(json.dumps(BENCH), encoding="utf-8")
    git("add", "schemas", cwd=registry)
    git("commit", "-qm", "Benches", cwd=registry)
    before, files = (int(git("rev-list", "--count", "HEAD", cwd=registry)), len(records_of(registry)))
    refused = start("add-bench", "--id", "quai", "--colour", "blue", "--owner", "istres", "-y", cwd=registry)
    assert (refused.returncode, "must be one of green, grey" in refused.stdout) == (1, True)
    run(registry, "add-bench", "--id", "quai", "--colour", "green", "--owner", "istres", "-y")
    assert int(git("rev-list", "--count", "HEAD", cwd=registry)) == before + 1
    assert len(records_of(registry)) == files + 1
    place = {"SMARTREG_DIRECTORY": str(registry)}
    assert complete(["add-ben"], place).split() == ["add-bench"]
    assert [line.partition("\t")[0] for line in complete(["add-bench", "--colour", ""], place).splitlines()] == [
        "green",
        "grey",
    ]
    assert run(registry, "export", "bench", "-f", "csv", "--lang", "fr").stdout.splitlines()[0].startswith("id,couleur")


def records_of(registry: Path) -> list[Path]:
    return list((registry / "registry").rglob("*.yaml"))
