"""Third-party rules: the package of docs/plugin-rules.md, installed for real, and what goes wrong with others.

Where the start of Python is the point, one starts in an environment of its own; elsewhere a plug-in is installed for
this process."""

from __future__ import annotations

import json
import os
import re
import site
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from catalogues import compile_all
from conftest import Git
from program import ROOT, Done
from small import Runs, runs

from smartreg.rules import all_rules

__all__ = ["runs"]

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


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder into which packages are installed for this process."""
    folder = tmp_path / "site"
    monkeypatch.setattr(site, "getsitepackages", lambda: [str(folder)])
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])
    all_rules.cache_clear()
    yield folder
    all_rules.cache_clear()
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None)).startswith(f"{folder}/"):
            del sys.modules[name]


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


def run_python(root: Path, *words: str, **environ: str) -> Done:
    """That environment's Python, in the registry."""
    environment(root.parent)
    return subprocess.run(
        [str(root.parent / "env" / "bin" / "python"), *words],
        cwd=root,
        env={**os.environ, "SMARTREG_LANG": "en", **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def make_plugin(site: Path, root: Path, code: str = "OWN901", body: str = "", scope: str = "record") -> None:
    """Install a plug-in `own` of one rule and name it in the settings."""
    parameters = {"record": "record, context", "registry": "registry, subjects, context"}[scope]
    text = RULE.format(code=code, scope=scope, parameters=parameters, body=body)
    install(site, "own", {"own_rules.py": text}, {"own": "own_rules"})
    name_plugins(root, "own")


def codes(printed: str) -> list[str]:
    return [finding["code"] for finding in json.loads(printed)["findings"]]


def test_the_package_of_the_page_judges_like_any_rule(root: Path) -> None:
    files = files_on_page()
    points = tomllib.loads(files.pop("pyproject.toml"))["project"]["entry-points"]["smartreg.rules"]
    files["istres_rules/istres902_older.py"] = RULE.format(
        code="ISTRES902", scope="record", parameters="record, context", body=""
    )
    install(environment(root.parent), "istres_rules", files, points)
    program = ("-m", "smartreg")
    assert "ISTRES901" not in codes(run_python(root, *program, "validate", "--json").stdout)  # installed and not named

    name_plugins(root, "istres")

    found = run_python(root, *program, "validate", "--json", "--select", "ISTRES")
    assert codes(found.stdout) == ["ISTRES901"]
    every = run_python(root, *program, "explain", "--all").stdout
    assert "ISTRES901" in every
    assert "maintenance contract" in every
    assert "Written in the docstring." in every


def test_a_page_of_smartreg_itself_needs_no_plug_in(root: Path, installed: Path, runs: Runs) -> None:
    make_plugin(installed, root)
    assert runs("explain", "own901", "-C", str(root))[0] == 0
    name_plugins(root, "nowhere")

    assert runs("explain", "REF201", "-C", str(root))[0] == 0
    assert runs("explain", "OWN901", "-C", str(root))[0] == 2


@pytest.mark.parametrize("code", ["REF201", "CON999", "REFX901", "own901", "OWN9"])
def test_a_code_that_is_smartregs_or_has_not_the_form_is_refused(
    root: Path, installed: Path, runs: Runs, code: str
) -> None:
    make_plugin(installed, root, code)

    exit_code, _, err = runs("validate", "-C", str(root))

    assert (exit_code, code in err, '"own"' in err) == (2, True, True)


def test_two_plug_ins_with_one_code_are_refused(root: Path, installed: Path, runs: Runs) -> None:
    make_plugin(installed, root)
    text = (installed / "own_rules.py").read_text("utf-8")
    install(installed, "other", {"other_rules.py": text}, {"other": "other_rules"})
    name_plugins(root, "own", "other")

    exit_code, _, err = runs("validate", "-C", str(root))

    assert exit_code == 2
    assert all(word in err for word in ("OWN901", "own_rules", "other_rules"))


@pytest.mark.parametrize("text", ["import nowhere_at_all\n", "def (\n", "1 / 0\n", '"""No rule."""\n'])
def test_a_plug_in_that_cannot_be_loaded_is_named(root: Path, installed: Path, runs: Runs, text: str) -> None:
    install(installed, "own", {"own_rules.py": text}, {"own": "own_rules"})
    name_plugins(root, "own")

    exit_code, _, err = runs("validate", "-C", str(root))

    assert (exit_code, '"own" (own_rules)' in err) == (2, True)
    assert "Traceback" not in err


def test_debug_shows_where_a_plug_in_breaks(root: Path, installed: Path, runs: Runs) -> None:
    install(installed, "own", {"own_rules.py": "1 / 0\n"}, {"own": "own_rules"})
    name_plugins(root, "own")

    assert "own_rules.py" in runs("validate", "-C", str(root), "--debug")[2]


def test_a_plug_in_that_is_not_installed_is_named(root: Path, installed: Path, runs: Runs) -> None:
    install(installed, "istres", {}, {"istres": "istres_rules"})
    name_plugins(root, "istre")

    exit_code, _, err = runs("validate", "-C", str(root))

    assert (exit_code, '"istre"' in err, '"istres"' in err) == (2, True, True)


@pytest.mark.parametrize(
    ("scope", "body"),
    [
        ("record", "1 / 0"),
        ("registry", "[1 / 0 for _ in subjects]"),
        ("record", "yield 'no fault'"),
        ("record", "yield Fault(at(record), 'x')"),
    ],
)
def test_a_rule_that_breaks_off_is_named_and_the_others_speak(
    root: Path, installed: Path, runs: Runs, scope: str, body: str
) -> None:
    (root / "registry" / "equipment" / "cam-2.yaml").write_text(CAMERA.replace("cam-1", "cam-2").replace("istres", "x"))
    make_plugin(installed, root, body=body, scope=scope)

    exit_code, out, err = runs("validate", "-C", str(root), "--json")

    assert exit_code == 70
    assert "REF201" in codes(out)
    assert all(word in err for word in ("OWN901", "equipment/cam-1", "own_rules"))
    assert "Traceback" not in err


def test_a_rule_that_breaks_off_is_shown_whole_or_left_out(root: Path, installed: Path, runs: Runs) -> None:
    make_plugin(installed, root, body="1 / 0")

    assert "Traceback" in runs("validate", "-C", str(root), "--debug")[2]
    assert runs("validate", "-C", str(root), "--ignore", "OWN901")[0] == 1
    assert "la règle OWN901 a échoué sur equipment/cam-1" in runs("validate", "-C", str(root), "--lang", "fr")[2]


def test_a_rule_that_breaks_off_by_no_single_record(root: Path, installed: Path, runs: Runs) -> None:
    (root / "registry" / "equipment" / "cam-2.yaml").write_text(CAMERA.replace("cam-1", "cam-2"))
    make_plugin(installed, root, body="1 / (2 - len(subjects))", scope="registry")

    exit_code, _, err = runs("validate", "-C", str(root))

    assert (exit_code, "OWN901 broke off (ZeroDivisionError)" in err) == (70, True)


def test_a_rule_that_breaks_off_lets_no_write_and_no_comparison_through(
    root: Path, installed: Path, runs: Runs, git: Git
) -> None:
    git("init", "-q", cwd=root)
    git("config", "user.name", "Service registre", cwd=root)
    git("config", "user.email", "registre@example.org", cwd=root)
    make_plugin(installed, root, body="1 / 0")
    git("add", "-A", cwd=root)
    git("commit", "-qm", "town", cwd=root)

    exit_code, _, err = runs("set", "-C", str(root), "cam-1", "status=faulty", "-y")

    assert (exit_code, "OWN901" in err) == (70, True)
    assert git("status", "--porcelain", cwd=root) == ""
    (root / "registry" / "equipment" / "cam-1.yaml").write_text(CAMERA.replace("active", "faulty"), "utf-8")
    exit_code, _, err = runs("diff", "-C", str(root))
    assert (exit_code, "equipment/cam-1" in err) == (70, True)


STARTS = {
    "-m": ("-m", "smartreg", "validate"),
    "-c": ("-c", "import smartreg; print(smartreg.open('.').validate())"),
}


@pytest.mark.promise("R8", "R10")
@pytest.mark.parametrize("way", STARTS)
def test_a_plug_in_that_lies_in_the_registry_is_not_installed(root: Path, way: str) -> None:
    """Wherever Python would look for it, even if the settings name it; each place alone would do."""
    for where in ("", "registry", "elsewhere", "evil-1.0-py3.11.egg", "egg"):
        install(root / where, "evil", {"evil_rules.py": "open('marked', 'w').close()\n"}, {"evil": "evil_rules"})
    for where, name in (("evil-1.0-py3.11.egg", "EGG-INFO"), ("egg", "../evil.egg-info")):
        about = root / where / "evil-1.0.dist-info"
        (about / "METADATA").rename(about / "PKG-INFO")
        about.rename(root / where / name)
    (root / "here.pth").write_text("import evil_rules\n")
    name_plugins(root, "evil")

    found_by = os.pathsep.join(("registry", f"{root}/elsewhere", ".", "evil-1.0-py3.11.egg"))
    for environ in ({}, {"PYTHONPATH": found_by}):
        done = run_python(root, *STARTS[way], **environ)

        assert '"evil" named in smartreg.toml is not installed' in done.stderr
        assert done.returncode == (2 if way == "-m" else 1)
        assert not (root / "marked").exists()


@pytest.mark.promise("R8", "R10")
@pytest.mark.parametrize("way", STARTS)
def test_a_module_of_the_registry_does_not_stand_in_for_an_installed_one(root: Path, way: str) -> None:
    """Neither in the current folder nor on PYTHONPATH."""
    make_plugin(environment(root.parent), root, body="yield Fault(at(record), Words('installed', 'installed'))")
    for folder in (root, root / "elsewhere"):
        folder.mkdir(exist_ok=True)
        (folder / "own_rules.py").write_text("open('marked', 'w').close()\n")

    done = run_python(root, *STARTS[way], PYTHONPATH=str(root / "elsewhere"))

    assert "installed" in done.stdout
    assert not list(root.rglob("marked"))


CATALOGUE = """msgid ""
msgstr "Plural-Forms: nplurals=2; plural=n>1;\\n"

msgid "{id} is seen"
msgstr "on voit {id}"
"""


def test_a_rule_speaks_the_languages_of_its_catalogues(root: Path, tmp_path: Path) -> None:
    body = "yield Fault(at(record), from_domain('istres')('{id} is seen', id=record.rid.id))"
    make_plugin(environment(root.parent), root, body=body)
    source = tmp_path / "locale" / "fr" / "LC_MESSAGES" / "istres.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE)
    compile_all(tmp_path / "locale")

    french = (*STARTS["-m"], "--lang", "fr")
    assert "on voit " in run_python(root, *french, SMARTREG_LOCALE=str(tmp_path / "locale")).stdout
    assert " is seen" in run_python(root, *french).stdout


def test_the_words_of_older_rules_work_for_one_more_version(root: Path, installed: Path, runs: Runs) -> None:
    make_plugin(installed, root, body="yield Fault(at(record), Words('in old words', 'dit à la façon ancienne'))")
    with pytest.warns(DeprecationWarning, match=r"Words\(en, fr\) is now Localized"):
        _, out, _ = runs("validate", "-C", str(root), "--lang", "fr")
    assert "dit à la façon ancienne" in out


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
