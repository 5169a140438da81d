"""How a change alters the way records are checked (CHG811): schemas, settings, boundaries, waivers, ignore comments;
and that it leaves the id of the registry alone (CHG831)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from smartreg.core.findings import CALLED, SEVERITIES, Finding
from smartreg.core.messages import Message, Text
from smartreg.core.ssh_keys import fingerprint_of
from smartreg.core.values import Location, path_text
from smartreg.registry import SCHEMA_FOLDER, Registry
from smartreg.rules import all_rules
from smartreg.schema.settings import FILE, Config, KeySettings
from smartreg.trees import Tree, find_differing
from smartreg.validation.check import Selection
from smartreg.validation.waivers import Ignore, read_ignores

FRAME, IDENTITY = "CHG811", "CHG831"


def frames(path: str, outlines: Collection[str | None]) -> bool:
    """Whether a file decides how records are checked: schemas, settings and boundaries (`outlines`)."""
    return path == FILE or path.startswith(f"{SCHEMA_FOLDER}/") or path in outlines


def frame_changes(before: Tree, after: Tree, outlines: Collection[str | None], judged_by: Text) -> list[Finding]:
    """CHG811 for each file that decides how records are checked and that the change adds, changes or deletes: schemas,
    settings and boundaries (`outlines`)."""
    altered = (path for path in sorted(find_differing(before.files(), after.files())) if frames(path, outlines))
    return [
        Finding(
            FRAME,
            "info",
            Message("this change alters {path}, against which records are checked", path=path),
            Location(path),
            judged_by,
        )
        for path in altered
        if _text(before, path) != _text(after, path)
    ]


def id_changed(before: Config, after: Config) -> Iterator[Finding]:
    """CHG831 if the registry had an id, and has another one or none."""
    if not before.id or after.id == before.id:
        return
    if after.id:
        message = Message("the id of the registry changes from {was} to {now}", was=before.id, now=after.id)
    else:
        message = Message("the id {was} of the registry is gone", was=before.id)
    yield Finding(
        IDENTITY,
        "error",
        message,
        Location(FILE, ("id",) if after.id else ()),
        Message('put it back: id = "{was}"', was=before.id),
    )


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
                Message(
                    "{code} is accepted for {record} until {until}: {reason}",
                    code=waiver.code,
                    record=waiver.record,
                    until=waiver.until,
                    reason=waiver.reason,
                )
            )
    for party in sorted({*after.ownership.keepers} - {*before.ownership.keepers}):
        yield _loosening(Message("{party} may change every record", party=party))
    for name in sorted({*before.ownership.fields} - {*after.ownership.fields}):
        yield _loosening(Message("records no longer belong to whom {name} names", name=name))
    was, now = before.audit.signed_from, after.audit.signed_from
    if was is not None and (now is None or now > was):
        if now is None:
            message = Message("commits need no signature; before, a signature from {was} on", was=was)
        else:
            message = Message(
                "commits need a signature from {now} on; before, a signature from {was} on", now=now, was=was
            )
        yield _loosening(message)
    was, now = before.audit.timestamped_from, after.audit.timestamped_from
    if was is not None and (now is None or now > was):
        if now is None:
            message = Message("seals need no timestamp; before, one from {was} on", was=was)
        else:
            message = Message("seals need a timestamp from {now} on; before, one from {was} on", now=now, was=was)
        yield _loosening(message)
    yield from _keys_weakened(before.keys, after.keys)
    for key in sorted({*after.release.keys} - {*before.release.keys}):
        yield _loosening(Message("the key {key} may sign releases", key=fingerprint_of(key)))
    for plugin in sorted({*before.plugins} - {*after.plugins}):
        yield _loosening(Message("the rules of the plug-in {plugin} are not checked any more", plugin=plugin))


def _keys_weakened(before: KeySettings, after: KeySettings) -> Iterator[Finding]:
    for origin in sorted({*after.origins} - {*before.origins}):
        yield _loosening(Message("passkeys may sign on {origin}", origin=origin))
    for requirement in sorted({*before.require} - {*after.require} - {"touch"}):
        yield _loosening(Message("security keys need no {requirement} any more", requirement=requirement))
    if after.start is not None and (before.start is None or after.start > before.start):
        yield _loosening(Message("security keys need not meet [keys] before {start}", start=after.start))


_EACH = 6  # rules that are reported one by one


def _rules_weakened(before: Config, after: Config) -> Iterator[Finding]:
    sides = [Selection(config.select, config.ignore, config.severity) for config in (before, after)]
    gone: dict[str, Text] = {}
    for code, rule in all_rules().items():
        was, now = (side.grade(code, rule.severity) for side in sides)
        if was is None or was == now:
            continue
        title = rule.title
        if now is None:
            gone[code] = Message("{code} ({title}) is no longer checked", code=code, title=title)
        elif SEVERITIES.index(now) > SEVERITIES.index(was):
            old, new = CALLED[was], CALLED[now]
            yield _loosening(
                Message(
                    "the severity of {code} ({title}) falls from {old} to {new}",
                    code=code,
                    title=title,
                    old=old,
                    new=new,
                )
            )
    if len(gone) <= _EACH:
        yield from map(_loosening, gone.values())
    else:
        number, codes = len(gone), ", ".join(list(gone)[:_EACH])
        yield _loosening(Message("{number} rules are not checked any more: {codes} …", number=number, codes=codes))


def _loosening(message: Text) -> Finding:
    return Finding(FRAME, "info", message, Location(FILE))


def ignore_changes(before: Registry, after: Registry, judged_by: Text | None = None) -> Iterator[Finding]:
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
    Message("this change adds the ignore comment [{codes}] of {field}"),
    Message("this change adds the ignore comment [{codes}] of the whole record"),
)
ALTERS = (
    Message("this change alters the ignore comment [{codes}] of {field}"),
    Message("this change alters the ignore comment [{codes}] of the whole record"),
)
REMOVES = (
    Message("this change removes the ignore comment [{codes}] of {field}"),
    Message("this change removes the ignore comment [{codes}] of the whole record"),
)
MERGED = Message("review it: it does not count here, and will once it is merged")


def _without(some: Iterable[Ignore], others: Iterable[Ignore]) -> list[Ignore]:
    there = {(ignore.path, ignore.codes, ignore.reason) for ignore in others}
    return [ignore for ignore in some if ignore.codes and (ignore.path, ignore.codes, ignore.reason) not in there]


def _comment(sentences: tuple[Message, Message], ignore: Ignore, where: Location, hint: Text) -> Finding:
    of_field, of_record = sentences
    message = (of_field if ignore.path else of_record).fill(
        codes=", ".join(ignore.codes), field=path_text(ignore.path or ())
    )
    if ignore.reason:
        message = Message("{message}: {reason}", message=message, reason=ignore.reason)
    return Finding(FRAME, "info", message, where, hint)
