"""How a change alters the way records are checked (CHG811): schemas, settings, boundaries, waivers, ignore comments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

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
                Words(
                    f"{waiver.code} is accepted for {waiver.record} until {waiver.until}: {waiver.reason}",
                    f"{waiver.code} est accepté pour {waiver.record} jusqu'au {waiver.until} : {waiver.reason}",
                )
            )
    for party in sorted({*after.ownership.keepers} - {*before.ownership.keepers}):
        yield _loosening(Words(f"{party} may change every record", f"{party} peut modifier toutes les fiches"))
    for name in sorted({*before.ownership.fields} - {*after.ownership.fields}):
        yield _loosening(
            Words(
                f"records no longer belong to whom {name} names",
                f"les fiches n'appartiennent plus à qui {name} désigne",
            )
        )
    was, now = before.audit.signed_from, after.audit.signed_from
    if was is not None and (now is None or now > was):
        if now is None:
            message = Words(
                f"commits need no signature; before, a signature from {was} on",
                f"les commits demandent aucune signature ; avant, une signature à partir du {was}",
            )
        else:
            message = Words(
                f"commits need a signature from {now} on; before, a signature from {was} on",
                f"les commits demandent une signature à partir du {now} ; avant, une signature à partir du {was}",
            )
        yield _loosening(message)
    yield from _keys_weakened(before.keys, after.keys)
    for plugin in sorted({*before.plugins} - {*after.plugins}):
        yield _loosening(
            Words(
                f"the rules of the plug-in {plugin} are not checked any more",
                f"les règles du greffon {plugin} ne sont plus contrôlées",
            )
        )


def _keys_weakened(before: KeySettings, after: KeySettings) -> Iterator[Finding]:
    for origin in sorted({*after.origins} - {*before.origins}):
        yield _loosening(Words(f"passkeys may sign on {origin}", f"les clés d'accès peuvent signer sur {origin}"))
    for requirement in sorted({*before.require} - {*after.require} - {"touch"}):
        yield _loosening(
            Words(f"security keys need no {requirement} any more", f"les clés de sécurité se passent de {requirement}")
        )
    if after.start is not None and (before.start is None or after.start > before.start):
        yield _loosening(
            Words(
                f"security keys need not meet [keys] before {after.start}",
                f"les clés de sécurité n'ont pas à respecter [keys] avant le {after.start}",
            )
        )


_EACH = 6  # rules that are reported one by one


def _rules_weakened(before: Config, after: Config) -> Iterator[Finding]:
    sides = [Selection(config.select, config.ignore, config.severity) for config in (before, after)]
    gone: dict[str, Words] = {}
    for code, rule in all_rules().items():
        was, now = (side.grade(code, rule.severity) for side in sides)
        if was is None or was == now:
            continue
        title = rule.title
        if now is None:
            gone[code] = Words(f"{code} ({title.en}) is no longer checked", f"{code} ({title.fr}) n'est plus contrôlée")
        elif SEVERITIES.index(now) > SEVERITIES.index(was):
            old, new = CALLED[was], CALLED[now]
            yield _loosening(
                Words(
                    f"the severity of {code} ({title.en}) falls from {old.en} to {new.en}",
                    f"la gravité de {code} ({title.fr}) baisse : {old.fr} → {new.fr}",
                )
            )
    if len(gone) <= _EACH:
        yield from map(_loosening, gone.values())
    else:
        number, codes = len(gone), ", ".join(list(gone)[:_EACH])
        yield _loosening(
            Words(
                f"{number} rules are not checked any more: {codes} …",
                f"{number} règles ne sont plus contrôlées : {codes} …",
            )
        )


def _loosening(message: Words) -> Finding:
    return Finding(FRAME, "info", message, Location(FILE))


def ignore_changes(before: Registry, after: Registry, judged_by: Words | None = None) -> Iterator[Finding]:
    """CHG811 for each ignore comment that the change adds, alters or removes in a record that stays, because the merge
    changes what it waives. A comment that only moves with its value is unchanged."""
    files = find_differing(before.tree.files(), after.tree.files())
    for file in sorted(files & {*before.files_with_remarks(), *after.files_with_remarks()}):
        was, now = (read_ignores(side, file)[0] if file in side.by_file else [] for side in (before, after))
        gone, came = _without(was, now), _without(now, was)
        altered = {ignore.path for ignore in gone} & {ignore.path for ignore in came}
        for ignore in came:
            sentences = ALTERS if ignore.path in altered else ADDS
            yield _comment(sentences, ignore, Location(file, ignore.path or (), mark=ignore.at), judged_by or MERGED)
        if file in after.by_file:
            for ignore in gone:
                if ignore.path not in altered:
                    yield _comment(REMOVES, ignore, Location(file, ignore.path or ()), judged_by or MERGED)


# What is done to an ignore comment of a field, and of a whole record.
ADDS = (
    Words(
        "this change adds the ignore comment [{codes}] of {field}",
        "cette modification ajoute le commentaire ignore [{codes}] de {field}",
    ),
    Words(
        "this change adds the ignore comment [{codes}] of the whole record",
        "cette modification ajoute le commentaire ignore [{codes}] de toute la fiche",
    ),
)
ALTERS = (
    Words(
        "this change alters the ignore comment [{codes}] of {field}",
        "cette modification modifie le commentaire ignore [{codes}] de {field}",
    ),
    Words(
        "this change alters the ignore comment [{codes}] of the whole record",
        "cette modification modifie le commentaire ignore [{codes}] de toute la fiche",
    ),
)
REMOVES = (
    Words(
        "this change removes the ignore comment [{codes}] of {field}",
        "cette modification retire le commentaire ignore [{codes}] de {field}",
    ),
    Words(
        "this change removes the ignore comment [{codes}] of the whole record",
        "cette modification retire le commentaire ignore [{codes}] de toute la fiche",
    ),
)
MERGED = Words(
    "review it: it does not count here, and will once it is merged",
    "à relire : sans effet ici, avec effet une fois fusionnée",
)


def _without(some: Iterable[Ignore], others: Iterable[Ignore]) -> list[Ignore]:
    there = {(ignore.path, ignore.codes, ignore.reason) for ignore in others}
    return [ignore for ignore in some if ignore.codes and (ignore.path, ignore.codes, ignore.reason) not in there]


def _comment(sentences: tuple[Words, Words], ignore: Ignore, where: Location, hint: Words) -> Finding:
    of_field, of_record = sentences
    message = (of_field if ignore.path else of_record).fill(
        codes=", ".join(ignore.codes), field=path_text(ignore.path or ())
    )
    if ignore.reason:
        message = Words("{message}: {reason}", "{message} : {reason}").fill(message=message, reason=ignore.reason)
    return Finding(FRAME, "info", message, where, hint)
