"""Cover in words: between whom, by which convention, for which reason; what is lost, and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from smartreg.core.messages import Message, Text, joined, verbatim
from smartreg.domain.coverage import Own, why_not_covered
from smartreg.domain.covers import SOURCE, Cover, Ground, ground_of
from smartreg.domain.losses import Loss
from smartreg.domain.titles import Title
from smartreg.schema import ITEM, Kind
from smartreg.wording.record_counts import count_by_kind

GROUNDS: dict[Ground, Text] = {
    "named": Message("the record names it"),
    "network": Message("the network names it"),
    "parties": Message("both are parties to it"),
    "third_party": Message("it admits the third party to data"),
}
SCOPED = {
    "installation": Message("the support is in its scope"),
    "connectivity": Message("the network is in its scope"),
}
SCOPES = {"installation": ("supports", "insee_codes", "official_codes"), "connectivity": ("networks",)}


def family(conventions: Kind, name: str) -> Text:
    """The label of a family of intervention."""
    fields = (conventions.by_path.get(path) for path in (("families",), ("families", ITEM)))
    labels = {key: words for field in fields if field is not None for key, words in field.labels.items()}
    return labels.get(name, verbatim(name))


def describe_way(cover: Cover) -> Text:
    """Between whom, and through what."""
    exchange = cover.exchange
    partners, through = ", ".join(exchange.partners), exchange.through
    if exchange.field == SOURCE:
        return Message("equipment of {user} → producer {partners}", user=exchange.user, partners=partners)
    if through is None:
        return verbatim(f"{exchange.user} → {partners}")
    id, user = through.rid.id, exchange.user
    if exchange.family == "installation":
        return Message("{user} on support {id} ({partners})", user=user, id=id, partners=partners)
    return Message("{user} on network {id} ({partners})", user=user, id=id, partners=partners)


def term(title: Title) -> Text:
    """From when to when it is in force; both days included."""
    start, last = title.start or "…", title.last
    if last is None:
        return Message("{start} → no known end", start=start)
    return verbatim(f"{start} → {last}")


def count_uncovered(covers: Iterable[Cover], on: date) -> Text:
    """The number of records of each kind that have no cover on a day."""
    count = count_by_kind(Counter(rid.kind for rid in {cover.record.rid for cover in covers}))
    if count is None:
        return Message("On {on}, everything that needs a convention has one.", on=on)
    return Message("Without cover on {on}: {count}.", on=on, count=count)


def describe_own(own: Own) -> Text:
    """Why what passes between a party and itself needs no convention."""
    return Message("{id} is used by its owner: no convention is needed", id=own.through.rid)


def is_in_scope(cover: Cover, title: Title) -> bool:
    """Whether its scope names what this passes through."""
    return any(field in title.scope for field in SCOPES.get(cover.exchange.family, ()))


def ground(cover: Cover, title: Title) -> Text:
    """The reason why the convention counts."""
    why = GROUNDS[ground_of(cover, title)]
    if not is_in_scope(cover, title):
        return why
    more = SCOPED[cover.exchange.family]
    return Message("{why}, {more}", why=why, more=more)


def describe_cover(cover: Cover, on: date) -> Text:
    """Say what covers it on the day, or why nothing does or has to."""
    lapsed = why_not_covered(cover, on)
    if lapsed is not None and cover.state(on) != "uncovered":
        return lapsed
    if lapsed is None:
        grounds = [
            Message("{title}, {term}: {ground}", title=_by_act(title), term=term(title), ground=ground(cover, title))
            for title in cover.by(on)
        ]
        all_grounds = joined(grounds, Message("; also by "))
        return Message("covered by {grounds}", grounds=all_grounds)
    last = cover.remove_by(on)
    if last is None:
        return Message("NOT COVERED: {lapsed}", lapsed=lapsed)
    if last < on:
        return Message("NOT COVERED: {lapsed}; it should have been removed by {day}", lapsed=lapsed, day=last)
    return Message("NOT COVERED: {lapsed}; remove it by {day}", lapsed=lapsed, day=last)


def _by_act(title: Title) -> Text:
    """The convention, and the amendment by which it came to cover this."""
    if title.act is None:
        return verbatim(title.id)
    return Message("{title} ({act_title})", title=title.id, act_title=title.act.title)


def describe_loss(loss: Loss, on: date) -> Text:
    """Say what to do about a loss, and by when."""
    kind, exchange = loss.cover.record.rid.kind, loss.cover.exchange
    if loss.remove_by is not None:
        what = Message("remove it by {remove_by}", remove_by=loss.remove_by)
    elif exchange.family == "installation":
        what = Message("no title from {on}: the convention gives no time for removal", on=on)
    elif exchange.family == "connectivity":
        what = Message("off the network from {on}", on=on)
    else:
        what = Message("no data from {on}", on=on)
    if loss.next is None:
        return Message("{what}; no other convention would cover it", what=what)
    id, first = loss.next.id, loss.next_from
    naming = Message(", once the {kind} names it", kind=kind) if loss.must_name else verbatim("")
    return Message("{what}, unless {id} covers it from {first}{naming}", what=what, id=id, first=first, naming=naming)
