"""The desk in a real browser: every page in both languages, light and dark, narrow, without JavaScript, by keyboard."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import launch
from conventions import FILES, place
from desk import DeskClient, serving
from playwright.sync_api import Browser
from program import copy_example
from tab import open_desk

from smartreg.web.serve import EntryFile

ID = "/records/equipment/demo-istres-noise-001"
REFUSED = "/../"  # what the browser makes of it is above our pages
PAGES = (
    REFUSED,
    "/",
    "/records?q=istres",
    ID,
    "/records/convention/demo-convention-istres",
    f"{ID}/fields",
    "/coverage",
    "/nothing",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as found:
        yield found


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskClient]:
    """The example, cloned from a remote, with a commit to send."""
    folder = tmp_path_factory.mktemp("desk")
    root = copy_example(folder / "root")
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run([*git, "clone", "--quiet", "--bare", str(root), str(folder / "remote.git")], check=True)
    subprocess.run([*git, "remote", "add", "origin", str(folder / "remote.git")], cwd=root, check=True)
    subprocess.run([*git, "fetch", "--quiet", "origin"], cwd=root, check=True)
    convention = root / "registry/conventions/demo-convention-istres.yaml"
    convention.write_text(re.sub("(?m)^title: .*", f"title: {'Une convention de plus, ' * 7}", convention.read_text()))
    subprocess.run([*git, "commit", "--quiet", "-am", "Call it by a long name"], cwd=root, check=True)
    with serving(root) as client:
        yield client


@pytest.mark.parametrize(("lang", "scheme", "wide"), [("fr", "light", 1280), ("en", "dark", 320)])
def test_every_page_is_accessible(browser: Browser, client: DeskClient, lang: str, scheme: str, wide: int) -> None:
    """320 px are also 1280 at 400 %."""
    with open_desk(browser, client, viewport={"width": wide, "height": 800}, color_scheme=scheme) as seen:
        for path in PAGES:
            seen.page.goto(client.address(path) + ("&" if "?" in path else "?") + f"lang={lang}")
            assert seen.page.locator("html").get_attribute("lang") == lang
            assert seen.violations() == [], path
            for width in (wide, wide // 2) if wide > 640 else (wide,):  # also at 200 %
                seen.page.set_viewport_size({"width": width, "height": 800})
                assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, path
            seen.page.set_viewport_size({"width": wide, "height": 800})
        assert seen.trouble == []


def test_the_file_lets_a_browser_in_and_a_form_arrives_without_javascript(
    browser: Browser, client: DeskClient, tmp_path: Path
) -> None:
    entry = EntryFile("fr")
    try:
        assert entry.path.stat().st_mode & 0o077 == 0
        client.desk.access.renewed = entry.write
        client.desk.access.renew()
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(entry.path.as_uri())
        page.wait_for_url(client.address("/"))
        assert page.locator("h1").inner_text() == "Work"
        page.get_by_role("searchbox").fill("noise")
        page.get_by_role("searchbox").press("Enter")
        page.get_by_role("link", name="demo-istres-noise-001", exact=True).click()
        page.wait_for_url(client.address(ID))
        page.goto(client.address("/"))
        page.get_by_role("button", name="Send to desk/").click()
        assert page.locator("h1").inner_text() == "Sent"
        context.close()
    finally:
        entry.remove()


def test_the_keyboard_reaches_everything_in_order(browser: Browser, client: DeskClient) -> None:
    with open_desk(browser, client, viewport={"width": 1280, "height": 800}) as seen:
        page = seen.page
        page.goto(client.address(ID))
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
        stops = page.locator("a, button, input, select, summary, [tabindex='0']").count()
        page.goto(client.address(ID))
        reached = set()
        for _ in range(stops):
            page.keyboard.press("Tab")
            style = "getComputedStyle(document.activeElement).outlineStyle"
            assert page.evaluate(style) != "none"
            reached.add(
                page.evaluate("document.activeElement.outerHTML + document.activeElement.getBoundingClientRect().top")
            )
        assert len(reached) == stops
        assert seen.trouble == []


def test_another_page_of_the_same_browser_gets_nothing(browser: Browser, client: DeskClient, tmp_path: Path) -> None:
    """A form, a frame, a picture and a script of a page on disk, in the browser that was let in."""
    base = client.address("")
    page = tmp_path / "evil.html"
    page.write_text(
        f"<iframe src='{base}/'></iframe><img src='{base}/'><script src='{base}/'></script>"
        f"<form method='post' action='{base}/send'><button>go</button></form>"
    )
    with open_desk(browser, client) as seen:
        answers: dict[str, int] = {}
        seen.page.on("response", lambda got: answers.update({got.url: got.status}))
        seen.page.goto(page.as_uri())
        seen.page.get_by_role("button").click()
        seen.page.wait_for_load_state()
        got = {url: status for url, status in answers.items() if url.startswith("http")}
        assert set(got) == {client.address("/"), client.address("/send")}
        assert set(got.values()) <= {401, 403}


def test_the_day_of_the_map_is_a_slider_and_its_records_have_pages(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slider fills in the field that is sent; the list and the details of a point lead to the pages of records."""
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-03-01T10:00:00+0100")
    root = tmp_path / "root"
    for path, text in FILES.items():
        place(root, path, text)
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.org")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "by hand"]):
        subprocess.run([*git, *words], cwd=root, check=True)
    with serving(root, "fr") as client, open_desk(browser, client, viewport={"width": 1280, "height": 900}) as seen:
        page = seen.page
        page.goto(client.address("/map"))
        slider = page.get_by_role("slider", name="Jour")
        slider.press("Home")
        slider.press("ArrowRight")
        assert slider.get_attribute("aria-valuetext") == "2 mars 2024"
        assert page.locator("#at").input_value() == "2024-03-02"
        page.get_by_role("button", name="Montrer", exact=True).click()
        page.wait_for_url("**/map?at=2024-03-02*")
        assert page.get_by_role("slider", name="Jour").input_value() == "1"
        page.locator("#list").get_by_role("button", name="hosted").click()
        path = str(page.locator("#details-title a").get_attribute("href")).removeprefix(client.desk.access.base)
        assert path == "/records/equipment/hosted"
        for link in page.locator("#list th a").all():
            path = str(link.get_attribute("href")).removeprefix(client.desk.access.base)
            assert client.get(path).status == 200
        assert seen.violations() == []
        assert seen.trouble == []
