"""Coverage in words, and as rows and JSON."""

from __future__ import annotations

from datetime import date

from smartreg.commands.coverage import Coverage
from smartreg.core.escape import csv_text, json_text
from smartreg.core.styled import visible
from smartreg.core.values import Json, Words
from smartreg.domain.coverage import SOURCE, Cover, Ground, Loss, Title, ground_of
from smartreg.schema import ITEM, Kind

GROUNDS: dict[Ground, Words] = {
    "named": Words("the record names it", "la fiche la cite"),
    "network": Words("the network names it", "le réseau la cite"),
    "parties": Words("both are parties to it", "les deux en sont parties"),
    "third_party": Words("it admits the third party to data", "elle admet le tiers aux données"),
}
FREE = {
    "commercial": Words("paid subscription: no convention is needed", "abonnement payant : sans objet"),
    "public": Words("public under its licence: no convention is needed", "ouvert sous licence : sans objet"),
    "not_in_use": Words("not in use: no convention is needed yet", "pas en service : sans objet à ce jour"),
}
UNKNOWN = Words(
    "the convention that it names cannot be read (smartreg validate says why)",
    "la convention citée est illisible (smartreg validate dit pourquoi)",
)
SCOPED = {
    "installation": Words("the support is in its scope", "le support est dans son périmètre"),
    "connectivity": Words("the network is in its scope", "le réseau est dans son périmètre"),
}
SCOPES = {"installation": ("supports", "insee_codes"), "connectivity": ("networks",)}


def family(conventions: Kind, name: str) -> Words:
    """The label of a family of intervention."""
    fields = (conventions.by_path.get(path) for path in (("families",), ("families", ITEM)))
    labels = {key: words for field in fields if field is not None for key, words in field.labels.items()}
    return labels.get(name, Words(name, name))


def describe_way(cover: Cover) -> Words:
    """Between whom, and through what."""
    exchange = cover.exchange
    partners, through = ", ".join(exchange.partners), exchange.through
    if exchange.field == SOURCE:
        return Words(
            f"equipment of {exchange.user} → producer {partners}",
            f"équipements de {exchange.user} → producteur {partners}",
        )
    if through is None:
        return Words(f"{exchange.user} → {partners}", f"{exchange.user} → {partners}")
    id, user = through.rid.id, exchange.user
    if exchange.family == "installation":
        return Words(f"{user} on support {id} ({partners})", f"{user} sur le support {id} ({partners})")
    return Words(f"{user} on network {id} ({partners})", f"{user} sur le réseau {id} ({partners})")


def term(title: Title) -> Words:
    """From when to when it is in force; both days included."""
    start, last = title.start or "…", title.last
    if last is None:
        return Words(f"{start} → no known end", f"{start} → sans terme connu")
    return Words(f"{start} → {last}", f"{start} → {last}")


def is_in_scope(cover: Cover, title: Title) -> bool:
    """Whether its scope names what this passes through."""
    return any(field in title.scope for field in SCOPES.get(cover.exchange.family, ()))


def ground(cover: Cover, title: Title) -> Words:
    """Why the convention counts."""
    why = GROUNDS[ground_of(cover, title)]
    if not is_in_scope(cover, title):
        return why
    more = SCOPED[cover.exchange.family]
    return Words(f"{why.en}, {more.en}", f"{why.fr}, {more.fr}")


def describe_cover(cover: Cover, on: date) -> Words:
    """What covers it on the day, or why nothing does or has to."""
    if cover.free is not None:
        return FREE[cover.free]
    if cover.titles is None:
        return UNKNOWN
    in_force = cover.by(on)
    if in_force:
        grounds = [(_by_act(title), term(title), ground(cover, title)) for title in in_force]
        return Words(
            "covered by " + "; also by ".join(f"{id.en}, {when.en}: {why.en}" for id, when, why in grounds),
            "couvert par " + " ; aussi par ".join(f"{id.fr}, {when.fr} : {why.fr}" for id, when, why in grounds),
        )
    if not cover.titles:
        return Words("NOT COVERED: no convention is about it", "NON COUVERT : aucune convention n'en traite")
    lapsed = [(one.id, one.reason_not_in_force(on)) for one in cover.titles]
    en, fr = "; ".join(f"{id} {why.en}" for id, why in lapsed), " ; ".join(f"{id} {why.fr}" for id, why in lapsed)
    last = cover.remove_by(on)
    if last is not None and last < on:
        en = f"{en}; it should have been removed by {last}"
        fr = f"{fr} ; aurait dû être déposé le {last} au plus tard"
    elif last is not None:
        en, fr = f"{en}; remove it by {last}", f"{fr} ; à déposer le {last} au plus tard"
    return Words(f"NOT COVERED: {en}", f"NON COUVERT : {fr}")


def _by_act(title: Title) -> Words:
    """The convention, and the amendment by which it came to cover this."""
    if title.act is None:
        return Words(title.id, title.id)
    return Words(f"{title.id} ({title.act.title.en})", f"{title.id} ({title.act.title.fr})")


