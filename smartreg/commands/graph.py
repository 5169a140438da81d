"""`graph`: the data flows, from parties to use cases, as the text of a diagram."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import cast

from smartreg.commands.choice import refuse_unknown_audience, refuse_unknown_format
from smartreg.core.messages import Language
from smartreg.core.values import RecordId
from smartreg.reports.flow_graph import Graph, graph
from smartreg.tables.view import view
from smartreg.workspace.workspace import Workspace, record_named

FORMATS = ("mermaid", "dot")


def data_graph(
    workspace: Workspace,
    records: Sequence[str],
    *,
    at: str | None,
    audience: str,
    each: bool,
) -> Graph:
    """Of the whole registry, or of what passes by the records. UsageFault for an unknown record or audience."""
    refuse_unknown_audience(audience)
    registry = workspace.registry(at, use_current_schemas=True).load_all()
    about = {record_named(registry, word) for word in records}
    return graph(view(registry, audience), frozenset[RecordId](about), each=each)


def draw_graph(flows: Graph, form: str, lang: Language) -> str:
    """The text of a graph in a format; UsageFault for an unknown one."""
    refuse_unknown_format(form, FORMATS)
    return cast(str, importlib.import_module(f"smartreg.reports.{form}").render(flows, lang=lang))
