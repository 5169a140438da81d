"""A graph in the DOT language of Graphviz. Labels are quoted strings in which nothing is an escape or an entity."""

from __future__ import annotations

from smartreg.core.messages import Language
from smartreg.core.styled import visible
from smartreg.reports.flow_graph import STAGES, Graph, Node, Stage

SUFFIX = ".dot"
SHAPES: dict[Stage, str] = {
    "party": "oval",
    "equipment": "box",
    "network": "hexagon",
    "flow": "cylinder",
    "use_case": "note",
    "consumer": "oval",
}


def render(graph: Graph, *, lang: Language = "en") -> str:
    """One directed graph, from left to right, a rank for each stage."""
    names = {node.key: f"n{number}" for number, node in enumerate(graph.nodes, 1)}
    lines = ["digraph registry {", "  rankdir=LR;", '  charset="UTF-8";', '  node [fontname="sans-serif"];']
    for stage in STAGES:
        nodes = [node for node in graph.nodes if node.stage == stage]
        if nodes:
            lines.append(f"  {{ rank=same; node [shape={SHAPES[stage]}];")
            lines += [f'    {names[node.key]} [label="{_label(node, lang)}"];' for node in nodes]
            lines.append("  }")
    dashed = {True: " [style=dashed]", False: ""}
    lines += [f"  {names[edge.start]} -> {names[edge.end]}{dashed[edge.bare]};" for edge in graph.edges]
    return "".join(f"{line}\n" for line in (*lines, "}"))


def _label(node: Node, lang: Language) -> str:
    text = " ".join(visible(node.words.in_(lang)).split()) or " "
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
