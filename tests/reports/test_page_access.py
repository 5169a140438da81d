"""What a screen reader is told of the page, and what its keyboard reaches, in a real browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from browser import launch, open_page
from exports import commit_all, smartreg
from playwright.sync_api import Browser, Page

SIGNS = "↕▲▼▸▾"  # drawn for the eye
NAMED = {"button", "link", "image", "combobox", "searchbox", "table", "application", "navigation", "search", "region"}
AT = "document.activeElement"
SEEN = """() => {
  const [node, bar] = [document.activeElement, document.getElementById('contents').getBoundingClientRect()];
  const [box, style] = [node.getBoundingClientRect(), getComputedStyle(node)];
  const shown = [node, ...node.children].some((one) => getComputedStyle(one).outlineStyle !== 'none');
  const free = node.closest('#contents, .skip, #top') || box.bottom > bar.bottom;
  const there = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return [node.tagName + ' ' + (node.id || node.textContent.slice(0, 40)), shown && there && Boolean(free)];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as found:
        yield found


@pytest.fixture(scope="module")
def page_file(golden_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a registry whose territory is a métropole, with supports in two communes."""
    root = Path(shutil.copytree(golden_base, tmp_path_factory.mktemp("page") / "registry"))
    (support,) = (root / "registry/supports").rglob("*.yaml")
    text = support.read_text("utf-8").replace("id: istres-ep-1", "id: miramas-ep-1").replace('"13047"', '"13063"')
    (root / "registry/supports/13063").mkdir()
    (root / "registry/supports/13063/miramas-ep-1.yaml").write_text(text, "utf-8")
    with (root / "smartreg.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[territory]\nepci_siren = "200054807"\n')
    file = root.parent / "r.html"
    done = smartreg("report", "-o", str(file), cwd=commit_all(root))
    assert done.returncode == 0, done.stderr.decode()
    return file


def spoken(page: Page) -> list[tuple[str, str, dict[str, Any]]]:
    """Role, name and properties of what the browser hands to a screen reader, in reading order."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    by_id = {node["nodeId"]: node for node in nodes}

    def walk(node: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
        if not node.get("ignored"):
            told = {item["name"]: item["value"].get("value") for item in node.get("properties", ())}
            yield node["role"]["value"], node.get("name", {}).get("value", ""), told
        for id in node.get("childIds", ()):
            if id in by_id:
                yield from walk(by_id[id])

    return list(walk(nodes[0]))


def test_a_screen_reader_is_told_names_and_no_signs(page_file: Path, browser: Browser) -> None:
    with open_page(browser, page_file, lang="fr-FR", wide=1400) as seen:
        page = seen.page
        page.locator("#conventions .disclose").first.click()
        page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
        page.wait_for_timeout(300)
        told = spoken(page)
        assert [(role, name) for role, name, _ in told if role in NAMED and not name.strip()] == []
        assert [name for _, name, _ in told if set(name) & set(SIGNS)] == []
        assert [role for role, _, _ in told if role in ("banner", "navigation", "main", "search")] == [
            "banner", "navigation", "main", "search"]  # fmt: skip
        levels = [told["level"] for role, _, told in told if role == "heading"]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        images = [name for role, name, _ in told if role == "image"]
        (istres,) = [name for name in images if name.startswith("Istres")]
        assert re.fullmatch(r"Istres\xa0: [1-9]\d*", istres)  # and that name is not said again beside the symbol
        assert [name for role, name, _ in told if role == "StaticText"].count("Pertuis") == 0
        assert any(re.match(r"Par trimestre\. installés\xa0: \d+ en T\d ", name) for name in images)
        assert page.locator("svg[role=img] > :not([aria-hidden])").count() == 0  # Firefox reads what an image holds
        live = [told["live"] for role, _, told in told if role == "status"]
        assert live == ["polite"]
        assert seen.violations() == []
        assert seen.trouble == []


def test_every_stop_of_the_keyboard_is_in_sight_and_none_is_a_trap(page_file: Path, browser: Browser) -> None:
    with open_page(browser, page_file, wide=1400) as seen:
        page = seen.page
        stops = []
        for _ in range(400):
            page.keyboard.press("Tab")
            if page.evaluate(f"{AT} === document.body"):
                break
            stops.append(page.evaluate(SEEN))
        assert [name for name, fine in stops if not fine] == []
        assert stops[0][0].startswith("A Skip")
        assert stops[-1][0] == "SUMMARY References to verify this page"
        assert len(stops) < 200
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(f"{AT}.tagName") == "SUMMARY"
        assert seen.trouble == []


def test_the_focus_stays_with_the_reader(page_file: Path, browser: Browser) -> None:
    with open_page(browser, page_file, wide=1400) as seen:
        page = seen.page
        page.focus("#list tbody th button")
        name = page.evaluate(f"{AT}.textContent")
        page.keyboard.press("Enter")
        assert page.evaluate(f"{AT}.id") == "details-title"
        page.keyboard.press("Escape")
        assert page.evaluate(f"{AT}.textContent") == name
        page.evaluate("window.live = document.getElementById('found')")
        page.fill("#search", "istres")
        counted = seen.text("#found")
        page.focus("#ask .act button")
        page.keyboard.press("Enter")  # clears the filters, and the count is told where it was before
        assert page.evaluate(f"[{AT}.textContent, live.isConnected, live.textContent]")[:2] == ["Clear filters", True]
        assert seen.text("#found") != counted
        assert page.input_value("#search") == ""
        page.click("#by-commune summary")
        page.focus("#by-commune tbody button")
        page.keyboard.press("Enter")
        assert page.evaluate(f"{AT}.id") == "explorer-title"
        assert page.input_value("#filter-commune") == "13047"
        assert seen.trouble == []
