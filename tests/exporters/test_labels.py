"""Labels: what a camera and a person read on them, and what they refuse."""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import segno
from conftest import Git
from exports import make_export

from smartreg.cli.run import run
from smartreg.core.errors import UsageFault
from smartreg.features.roundtrip.verify import verify
from smartreg.schema.settings_file import read_config
from smartreg.workspace.workspace import open_workspace

SUPPORT = "registry/supports/13047/istres-ep-1.yaml"


@pytest.fixture
def root(golden_registry: Path, git: Git) -> Path:
    """The registry of the golden files, with a support that the public may see."""
    support = golden_registry / SUPPORT
    support.write_text(support.read_text("utf-8").replace("visibility: internal", "visibility: public"), "utf-8")
    git("commit", "--quiet", "--all", "--message=public")
    return golden_registry


def page_of(root: Path, *kinds: str, **wanted: Any) -> str:
    (file,) = make_export(root, *kinds, form="labels", **wanted).files
    return file.content.decode()


def labels_of(page: str) -> list[tuple[list[list[bool]], list[str]]]:
    """Of each label the modules of its code, drawn anew from the SVG, and its texts."""
    labels = []
    for label in re.findall(r'<li class="label">(.*?)</li>', page):
        side = int(re.search(r'viewBox="0 0 (\d+) \1"', label)[1])  # type: ignore[index]
        modules = [[False] * side for _ in range(side)]
        x, y = 0.0, 0.0
        for step, numbers in re.findall(r"([Mmh])([-\d. ]+)", re.search(r' d="([^"]*)"', label)[1]):  # type: ignore[index]
            values = [float(number) for number in numbers.split()]
            if step == "h":
                for column in range(int(x), int(x + values[0])):
                    modules[int(y)][column] = True
                x += values[0]
            else:
                x, y = (values[0], values[1]) if step == "M" else (x + values[0], y + values[1])
        labels.append((modules, [html.unescape(text) for text in re.findall(r"<p class[^>]*>(.*?)</p>", label)]))
    return labels


def code_of(text: str) -> list[list[bool]]:
    """The modules of a code at level Q with the quiet zone that ISO/IEC 18004 asks for."""
    code = segno.make_qr(text, error="q", boost_error=False)
    return [[bool(module) for module in row] for row in code.matrix_iter(border=4)]


def test_a_label_says_id_name_and_address_in_clear_and_as_a_code(root: Path) -> None:
    assert labels_of(page_of(root, "supports", lang="fr")) == [
        (
            code_of("https://objects.example.org/support/istres-ep-1"),
            [
                "istres-ep-1",
                "candélabre (lampadaire) · -12.5 · a;=1+1;b",
                "https://objects.example.org/support/istres-ep-1",
            ],
        )
    ]
    addresses = [texts[-1] for _, texts in labels_of(page_of(root))]
    assert addresses == [
        "https://objects.example.org/support/istres-ep-1",
        "https://objects.example.org/equipment/istres-noise-0",
        "https://objects.example.org/equipment/istres-noise-1",
    ]


def test_a_sheet_holds_24_labels(root: Path) -> None:
    text = (root / SUPPORT).read_text("utf-8")
    for number in range(2, 26):
        place = root / SUPPORT.replace("ep-1", f"ep-{number}")
        place.write_text(text.replace("istres-ep-1", f"istres-ep-{number}"), "utf-8")
    sheets = re.findall(r'<ul class="sheet">(.*?)</ul>', page_of(root, "support"), re.DOTALL)
    assert [sheet.count('<li class="label">') for sheet in sheets] == [24, 1]


def test_names_are_text(root: Path) -> None:
    support = root / SUPPORT
    hostile = "</li></ul><script>alert(1)</script>##[group]"
    support.write_text(support.read_text("utf-8").replace("a;=1+1;b", hostile), "utf-8")
    page = page_of(root, "supports")
    assert "<script>" not in page
    assert "##[" not in page
    ((_, texts),) = labels_of(page)
    assert "</li></ul><script>alert(1)</script>" in texts[1]


def test_only_the_public_has_labels(root: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    support = root / SUPPORT
    support.write_text(support.read_text("utf-8").replace("visibility: public", "visibility: internal"), "utf-8")
    with pytest.raises(UsageFault, match="for the public"):
        make_export(root, "supports", form="labels", audience="internal")
    assert run(["-C", str(root), "export", "supports", "-f", "labels"]) == 0
    assert b"istres-ep-1<" not in capsysbinary.readouterr().out


@pytest.mark.parametrize(
    ("settings", "kinds", "message"),
    [
        ("", ["support"], "names no address"),
        ('[labels]\naddress = "https://x.example.org/{id}"\n', ["party"], "not for party"),
        ('[labels]\naddress = "https://x.example.org/{id}"\n', ["support", "party"], "not for party"),
    ],
)
def test_what_has_no_labels(root: Path, settings: str, kinds: list[str], message: str) -> None:
    (root / "smartreg.toml").write_text(settings, "utf-8")
    with pytest.raises(UsageFault, match=message):
        make_export(root, *kinds, form="labels")


@pytest.mark.parametrize(
    "address",
    [
        "http://x.example.org/{id}",
        "https://x.example.org/",
        "https://x.example.org/{id}/{owner}",
        "https://user:word@x.example.org/{id}",
        "https://{id}.example.org/",
        "https://localhost/{id}",
        "https://x.example.org/{id}\\u0020",
        'https://x.example.org/{id}\\"',
        "javascript:https://x.example.org/{id}",
        f"https://x.example.org/{'x' * 100}/{{id}}",
    ],
)
def test_an_address_is_https_and_of_one_record(address: str) -> None:
    with pytest.raises(UsageFault, match=r"labels\.address"):
        read_config(f'[labels]\naddress = "{address}"\n'.encode())


def test_without_segno(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "segno", None)
    with pytest.raises(UsageFault, match="extra") as fault:
        make_export(root, form="labels")
    assert fault.value.hint is not None
    assert "segno>=" in fault.value.hint.in_("en")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_sheet_is_verified(root: Path, tmp_path: Path, git: Git, lang: str) -> None:
    file = tmp_path / "labels.html"
    file.write_text(page_of(root, "supports", lang=lang), "utf-8")
    git("commit", "--quiet", "--allow-empty", "--message=later")
    assert verify(open_workspace(root), file).same == "bytes"
    file.write_text(file.read_text("utf-8").replace("istres-ep-1", "istres-ep-2"), "utf-8")
    assert verify(open_workspace(root), file).same == "no"
