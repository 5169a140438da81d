"""Reference to a registry that is no source of this one."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.spelling import did_you_mean
from smartreg.core.values import Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.registry import alias_of
from smartreg.rules.rule import rule


@rule("REF221", "error", "record", Message("reference to an unknown registry"))
def check(record: Record, context: Context) -> Iterator[Fault]:
    sources = context.config.sources
    for link in context.schemas.kinds[record.rid.kind].links_abroad(record):
        alias = alias_of(link.target)
        if alias is not None and alias not in sources:
            yield Fault(
                at(record, *link.path),
                Message(
                    '{name} {target}: no source of this registry is called "{alias}"',
                    name=path_text(link.path),
                    target=link.target,
                    alias=alias,
                ),
                did_you_mean(alias, sources, Message("add [sources.{alias}] to smartreg.toml", alias=alias)),
            )
