"""`/records/KIND/ID/label`: the label of one record, as `export -f labels` makes it."""

from __future__ import annotations

from smartreg.commands.export import ExportOptions, export_tables
from smartreg.tables.view import AUDIENCES
from smartreg.web.visit import Answer, Page, Visit, WholePage


def show_label(visit: Visit) -> Answer:
    """The page to print. UsageFault for a record that the public may not see, and where the settings name no
    address."""
    wanted = ExportOptions([visit.parameters["kind"]], [f"id={visit.parameters['id']}"], audience=AUDIENCES[0])
    (file,) = export_tables(visit.workspace, wanted, form="labels", lang=visit.lang).files
    return WholePage(file.content.decode())


PAGES = (Page("/records/{kind}/{id}/label", show_label),)
