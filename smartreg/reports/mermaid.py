"""A graph as Mermaid text. What could be syntax, HTML or Markdown is escaped as a character code."""

from __future__ import annotations

import re

from smartreg.core.messages import Language
from smartreg.core.styled import visible
from smartreg.reports.flow_graph import STAGES, Graph, Node, Stage

SUFFIX = ".mmd"
# What Mermaid draws around a label: a party is round, equipment a box, a network a hexagon, a flow a cylinder.
SHAPES: dict[Stage, tuple[str, str]] = {
    "party": ("([", "])"),
    "equipment": ("[", "]"),
    "network": ("{{", "}}"),
    "flow": ("[(", ")]"),
    "use_case": ("[[", "]]"),
    "consumer": ("([", "])"),
}
STYLES: dict[Stage, str] = {
    "party": "fill:#fff3d6,stroke:#8a6d1d,color:#1b1b1b",
    "equipment": "fill:#e3f0e6,stroke:#2f6b45,color:#1b1b1b",
    "network": "fill:#e2ecf7,stroke:#2a5a8c,color:#1b1b1b",
    "flow": "fill:#efe6f5,stroke:#6a3d8f,color:#1b1b1b",
    "use_case": "fill:#f7e4e4,stroke:#8c3a3a,color:#1b1b1b",
    "consumer": "fill:#fff3d6,stroke:#8a6d1d,color:#1b1b1b",
}
# Markdown is read in labels too: emphasis anywhere, lists at the beginning.
_ACTS = re.compile(r"[^\w .,:/()×’'-]|_|^-|(?<=^[0-9])\.|(?<=^[0-9][0-9])\.")


def render(graph: Graph, *, lang: Language = "en") -> str:
    """One flowchart, from left to right."""
    names = {node.key: f"n{number}" for number, node in enumerate(graph.nodes, 1)}
    lines = ["flowchart LR"]
    for node in graph.nodes:
        left, right = SHAPES[node.stage]
        lines.append(f'  {names[node.key]}{left}"{_label(node, lang)}"{right}:::{node.stage}')
    lines += [f"  {names[edge.start]} {'-.->' if edge.bare else '-->'} {names[edge.end]}" for edge in graph.edges]
    lines += [
        f"  classDef {stage} {STYLES[stage]}" for stage in STAGES if any(node.stage == stage for node in graph.nodes)
    ]
    return "".join(f"{line}\n" for line in lines)


def _label(node: Node, lang: Language) -> str:
    text = " ".join(visible(node.words.in_(lang)).split()) or " "
    return _ACTS.sub(lambda character: f"#{ord(character[0])};", text)