def describe_loss(loss: Loss, on: date) -> Words:
    """What to do about a loss, and by when."""
    kind, exchange = loss.cover.record.rid.kind, loss.cover.exchange
    if loss.remove_by is not None:
        what = Words(f"remove it by {loss.remove_by}", f"à déposer le {loss.remove_by} au plus tard")
    elif exchange.family == "connectivity":
        what = Words(f"off the network from {on}", f"hors du réseau dès le {on}")
    else:
        what = Words(f"no data from {on}", f"plus de données dès le {on}")
    if loss.next is None:
        return Words(
            f"{what.en}; no other convention would cover it", f"{what.fr} ; aucune autre convention n'en traite"
        )
    id, first = loss.next.id, loss.next_from
    naming = Words(f", once the {kind} names it", ", dès que la fiche la cite") if loss.must_name else Words("", "")
    return Words(
        f"{what.en}, unless {id} covers it from {first}{naming.en}",
        f"{what.fr}, sauf si {id} le couvre à partir du {first}{naming.fr}",
    )


COLUMNS = (
    *("record", "family", "user", "partners", "through", "state", "why"),
    *("convention", "from", "until", "ground", "remove_by"),
)
LOSSES = (
    *("record", "family", "user", "partners", "through", "lost_on", "remove_by"),
    *("next_convention", "next_from", "must_name"),
)
Row = tuple[str, ...]


def json_of(found: Coverage) -> str:
    """The answer for programs; days inclusive."""
    content: dict[str, Json] = {
        "version": 1,
        "record": str(found.record.rid),
        "on": found.on.isoformat(),
        "recorded_on": _day(found.recorded_on) or None,
        "covers": [_cover_json(cover, found.on) for cover in found.covers],
        "own": [{"family": item.family, "through": str(item.through.rid)} for item in found.own],
        "opened_by": [_title_json(title, found.on) for title in found.opened],
    }
    if found.ending is not None:
        content["if_ended"] = {"convention": found.ending.id, "losses": losses_json(found)}
    return json_text(content)


def losses_json(found: Coverage) -> list[Json]:
    """What loses cover, for programs."""
    return [
        {
            **_what(loss.cover),
            "lost_on": _day(found.on),
            "remove_by": _day(loss.remove_by) or None,
            "next": {"id": loss.next.id, "from": _day(loss.next_from), "must_be_named": loss.must_name}
            if loss.next
            else None,
        }
        for loss in found.losses
    ]


def csv_of(found: Coverage) -> str:
    """One row per convention that counts, or per loss with `--if-ended`."""
    head, *rows = _table(found)
    return csv_text(head, rows)


def markdown_of(found: Coverage) -> str:
    """The same rows as a table."""
    head, *rows = _table(found)
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(map(_escape_cell, row))} |\n" for row in lines)


def _escape_cell(cell: str) -> str:
    return visible(cell).replace("|", "\\|")


def _table(found: Coverage) -> list[Row]:
    if found.ending is not None:
        return [LOSSES, *(_loss_row(loss, found.on) for loss in found.losses)]
    return [COLUMNS, *(row for cover in found.covers for row in _rows(cover, found.on))]


def _rows(cover: Cover, on: date) -> list[Row]:
    start = (*_cells(cover), cover.state(on), cover.free or "")
    last = _day(cover.remove_by(on))
    if not cover.titles or cover.free is not None:
        return [(*start, "", "", "", "", last)]
    return [
        (*start, title.id, _day(title.start), _day(title.last), ground_of(cover, title), last) for title in cover.titles
    ]


def _loss_row(loss: Loss, on: date) -> Row:
    following = (loss.next.id, _day(loss.next_from), str(loss.must_name).lower()) if loss.next else ("", "", "")
    return (*_cells(loss.cover), _day(on), _day(loss.remove_by), *following)


def _cells(cover: Cover) -> Row:
    exchange = cover.exchange
    through = str(exchange.through.rid) if exchange.through else ""
    return (str(cover.record.rid), exchange.family, exchange.user, " ".join(exchange.partners), through)


def _what(cover: Cover) -> dict[str, Json]:
    exchange = cover.exchange
    return {
        "record": str(cover.record.rid),
        "family": exchange.family,
        "user": exchange.user,
        "partners": list(exchange.partners),
        "through": str(exchange.through.rid) if exchange.through else None,
    }


def _cover_json(cover: Cover, on: date) -> dict[str, Json]:
    conventions: list[Json] | None = None
    if cover.titles is not None:
        conventions = [
            {**_title_json(title, on), "ground": ground_of(cover, title), "in_scope": is_in_scope(cover, title)}
            for title in cover.titles
        ]
    return {
        **_what(cover),
        "state": cover.state(on),
        "why_not_needed": cover.free,
        "remove_by": _day(cover.remove_by(on)) or None,
        "conventions": conventions,
    }


def _title_json(title: Title, on: date) -> dict[str, Json]:
    return {
        "id": title.id,
        "from": _day(title.start) or None,
        "until": _day(title.last) or None,
        "in_force": title.in_force(on),
        "families": list(title.families),
        "amendment": title.act.number if title.act else None,
    }


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
