"""The chain of title of a record on a day: whose device, on whose support, through which network, feeding whom, under
which acts, voted by whom. `records`: whatever has to be read with it; `told`: the chain in sentences; `missing`: what
the registry does not hold of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date
from typing import NamedTuple

from smartreg.core.messages import Language, Message, Text, computed, joined, plural
from smartreg.core.values import Data, Json, Link, Record, RecordId
from smartreg.domain.acts import Act, acts
from smartreg.domain.annexes import DIGEST, candidates, documents
from smartreg.domain.checks import Snapshot
from smartreg.domain.coverage import covers_about, own, why_not_covered
from smartreg.domain.covers import Cover
from smartreg.domain.days import day
from smartreg.domain.exchanges import exchanges_over_time
from smartreg.domain.fields import object_list, record_named_by, text, text_list
from smartreg.domain.kinds import CONVENTION, DELIBERATION, EQUIPMENT, FLOW, NETWORK, PARTY, SUPPORT
from smartreg.domain.mounted import support_on
from smartreg.domain.placements import owner_on
from smartreg.domain.successions import PARTY as HEIR
from smartreg.domain.successions import SUCCESSORS, of_party, successions
from smartreg.domain.titles import Title, title_on
from smartreg.schema import Kind

_FOLLOWED = {
    EQUIPMENT: {PARTY, SUPPORT, NETWORK, CONVENTION},
    SUPPORT: {PARTY, CONVENTION},
    NETWORK: {PARTY, CONVENTION},
    FLOW: {PARTY, NETWORK, CONVENTION},
    CONVENTION: {PARTY, DELIBERATION},
    DELIBERATION: {PARTY, DELIBERATION},
    PARTY: {PARTY, DELIBERATION},
}
"""Which references of a record belong to the chain; all of the record that is asked about do."""
_NOT_FOLLOWED = frozenset({"shared_with", "scope"})  # whoever might use a network; all that a convention might be about
_WITH_DEVICES = frozenset({EQUIPMENT, SUPPORT, FLOW})
"""The kinds of which the chain has the devices and flows; by a network, a party or a convention thousands may pass."""


class ChainOfTitle(NamedTuple):
    """`records`: sorted, with the one that is asked about."""

    records: tuple[RecordId, ...]
    told: tuple[Text, ...]
    missing: tuple[Text, ...]


def chain_of_title(registry: Snapshot, record: Record, on: date) -> ChainOfTitle:
    """The chain of a record on a day. Earlier supports and owners, and the conventions of then, are in `records`."""
    covers = covers_about(registry, record, on) if record.rid.kind in (*_FOLLOWED,) else []
    before = _earlier_covers(registry, record, on)
    start = {record.rid, *_through(record, (*covers, *before))}
    records = _closure(registry, record.rid, start)
    found = [other for rid in sorted(records) if (other := registry.get(rid)) is not None]
    told = (*_placed(registry, record, on), *_covered(registry, record, covers, on), *_acts(registry, found, on))
    missing: list[Text] = []
    for sentence in (*_missing(registry, found), *_beside(record, covers)):
        if sentence not in missing:  # a record may be named twice
            missing.append(sentence)
    return ChainOfTitle(tuple(sorted(records)), told, tuple(missing))


def documents_of(record: Record, files: Set[str]) -> dict[str, None]:
    """Those of these files that a record names in any of its fields, at each place where such a path is looked for."""
    return dict.fromkeys(
        place for written in _texts(record.data) for place in candidates(record, written) if place in files
    )


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)


def _earlier_covers(registry: Snapshot, record: Record, on: date) -> list[Cover]:
    """The exchanges of a device or flow that had ended by the day, each on its last day."""
    if record.rid.kind not in (EQUIPMENT, FLOW):
        return []
    ends = {each.until for each in exchanges_over_time(registry, record) if each.until is not None and each.until < on}
    return [cover for end in sorted(ends) for cover in covers_about(registry, record, end)]


def _through(record: Record, covers: Iterable[Cover]) -> Iterator[RecordId]:
    """The conventions of exchanges, and the devices, flows, supports and networks that these pass by."""
    for cover in covers:
        yield from (title.record.rid for title in cover.titles or ())
        if record.rid.kind in _WITH_DEVICES:
            yield cover.record.rid
            if cover.exchange.through is not None:
                yield cover.exchange.through.rid


def _closure(registry: Snapshot, asked: RecordId, start: Iterable[RecordId]) -> set[RecordId]:
    """Whatever is reached from the first records by the references that belong to the chain, and the parties that came
    before and after each."""
    reached: set[RecordId] = set()
    queue = deque(sorted(set(start)))
    while queue:
        rid = queue.popleft()
        if rid in reached or registry.get(rid) is None:
            continue
        reached.add(rid)
        kinds = None if rid == asked else _FOLLOWED.get(rid.kind, set())
        for link in registry.links_from(rid):
            queue.extend(target for target in _targets(link, kinds))
        if rid.kind == PARTY:
            queue.extend(RecordId(PARTY, id) for id in sorted(successions(registry).line(rid.id)))
    return reached


def _targets(link: Link, kinds: set[str] | None) -> list[RecordId]:
    if kinds is not None and link.path[0] in _NOT_FOLLOWED:
        return []
    return [RecordId(kind, link.target) for kind in link.kinds if kinds is None or kind in kinds]


def name_of(registry: Snapshot, rid: RecordId) -> Text:
    """A record as the page names it: `Istres (party/istres)`, `support/istres-ep-00412`."""
    record = registry.get(rid)
    kind = registry.schemas.kinds.get(rid.kind)
    if record is None or kind is None:
        return Message("{record}, which the registry does not have", record=str(rid))
    return computed(_name, kind, rid, record.data)


def _name(kind: Kind, rid: RecordId, data: Data, lang: Language) -> str:
    if rid.kind in (EQUIPMENT, SUPPORT):
        return str(rid)  # their labels are made of other records
    number = data.get("number") if rid.kind == DELIBERATION else None
    label = number if isinstance(number, str) else kind.label_of(data, lang)
    return str(rid) if label in ("", rid.id) else f"{label} ({rid})"


def _party(registry: Snapshot, id: str) -> Text:
    return name_of(registry, RecordId(PARTY, id))


def _parties(registry: Snapshot, ids: Iterable[str]) -> Text:
    return joined([_party(registry, id) for id in ids], ", ")


def _placed(registry: Snapshot, record: Record, on: date) -> Iterator[Text]:
    """Whose it is, and where it hangs."""
    what = name_of(registry, record.rid)
    if record.rid.kind in (EQUIPMENT, SUPPORT):
        owner = owner_on(registry, record, on)
        if owner is not None:
            yield Message("{what} belongs to {owner}.", what=what, owner=_party(registry, owner))
    if record.rid.kind == EQUIPMENT:
        support = support_on(registry, record, on)
        host = owner_on(registry, support, on) if support is not None else None
        if support is not None and host is not None:
            yield Message(
                "It hangs on {support}, which belongs to {host}.",
                support=name_of(registry, support.rid),
                host=_party(registry, host),
            )
        network = record_named_by(registry, record, "network", NETWORK)
        operator = text(network, "operator") if network is not None else None
        if network is not None and operator is not None:
            yield Message(
                "It sends through {network}, which {operator} operates.",
                network=name_of(registry, network.rid),
                operator=_party(registry, operator),
            )
    flows = [record] if record.rid.kind == FLOW else _fed(registry, record)
    for flow in flows:
        producer, consumers = text(flow, "producer"), text_list(flow.data.get("consumers"))
        if producer is not None and consumers:
            yield Message(
                "{flow} is produced by {producer} and received by {consumers}.",
                flow=name_of(registry, flow.rid),
                producer=_party(registry, producer),
                consumers=_parties(registry, consumers),
            )


def _fed(registry: Snapshot, record: Record) -> list[Record]:
    if record.rid.kind != EQUIPMENT:
        return []
    links = registry.links_to(record.rid)
    fed = sorted({link.source for link in links if link.source.kind == FLOW and link.path[0] == EQUIPMENT})
    return [flow for rid in fed if (flow := registry.get(rid)) is not None]


def _covered(registry: Snapshot, record: Record, covers: Iterable[Cover], on: date) -> Iterator[Text]:
    """For each exchange, the convention in force that covers it, or why none does."""
    for place in own(registry, record, on):
        yield Message(
            "{through} is its owner's: no convention is needed.", through=name_of(registry, place.through.rid)
        )
    if record.rid.kind not in _WITH_DEVICES:
        return
    for cover in covers:
        what = _exchange(registry, cover)
        title = next(iter(cover.by(on)), None) if cover.state(on) == "covered" else None
        if title is not None:
            convention = name_of(registry, title.record.rid)
            yield Message("{what}: {convention} covers it.", what=what, convention=convention)
        elif cover.state(on) == "not_needed":
            yield Message("{what}: {why}.", what=what, why=why_not_covered(cover, on))
        else:
            yield Message("{what}: NO CONVENTION COVERS IT ({why}).", what=what, why=why_not_covered(cover, on))


def _exchange(registry: Snapshot, cover: Cover) -> Text:
    exchange = cover.exchange
    values = {
        "what": name_of(registry, cover.record.rid),
        "user": _party(registry, exchange.user),
        "partners": _parties(registry, exchange.partners),
    }
    if exchange.through is not None:
        values["through"] = name_of(registry, exchange.through.rid)
    if exchange.family == "installation":
        return Message("Installation of {what}, of {user}, on {through}, of {partners}", **values)
    if exchange.family == "connectivity" and exchange.through is not None:
        return Message("Connection of {what}, of {user}, to {through}, of {partners}", **values)
    return Message("Data of {what}, from {user} to {partners}", **values)


def _days(title: Title) -> Text:
    start, last = title.start, title.last
    if start is None:
        return Message("until {last}", last=last) if last is not None else Message("without known days")
    if last is None:
        return Message("since {start}, without a known end", start=start)
    return Message("from {start} to {last}", start=start, last=last)


def _acts(registry: Snapshot, found: Iterable[Record], on: date) -> Iterator[Text]:
    """The acts behind the conventions, the deliberations behind the acts, and the successions of the parties."""
    for record in found:
        if record.rid.kind == CONVENTION:
            yield from _convention(registry, record, on)
    for record in found:
        for succession in of_party(record) if record.rid.kind == PARTY else ():
            yield Message(
                "{heir} took the place of {party} on {day}.",
                heir=_party(registry, succession.heir),
                party=_party(registry, succession.party),
                day=succession.start,
            )


def _convention(registry: Snapshot, record: Record, on: date) -> Iterator[Text]:
    what, signed, title = name_of(registry, record.rid), day(record, "signed_on"), title_on(registry, record, on)
    parties, votes = text_list(record.data.get("parties")), text_list(record.data.get("deliberations"))
    if signed is None:
        yield Message("{what}, between {parties}, is not signed.", what=what, parties=_parties(registry, parties))
    else:
        yield Message(
            "{what} was signed on {day} between {parties}; voted by: {votes}.",
            what=what,
            day=signed,
            parties=_parties(registry, parties),
            votes=_votes(registry, votes),
        )
    for act in acts(record):
        yield Message(
            "Its {act}, signed on {signed}, takes effect on {day}; voted by: {votes}.",
            act=act.title,
            signed=act.signed or "?",
            day=act.start,
            votes=_votes(registry, _votes_of(act)),
        )
    if title.in_force(on):
        yield Message("On {day}, {what} is in force, {days}.", day=on, what=what, days=_days(title))
    else:
        yield Message("On {day}, {what} {why}.", day=on, what=what, why=title.reason_not_in_force(on))


def _votes_of(act: Act) -> tuple[str, ...]:
    return text_list(act.data.get("deliberations"))


def _votes(registry: Snapshot, ids: Iterable[str]) -> Text:
    votes = [_vote(registry, RecordId(DELIBERATION, id)) for id in ids]
    return joined(votes, "; ") if votes else Message("no deliberation that is recorded")


def _vote(registry: Snapshot, rid: RecordId) -> Text:
    record = registry.get(rid)
    if record is None:
        return name_of(registry, rid)
    return Message(
        "{deliberation} of {day}, of {body}",
        deliberation=name_of(registry, rid),
        day=text(record, "date") or "?",
        body=_party(registry, text(record, "body") or "?"),
    )


def _missing(registry: Snapshot, found: Iterable[Record]) -> Iterator[Text]:
    """What the registry lacks of these records: documents, acts, deliberations, records."""
    for record in found:
        what = name_of(registry, record.rid)
        held = 0
        for document in documents(record):
            if document.on_the_web:
                yield Message(
                    "{what}: a document is at {path}, and not in the registry.", what=what, path=document.path
                )
            elif not any(registry.digest_of(place) for place in candidates(record, document.path)):
                yield Message("{what}: there is no file {path}.", what=what, path=document.path)
            else:
                held += 1
                if document.expected is None:
                    yield Message(
                        "{what}: {path} has no {field}: nothing shows that it is the file that was meant.",
                        what=what,
                        path=document.path,
                        field=DIGEST,
                    )
        if record.rid.kind == DELIBERATION and not held:
            yield Message("{what}: its text is not in the registry.", what=what)
        if record.rid.kind == CONVENTION:
            yield from _missing_of_convention(registry, record, held)
        if record.rid.kind == PARTY:
            yield from _missing_of_party(registry, record)
        for link in registry.links_from(record.rid):
            if all(registry.get(RecordId(kind, link.target)) is None for kind in link.kinds):
                yield Message(
                    "{what} names {target}, which is not in the registry, or cannot be read.",
                    what=what,
                    target=link.target,
                )


def _missing_of_convention(registry: Snapshot, record: Record, held: int) -> Iterator[Text]:
    what = name_of(registry, record.rid)
    if not held:
        yield Message("{what}: the text that was signed is not in the registry.", what=what)
    for item in object_list(record.data.get("amendments")):
        if not item.get("annex"):
            yield Message(
                "{what}: the text of amendment {number} is not in the registry.",
                what=what,
                number=str(item.get("number") or "?"),
            )
    votes = (registry.get(RecordId(DELIBERATION, id)) for id in text_list(record.data.get("deliberations")))
    bodies = {text(vote, "body") for vote in votes if vote is not None}
    for id in text_list(record.data.get("parties")):
        party = registry.get(RecordId(PARTY, id))
        line = successions(registry).line(id)
        if party is not None and text(party, "category") != "private" and bodies.isdisjoint(line):
            yield Message(
                "{what}: no deliberation of {party} is recorded.", what=what, party=name_of(registry, party.rid)
            )


def _missing_of_party(registry: Snapshot, record: Record) -> Iterator[Text]:
    for item in object_list(record.data.get(SUCCESSORS)):
        if isinstance(heir := item.get(HEIR), str) and not item.get("deliberation") and not item.get("document"):
            yield Message(
                "{party}: the act by which {heir} took its place is not recorded.",
                party=name_of(registry, record.rid),
                heir=_party(registry, heir),
            )


def _beside(record: Record, covers: Iterable[Cover]) -> Iterator[Text]:
    """What passes by a network, a party or a convention, and is told by dossiers of its own."""
    number = len({cover.record.rid for cover in covers})
    if record.rid.kind not in _WITH_DEVICES and number:
        yield plural(
            "{n} device or flow that passes by it is not here: it takes a dossier of its own, or one with --all.",
            "{n} devices and flows that pass by it are not here: each takes a dossier of its own, or one with --all.",
            n=number,
        )
