"""The one YAML parser: libyaml, through the events of PyYAML's `CParser`.

Measured on a record of 580 bytes and 45 events: 30 µs here, 44 µs through `ruamel.yaml.clib` (the same libyaml; its
Python event classes make the difference), which ruamel.yaml no longer installs from 0.19 on; 35 times as long in pure
Python. PyYAML's wheels include libyaml. The C parser gives a plain style as "", the pure one as None, so code here
tests the truth of `style`.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple


class LibYaml(NamedTuple):
    """The parser and the classes of its events."""

    parser: Any
    scalar: Any
    mapping_start: Any
    mapping_end: Any
    sequence_start: Any
    sequence_end: Any
    document_start: Any
    document_end: Any
    stream_end: Any
    alias: Any
    error: type[Exception]


@cache
def libyaml() -> LibYaml:
    """Load the library on first use: it costs 9 ms that `--version` and completion do not need."""
    from yaml import YAMLError, events
    from yaml._yaml import CParser

    return LibYaml(
        CParser,
        events.ScalarEvent,
        events.MappingStartEvent,
        events.MappingEndEvent,
        events.SequenceStartEvent,
        events.SequenceEndEvent,
        events.DocumentStartEvent,
        events.DocumentEndEvent,
        events.StreamEndEvent,
        events.AliasEvent,
        YAMLError,
    )
