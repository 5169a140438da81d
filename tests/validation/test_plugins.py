"""Third-party rules: the package of docs/plugin-rules.md, installed for real, and what goes wrong with others."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest
from catalogues import compile_all
from program import ROOT, Done

Git: TypeAlias = Callable[..., str]

PAGE = Path(__file__).parents[2] / "docs" / "plugin-rules.md"
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
from smartreg.rules import Fault, Localized, Message, Words, at, from_domain, rule

@rule("{code}", "warning", "{scope}", Localized.of(en="x", fr="x"), kinds=("equipment",))
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


def environment(folder: Path) -> Path:
    """The site folder of a new environment in `folder`/env, whose Python finds smartreg and its libraries elsewhere."""
    site = folder / "env" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    if not site.exists():
        site.mkdir(parents=True)
        base = Path(sys.executable).resolve()
        (folder / "env" / "bin").mkdir()
        (folder / "env" / "bin" / "python").symlink_to(base)
        (folder / "env" / "pyvenv.cfg").write_text(f"home = {base.parent}\n")
        (site / "libraries.pth").write_text("\n".join((str(ROOT), sysconfig.get_path("purelib"))))
    return site


def run_python(root: Path, *words: str, folder: str = "", **environ: str) -> Done:
    """That environment's Python, in a folder of the registry."""
    environment(root.parent)
    return subprocess.run(
        [str(root.parent / "env" / "bin" / "python"), *words],
        cwd=root / folder,
        env={**os.environ, "SMARTREG_LANG": "en", **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def run(root: Path, *words: str) -> Done:
    """The program in an environment of its own."""
    return run_python(root, "-m", "smartreg", *words)


def make_plugin(root: Path, code: str = "OWN901", body: str = "", scope: str = "record") -> None:
    """Install a plug-in `own` of one rule and name it in the settings."""
    parameters = {"record": "record, context", "registry": "registry, subjects, context"}[scope]
    text = RULE.format(code=code, scope=scope, parameters=parameters, body=body)
    install(environment(root.parent), "own", {"own_rules.py": text}, {"own": "own_rules"})
    name_plugins(root, "own")


def codes(done: Done) -> list[str]:
    return [finding["code"] for finding in json.loads(done.stdout)["findings"]]


def test_the_package_of_the_page_judges_like_any_rule(root: Path) -> None:
    files = files_on_page()
    points = tomllib.loads(files.pop("pyproject.toml"))["project"]["entry-points"]["smartreg.rules"]
    files["istres_rules/istres902_older.py"] = RULE.format(
        code="ISTRES902", scope="record", parameters="record, context", body=""
    )
    install(environment(root.parent), "istres_rules", files, points)
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
    text = (environment(root.parent) / "own_rules.py").read_text("utf-8")
    install(environment(root.parent), "other", {"other_rules.py": text}, {"other": "other_rules"})
    name_plugins(root, "own", "other")

    done = run(root, "validate")

    assert done.returncode == 2
    assert all(word in done.stderr for word in ("OWN901", "own_rules", "other_rules"))


@pytest.mark.parametrize("text", ["import nowhere_at_all\n", "def (\n", "1 / 0\n", '"""No rule."""\n'])
def test_a_plug_in_that_cannot_be_loaded_is_named(root: Path, text: str) -> None:
    install(environment(root.parent), "own", {"own_rules.py": text}, {"own": "own_rules"})
    name_plugins(root, "own")

    done = run(root, "validate")

    assert (done.returncode, '"own" (own_rules)' in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr


def test_debug_shows_where_a_plug_in_breaks(root: Path) -> None:
    install(environment(root.parent), "own", {"own_rules.py": "1 / 0\n"}, {"own": "own_rules"})
    name_plugins(root, "own")

    assert "own_rules.py" in run(root, "validate", "--debug").stderr


def test_a_plug_in_that_is_not_installed_is_named(root: Path) -> None:
    install(environment(root.parent), "istres", {}, {"istres": "istres_rules"})
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


def test_a_rule_that_breaks_off_is_shown_whole_or_left_out(root: Path) -> None:
    make_plugin(root, body="1 / 0")

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


LAID_OUT: dict[str, tuple[str, dict[str, str]]] = {  # where, and the environment in which it would be found
    "dist-info": ("", {}),
    "dist-info below": ("registry", {"PYTHONPATH": "registry"}),
    "PYTHONPATH": ("elsewhere", {"PYTHONPATH": "{root}/elsewhere"}),
    "here on PYTHONPATH": ("", {"PYTHONPATH": "."}),
    "egg-info": ("", {}),
    "egg": ("evil-1.0-py3.11.egg", {"PYTHONPATH": "evil-1.0-py3.11.egg"}),
}
STARTS = {
    "-m": ("-m", "smartreg", "validate"),
    "-c": ("-c", "import smartreg; print(smartreg.open('.').validate())"),
}


@pytest.mark.promise("R8", "R10")
@pytest.mark.parametrize("how", LAID_OUT)
@pytest.mark.parametrize("way", STARTS)
def test_a_plug_in_that_lies_in_the_registry_is_not_installed(root: Path, how: str, way: str) -> None:
    """Wherever Python would look for it, and even if the settings name it."""
    where, environ = LAID_OUT[how]
    install(root / where, "evil", {"evil_rules.py": "open('marked', 'w').close()\n"}, {"evil": "evil_rules"})
    about = root / where / "evil-1.0.dist-info"
    if how == "egg-info":
        (about / "METADATA").rename(about / "PKG-INFO")
        about.rename(root / "evil.egg-info")
    if how == "egg":
        (about / "METADATA").rename(about / "PKG-INFO")
        about.rename(root / where / "EGG-INFO")
    (root / "here.pth").write_text("import evil_rules\n")
    name_plugins(root, "evil")

    paths = {name: text.format(root=root) for name, text in environ.items()}
    done = run_python(root, *STARTS[way], folder="", **paths)

    assert '"evil" named in smartreg.toml is not installed' in done.stderr
    assert done.returncode == (2 if way == "-m" else 1)
    assert not (root / "marked").exists()


@pytest.mark.promise("R8", "R10")
@pytest.mark.parametrize("way", STARTS)
def test_a_module_of_the_registry_does_not_stand_in_for_an_installed_one(root: Path, way: str) -> None:
    make_plugin(root, body="yield Fault(at(record), Words('installed', 'installed'))")
    (root / "own_rules.py").write_text("open('marked', 'w').close()\n")
    for done in (
        run_python(root, *STARTS[way]),
        run_python(root, *STARTS[way], folder="registry", PYTHONPATH=str(root)),
    ):
        assert "installed" in done.stdout
        assert not list(root.rglob("marked"))


CATALOGUE = """msgid ""
msgstr "Plural-Forms: nplurals=2; plural=n>1;\\n"

msgid "{id} is seen"
msgstr "on voit {id}"
"""


def test_a_rule_speaks_the_languages_of_its_catalogues(root: Path, tmp_path: Path) -> None:
    make_plugin(root, body="yield Fault(at(record), from_domain('istres')('{id} is seen', id=record.rid.id))")
    source = tmp_path / "locale" / "fr" / "LC_MESSAGES" / "istres.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE)
    compile_all(tmp_path / "locale")

    french = (*STARTS["-m"], "--lang", "fr")
    assert "on voit " in run_python(root, *french, SMARTREG_LOCALE=str(tmp_path / "locale")).stdout
    assert " is seen" in run_python(root, *french).stdout


def test_the_words_of_older_rules_work_for_one_more_version(root: Path) -> None:
    make_plugin(root, body="yield Fault(at(record), Words('in old words', 'dit à la façon ancienne'))")
    assert "dit à la façon ancienne" in run_python(root, *STARTS["-m"], "--lang", "fr").stdout
    warned = run_python(root, "-W", "default", *STARTS["-m"])
    assert "DeprecationWarning: Words(en, fr) is now Localized" in warned.stderr


def test_what_lies_in_the_registry_does_not_say_how_smartreg_was_installed(root: Path) -> None:
    """Neither which libraries an extra needs nor where pipelines install it from."""
    about = root / "smartreg-9.dist-info"
    about.mkdir()
    requires = "Requires-Dist: evil; extra == 'xlsx'\n"
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: smartreg\nVersion: 9\n{requires}")
    (about / "direct_url.json").write_text(
        json.dumps({"url": "https://evil.example/x.git", "vcs_info": {"vcs": "git", "commit_id": "0" * 40}})
    )
    line = (
        "from smartreg.core.installation import install_command\n"
        "from smartreg.commands.pipelines import install_source\n"
        "print(install_command('xlsx').in_('en'), install_source())"
    )
    done = run_python(root, "-c", line)
    assert done.returncode == 0, done.stderr
    assert "evil" not in done.stdout
