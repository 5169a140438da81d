"""Third-party rules: the package of docs/plugin-rules.md, installed for real, and what goes wrong with others."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest
from program import Done, start

Git: TypeAlias = Callable[..., str]

PAGE = Path(__file__).parents[1] / "docs" / "plugin-rules.md"
CAMERA = (
    "id: cam-1\ntype: camera\nowner: istres\nuse_cases: [traffic]\nstatus: active\ninstalled_on: 2024-03-11\n"
    "mobile: true\n"
)
PARTY = "id: istres\nname: Ville d'Istres\ncategory: commune\ninsee_code: '13047'\nsiren: '211300470'\n"
USE_CASE = "id: traffic\ntitle: Trafic\nstatus: active\n"
RULE = '''"""Title.

## Why

Written in the docstring.
"""
from smartreg.rules import Fault, at, rule
from smartreg.core.values import Words

@rule("{code}", "warning", "{scope}", Words("x", "x"), kinds=("equipment",))
def check({parameters}):
    {body}
    yield from ()
'''


def files_on_page() -> dict[str, str]:
    """The files of the page, by the name above each."""
    found = re.findall(r"^`([\w./]+)`\n\n(`{3,})\w+\n(.*?)^\2$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return {path: text for path, _, text in found}


def install(site: Path, name: str, files: Mapping[str, str], points: Mapping[str, str]) -> None:
    """Lay a package out as an installer does: its modules, and a dist-info folder with the entry points."""
    for path, text in files.items():
        target = site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    about = site / f"{name}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    lines = [f"{point} = {module}" for point, module in points.items()]
    (about / "entry_points.txt").write_text("\n".join(["[smartreg.rules]", *lines, ""]), "utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A registry without Git, with one camera."""
    texts = {"equipment/cam-1": CAMERA, "parties/istres": PARTY, "use-cases/traffic": USE_CASE}
    for path, text in texts.items():
        file = tmp_path / "town" / "registry" / f"{path}.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(text, "utf-8")
    name_plugins(tmp_path / "town")
    return tmp_path / "town"


def name_plugins(root: Path, *plugins: str) -> None:
    (root / "smartreg.toml").write_text(f'name = "Istres"\nplugins = {json.dumps(list(plugins))}\n', "utf-8")


def run(root: Path, *words: str) -> Done:
    """The program, with the folder `site` next to the registry on the path of modules."""
    places = (Path(__file__).parents[1], root.parent / "site")
    return start(*words, cwd=root, PYTHONPATH=":".join(map(str, places)), SMARTREG_LANG="en")


def make_plugin(root: Path, code: str = "OWN901", body: str = "", scope: str = "record") -> None:
    """Install a plug-in `own` of one rule and name it in the settings."""
    parameters = {"record": "record, context", "registry": "registry, subjects, context"}[scope]
    text = RULE.format(code=code, scope=scope, parameters=parameters, body=body)
    install(root.parent / "site", "own", {"own_rules.py": text}, {"own": "own_rules"})
    name_plugins(root, "own")


def codes(done: Done) -> list[str]:
    return [finding["code"] for finding in json.loads(done.stdout)["findings"]]


def test_the_package_of_the_page_judges_like_any_rule(root: Path) -> None:
    files = files_on_page()
    points = tomllib.loads(files.pop("pyproject.toml"))["project"]["entry-points"]["smartreg.rules"]
    files["istres_rules/istres902_older.py"] = RULE.format(
        code="ISTRES902", scope="record", parameters="record, context", body=""
    )
    install(root.parent / "site", "istres_rules", files, points)
    assert "ISTRES901" not in codes(run(root, "validate", "--json"))  # installed and not named

    name_plugins(root, "istres")

    assert codes(run(root, "validate", "--json", "--select", "ISTRES")) == ["ISTRES901"]
    page = run(root, "explain", "istres901")
    assert (page.returncode, "maintenance contract" in page.stdout) == (0, True)
    every = run(root, "explain", "--all").stdout
    assert "ISTRES901" in every
    assert "Written in the docstring." in every


def test_a_page_of_smartreg_itself_needs_no_plug_in(root: Path) -> None:
    name_plugins(root, "nowhere")

    assert run(root, "explain", "REF201").returncode == 0
    assert run(root, "explain", "ISTRES901").returncode == 2


