"""A real browser for the tests of pages: the one that `scripts/get_browser.py` finds, with the network off."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

FINDER = Path(__file__).parents[2] / "scripts" / "get_browser.py"
# One page at a time is drawn here: what a browser does for many of them costs a quarter of the processor's time.
LEAN = ("--in-process-gpu", "--num-raster-threads=1", "--renderer-process-limit=1", "--disable-site-isolation-trials")
# A browser that looks for updates or for its maker's hosts would speak to the network before the page does.
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
)
GRAVE = ("serious", "critical")


@contextmanager
def launch() -> Iterator[Browser]:
    """A browser; the test fails, and says what to install, where there is none."""
    found = subprocess.run([sys.executable, str(FINDER)], capture_output=True, encoding="utf-8", check=False)
    if found.returncode:
        pytest.fail(found.stderr.strip(), pytrace=False)
    environ = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}  # dies of a clock moved so
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.stdout.strip(), args=[*QUIET, *LEAN], env={**environ}
        )
        yield browser
        browser.close()


@dataclass
class Seen:
    """A page that is open, and all that it did which it must not do."""

    page: Page
    trouble: list[str] = field(default_factory=list)

    def note(self, what: str, counts: bool = True) -> None:
        if counts:
            self.trouble.append(what)

    def text(self, where: str) -> str:
        return self.page.locator(where).inner_text()

    def grave(self, *within: str) -> list[Any]:
        """What axe-core finds serious or critical, in the page or within some elements: the rule and first places."""
        return [found[1:] for found in self.violations(*within) if found[0] in GRAVE]

    def violations(self, *within: str) -> list[Any]:
        """All that axe-core finds, in the page or within some elements: how grave it is, the rule and first places."""
        context = {"include": [[selector] for selector in within]} if within else None
        self.page.evaluate("Promise.allSettled(document.getAnimations().map(one => one.finished)).then(() => null)")
        found = Axe().run(self.page, context, {"resultTypes": ["violations"]}).response["violations"]
        return [(item["impact"], item["id"], [node["html"][:200] for node in item["nodes"][:3]]) for item in found]


@contextmanager
def open_page(
    browser: Browser, file: Path, *, lang: str = "en-GB", wide: int = 1280, scheme: Literal["light", "dark"] = "light"
) -> Iterator[Seen]:
    """Open a file from disk. Errors, warnings of the console and requests for anything else are trouble."""
    context = browser.new_context(viewport={"width": wide, "height": 900}, locale=lang, offline=True,
                                  color_scheme=scheme)  # fmt: skip
    page = context.new_page()
    seen = Seen(page)
    own = file.as_uri()
    page.on("console", lambda said: seen.note(said.text, said.type in ("error", "warning")))
    page.on("pageerror", lambda error: seen.note(str(error)))
    page.on("dialog", lambda dialog: seen.note(f"dialog: {dialog.message}"))
    page.on("request", lambda asked: seen.note(asked.url, asked.url != own))
    page.goto(own)
    try:
        yield seen
    finally:
        context.close()
