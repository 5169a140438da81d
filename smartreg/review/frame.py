"""How a change alters the way records are checked (CHG811): schemas, settings, boundaries, waivers, ignore comments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from smartreg.core.findings import CALLED, SEVERITIES, Finding
from smartreg.core.values import Location, Words, path_text
from smartreg.registry import SCHEMA_FOLDER, Registry
from smartreg.rules import all_rules
from smartreg.schema.settings import FILE, Config, KeySettings
from smartreg.trees import Tree, find_differing
from smartreg.validation.check import Selection
from smartreg.validation.waivers import Ignore, read_ignores

FRAME = "CHG811"


def frames(path: str, outlines: Collection[str | None]) -> bool:
    """Whether a file decides how records are checked: schemas, settings and boundaries (`outlines`)."""
    return path == FILE or path.startswith(f"{SCHEMA_FOLDER}/") or path in outlines


def frame_changes(before: Tree, after: Tree, outlines: Collection[str | None], judged_by: Words) -> list[Finding]:
    """CHG811 for each file that decides how records are checked and that the change adds, changes or deletes: schemas,
    settings and boundaries (`outlines`)."""
    altered = (path for path in sorted(find_differing(before.files(), after.files())) if frames(path, outlines))
    return [
        Finding(
            FRAME,
            "info",
            Words(
                f"this change alters {path}, against which records are checked",
                f"cette modification touche {path}, d'après quoi les fiches sont contrôlées",
            ),
            Location(path),
            judged_by,
        )
        for path in altered
        if _text(before, path) != _text(after, path)
    ]


def _text(tree: Tree, path: str) -> bytes | None:
    file = tree.files().get(path)
    return None if file is None or file.special else tree.read(path)


def checks_removed(before: Config, after: Config) -> Iterator[Finding]:
    """CHG811 for each way in which the settings check less, or allow more, than before: rules switched off or
    downgraded, waivers, who may change everything, signatures."""
    yield from _rules_weakened(before, after)
    for waiver in after.waivers:
        if waiver not in before.waivers:
            yield _loosening(
                f"{waiver.code} is accepted for {waiver.record} until {waiver.until}: {waiver.reason}",
                f"{waiver.code} est accepté pour {waiver.record} jusqu'au {waiver.until} : {waiver.reason}",
            )
    for party in sorted({*after.ownership.keepers} - {*before.ownership.keepers}):
        yield _loosening(f"{party} may change every record", f"{party} peut modifier toutes les fiches")
    for name in sorted({*before.ownership.fields} - {*after.ownership.fields}):
        yield _loosening(
            f"records no longer belong to whom {name} names",
            f"les fiches n'appartiennent plus à qui {name} désigne",
        )
    was, now = before.audit.signed_from, after.audit.signed_from
    if was is not None and (now is None or now > was):
        rest = Words("no signature", "aucune signature") if now is None else _signature(now)
        old = _signature(was)
        yield _loosening(
            f"commits need {rest.en}; before, {old.en}", f"les commits demandent {rest.fr} ; avant, {old.fr}"
        )
    yield from _keys_weakened(before.keys, after.keys)
    for plugin in sorted({*before.plugins} - {*after.plugins}):
        yield _loosening(
            f"the rules of the plug-in {plugin} are not checked any more",
            f"les règles du greffon {plugin} ne sont plus contrôlées",
        )


def _signature(day: date) -> Words:
    return Words(f"a signature from {day} on", f"une signature à partir du {day}")


def _keys_weakened(before: KeySettings, after: KeySettings) -> Iterator[Finding]:
    for origin in sorted({*after.origins} - {*before.origins}):
        yield _loosening(f"passkeys may sign on {origin}", f"les clés d'accès peuvent signer sur {origin}")
    for requirement in sorted({*before.require} - {*after.require} - {"touch"}):
        yield _loosening(
            f"security keys need no {requirement} any more", f"les clés de sécurité se passent de {requirement}"
        )
    if after.start is not None and (before.start is None or after.start > before.start):
        yield _loosening(
            f"security keys need not meet [keys] before {after.start}",
            f"les clés de sécurité n'ont pas à respecter [keys] avant le {after.start}",
        )


_OFF = Words("is no longer checked", "n'est plus contrôlée")
_EACH = 6  # rules that are reported one by one


def _rules_weakened(before: Config, after: Config) -> Iterator[Finding]:
    sides = [Selection(config.select, config.ignore, config.severity) for config in (before, after)]
    gone = []
    for code, rule in all_rules().items():
        was, now = (side.grade(code, rule.severity) for side in sides)
        if was is None or was == now:
            continue
        name = Words(f"{code} ({rule.title.en})", f"{code} ({rule.title.fr})")
        if now is None:
            gone.append((code, name))
        elif SEVERITIES.index(now) > SEVERITIES.index(was):
            old, new = CALLED[was], CALLED[now]
            yield _loosening(
                f"the severity of {name.en} falls from {old.en} to {new.en}",
                f"la gravité de {name.fr} baisse : {old.fr} → {new.fr}",
            )
    if len(gone) <= _EACH:
        yield from (_loosening(f"{name.en} {_OFF.en}", f"{name.fr} {_OFF.fr}") for _code, name in gone)
    else:
        listed = ", ".join(code for code, _name in gone[:_EACH])
        yield _loosening(
            f"{len(gone)} rules are not checked any more: {listed} …",
            f"{len(gone)} règles ne sont plus contrôlées : {listed} …",
        )


def _loosening(en: str, fr: str) -> Finding:
    return Finding(FRAME, "info", Words(en, fr), Location(FILE))


def ignore_changes(before: Registry, after: Registry, judged_by: Words | None = None) -> Iterator[Finding]:
    """CHG811 for each ignore comment that the change adds, alters or removes in a record that stays, because the merge
    changes what it waives. A comment that only moves with its value is unchanged."""
    files = find_differing(before.tree.files(), after.tree.files())
    for file in sorted(files & {*before.files_with_remarks(), *after.files_with_remarks()}):
        was, now = (read_ignores(side, file)[0] if file in side.by_file else [] for side in (before, after))
        gone, came = _without(was, now), _without(now, was)
        altered = {ignore.path for ignore in gone} & {ignore.path for ignore in came}
        for ignore in came:
            verb = ALTERS if ignore.path in altered else ADDS
            yield _comment(verb, ignore, Location(file, ignore.path or (), mark=ignore.at), judged_by or MERGED)
        if file in after.by_file:
            for ignore in gone:
                if ignore.path not in altered:
                    yield _comment(REMOVES, ignore, Location(file, ignore.path or ()), judged_by or MERGED)


ADDS, ALTERS, REMOVES = Words("adds", "ajoute"), Words("alters", "modifie"), Words("removes", "retire")
MERGED = Words(
    "review it: it does not count here, and will once it is merged",
    "à relire : sans effet ici, avec effet une fois fusionnée",
)


def _without(some: Iterable[Ignore], others: Iterable[Ignore]) -> list[Ignore]:
    there = {(ignore.path, ignore.codes, ignore.reason) for ignore in others}
    return [ignore for ignore in some if ignore.codes and (ignore.path, ignore.codes, ignore.reason) not in there]


def _comment(verb: Words, ignore: Ignore, where: Location, hint: Words) -> Finding:
    codes = ", ".join(ignore.codes)
    place = path_text(ignore.path or ())
    en, fr = (f" of {place}", f" de {place}") if place else (" of the whole record", " de toute la fiche")
    because = f": {ignore.reason}" if ignore.reason else ""
    return Finding(
        FRAME,
        "info",
        Words(
            f"this change {verb.en} the ignore comment [{codes}]{en}{because}",
            f"cette modification {verb.fr} le commentaire ignore [{codes}]{fr}{because.replace(':', ' :', 1)}",
        ),
        where,
        hint,
    )