@pytest.mark.parametrize("code", ["REF201", "CON999", "REFX901", "own901", "OWN9"])
def test_a_code_that_is_smartregs_or_has_not_the_form_is_refused(root: Path, code: str) -> None:
    make_plugin(root, code)

    done = run(root, "validate")

    assert (done.returncode, code in done.stderr, '"own"' in done.stderr) == (2, True, True)


def test_two_plug_ins_with_one_code_are_refused(root: Path) -> None:
    make_plugin(root)
    text = (root.parent / "site" / "own_rules.py").read_text("utf-8")
    install(root.parent / "site", "other", {"other_rules.py": text}, {"other": "other_rules"})
    name_plugins(root, "own", "other")

    done = run(root, "validate")

    assert done.returncode == 2
    assert all(word in done.stderr for word in ("OWN901", "own_rules", "other_rules"))


@pytest.mark.parametrize("text", ["import nowhere_at_all\n", "def (\n", "1 / 0\n", '"""No rule."""\n'])
def test_a_plug_in_that_cannot_be_loaded_is_named(root: Path, text: str) -> None:
    install(root.parent / "site", "own", {"own_rules.py": text}, {"own": "own_rules"})
    name_plugins(root, "own")

    done = run(root, "validate")

    assert (done.returncode, '"own" (own_rules)' in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr


def test_debug_shows_where_a_plug_in_breaks(root: Path) -> None:
    install(root.parent / "site", "own", {"own_rules.py": "1 / 0\n"}, {"own": "own_rules"})
    name_plugins(root, "own")

    assert "own_rules.py" in run(root, "validate", "--debug").stderr


def test_a_plug_in_that_is_not_installed_is_named(root: Path) -> None:
    install(root.parent / "site", "istres", {}, {"istres": "istres_rules"})
    name_plugins(root, "istre")

    done = run(root, "validate")

    assert (done.returncode, '"istre"' in done.stderr, '"istres"' in done.stderr) == (2, True, True)


@pytest.mark.parametrize(
    ("scope", "body"),
    [
        ("record", "1 / 0"),
        ("registry", "[1 / 0 for _ in subjects]"),
        ("record", "yield 'no fault'"),
        ("record", "yield Fault(at(record), 'x')"),
    ],
)
def test_a_rule_that_breaks_off_is_named_and_the_others_speak(root: Path, scope: str, body: str) -> None:
    (root / "registry" / "equipment" / "cam-2.yaml").write_text(CAMERA.replace("cam-1", "cam-2").replace("istres", "x"))
    make_plugin(root, body=body, scope=scope)

    done = run(root, "validate", "--json")

    assert done.returncode == 70
    assert "REF201" in codes(done)
    assert all(word in done.stderr for word in ("OWN901", "equipment/cam-1", "own_rules"))
    assert "Traceback" not in done.stderr
    assert "Traceback" in run(root, "validate", "--debug").stderr
    assert run(root, "validate", "--ignore", "OWN901").returncode == 1
    assert "la règle OWN901 a échoué sur equipment/cam-1" in run(root, "validate", "--lang", "fr").stderr


def test_a_rule_that_breaks_off_by_no_single_record(root: Path) -> None:
    (root / "registry" / "equipment" / "cam-2.yaml").write_text(CAMERA.replace("cam-1", "cam-2"))
    make_plugin(root, body="1 / (2 - len(subjects))", scope="registry")

    done = run(root, "validate")

    assert (done.returncode, "OWN901 broke off (ZeroDivisionError)" in done.stderr) == (70, True)


def test_a_rule_that_breaks_off_lets_no_write_and_no_comparison_through(root: Path, git: Git) -> None:
    git("init", "-q", cwd=root)
    git("config", "user.name", "Service registre", cwd=root)
    git("config", "user.email", "registre@example.org", cwd=root)
    make_plugin(root, body="1 / 0")
    git("add", "-A", cwd=root)
    git("commit", "-qm", "town", cwd=root)

    written = run(root, "set", "cam-1", "status=faulty", "-y")

    assert (written.returncode, "OWN901" in written.stderr) == (70, True)
    assert git("status", "--porcelain", cwd=root) == ""
    (root / "registry" / "equipment" / "cam-1.yaml").write_text(CAMERA.replace("active", "faulty"), "utf-8")
    compared = run(root, "diff")
    assert (compared.returncode, "equipment/cam-1" in compared.stderr) == (70, True)
