"""Forms in a real browser: by keyboard alone and without scripts, for everybody, on a narrow screen."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import pytest
from browser import Seen, launch
from desk import DeskClient, serving
from playwright.sync_api import Browser, Page
from program import copy_example

DEVICE = "/records/equipment/demo-istres-noise-001"
CONVENTION = "/conventions/demo-convention-istres"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskClient]:
    root = copy_example(tmp_path_factory.mktemp("desk") / "root")
    for setting in ("user.name=SIG", "user.email=sig@example.org"):
        subprocess.run(["git", "config", *setting.split("=")], cwd=root, check=True)
    with serving(root) as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as browser:
        yield browser


def enter(browser: Browser, client: DeskClient, **how: object) -> Page:
    """A window of the browser that was let in."""
    context = browser.new_context(viewport={"width": 1100, "height": 900}, **how)  # type: ignore[arg-type]
    name, _, value = client.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": client.address("/")}])
    return context.new_page()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {selector}")


def test_a_party_is_added_by_keyboard_alone_without_scripts(browser: Browser, client: DeskClient) -> None:
    page = enter(browser, client, java_script_enabled=False)
    page.goto(client.address("/add"))
    tab_to(page, 'a[href$="/add/party"]')
    page.keyboard.press("Enter")
    page.wait_for_selector('[name="a.name"]')
    tab_to(page, '[name="a.name"]')
    page.keyboard.type("Ville de Fos")
    tab_to(page, 'button[value="continue"]')
    page.keyboard.press("Enter")

    # What is missing has the focus, and leads to its field.
    page.wait_for_selector(".summary")
    page.wait_for_function("document.activeElement.className === 'summary'")  # autofocus comes after the load
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "a.category"
    page.keyboard.press("ArrowUp")  # the last one: a private company needs no SIREN
    tab_to(page, 'button[value="continue"]')
    page.keyboard.press("Enter")
    page.wait_for_selector('button[value="write"]')
    tab_to(page, "#reason")
    page.keyboard.type("nouvel associé")
    tab_to(page, 'button[value="write"]')
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/written/"))
    assert "Ville de Fos" in page.inner_text("main")
    page.context.close()


@pytest.mark.parametrize(
    ("lang", "scheme", "paths"),
    [("en", "light", ("/add/sensor", f"{CONVENTION}/terminate")), ("fr", "dark", (f"{CONVENTION}/annex",))],
)
def test_forms_serve_everybody(
    lang: str, scheme: str, paths: tuple[str, ...], browser: Browser, client: DeskClient
) -> None:
    """What axe-core finds in a form, its refusals and its review; at 320 px, nothing is cut off."""
    page = enter(browser, client, color_scheme=scheme)
    wrong: dict[str, object] = {}

    def look(name: str) -> None:
        page.wait_for_load_state()  # its text comes before its style sheet, without which all is wider
        page.set_viewport_size({"width": 320, "height": 700})
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.set_viewport_size({"width": 1100, "height": 900})
        found = Seen(page).violations()
        if found or wide > 320:
            wrong[name] = (found, wide)

    for path in paths:
        page.goto(f"{client.address(path)}?lang={lang}")
        look(path)
    page.goto(f"{client.address(f'{DEVICE}/edit')}?lang={lang}")
    page.fill('[name="a.installed_on"]', "2001-01-01")
    page.click("summary")
    page.fill('[name="a.height_m"]', "haut")
    page.click('button[value="continue"]')
    page.wait_for_selector(".summary")
    look("refused")
    page.goto(f"{client.address(f'{DEVICE}/edit')}?lang={lang}")
    page.click("summary")
    page.fill('[name="a.height_m"]', "4.5")
    page.click('button[value="continue"]')
    page.wait_for_selector('button[value="write"]')
    look("review")
    page.context.close()
    assert wrong == {}
