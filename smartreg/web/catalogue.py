"""The modules that have pages: each has `PAGES`. Loaded when the desk starts; no imports."""

MODULES = (
    "smartreg.web.pages.bilan",
    "smartreg.web.pages.changes",
    "smartreg.web.pages.coverage",
    "smartreg.features.records.page.forms",
    "smartreg.features.records.page.home",
    "smartreg.web.pages.importing",
    "smartreg.web.pages.map",
    "smartreg.web.pages.record",
    "smartreg.web.pages.records",
    "smartreg.features.merge.page",
)

MENU = ("/", "/records", "/add", "/import", "/changes", "/coverage", "/map", "/bilan")
"""The order of the pages that all others lead to."""
