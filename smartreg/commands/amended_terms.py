"""The terms of a convention before and after an amendment, and the act that leads from one to the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smartreg.commands.set_ import is_about_items
from smartreg.core.errors import UsageFault
from smartreg.core.values import Json, KeyPath, Words, path_text, value_at
from smartreg.domain.acts import OBJECTS, TERMS, Terms, key_of, list_at
from smartreg.edit import field_path
from smartreg.schema import Kind
from smartreg.yamlio import SetValue, Unset, apply_change


def terms_after(terms: Terms, changes: Sequence[tuple[KeyPath, Json]], unset: Sequence[KeyPath]) -> dict[str, Json]:
    """The terms once these values are set, and these paths removed."""
    done = dict(terms)
    for path, value in changes:
        done = apply_change(done, SetValue(path, value))
    for path in unset:
        done = apply_change(done, Unset(path))
    return done


def refuse_unclear(kind: Kind, terms: tuple[Terms, Terms], assignments: Sequence[str]) -> None:
    """UsageFault for an item added to an unlimited scope, and for the last item removed from a list: did the
    parties mean this one alone, nothing, or everything?"""
    before, after = terms
    for typed in (text.partition("=")[0] for text in assignments if is_about_items(text)):
        name, comes = path_text(field_path(kind, typed[:-1])), typed.endswith("+")
        if comes and name not in OBJECTS and list_at(before, name) is None:
            raise UsageFault(
                Words(
                    f"{name} has no limit yet: adding to it would narrow the convention",
                    f"{name} n'a pas encore de limite : y ajouter restreindrait la convention",
                ),
                Words(f"to limit it from now on: {name}=VALUE", f"pour le limiter désormais : {name}=VALEUR"),
            )
        if not comes and not list_at(after, name):
            lift = Words(f"to lift the limit: --unset {name}", f"pour lever la limite : --unset {name}")
            end = Words("to end the convention: smartreg terminate", "pour y mettre fin : smartreg terminate")
            raise UsageFault(
                Words(f"nothing would be left in {name}", f"il ne resterait rien dans {name}"),
                lift if name.startswith("scope.") else end,
            )


def act_between(before: Terms, after: Terms) -> dict[str, Json]:
    """The parts of an act that lead from one version of the terms to another: `adds`, `removes`, `sets`, `unsets`."""
    adds: dict[str, Json] = {}
    removes: dict[str, Json] = {}
    sets: dict[str, Json] = {}
    unsets: list[str] = []
    for path in _paths(before, after):
        was, now = (value_at(side, tuple(path.split("."))) for side in (before, after))
        held, wanted = list_at(before, path), list_at(after, path)
        if wanted is not None and (held is not None or path in OBJECTS):
            held = held or []
            gone = [key_of(path, item) for item in held if item not in wanted]
            come = [item for item in wanted if item not in held]
            removes |= {path: gone} if gone else {}
            adds |= {path: come} if come else {}
        elif now is None and was is not None:
            unsets.append(path)
        elif now != was:
            sets[path] = now
    parts: dict[str, Json] = {"adds": adds, "removes": removes, "sets": sets, "unsets": unsets}
    return {name: value for name, value in parts.items() if value}


def _paths(before: Terms, after: Terms) -> list[str]:
    """The paths by which an act names its terms: a scope by its parts, unless it goes as a whole."""
    found = []
    for name in TERMS:
        parts = (before.get(name), after.get(name))
        if name == "scope" and parts[1] is not None:
            keys = {key: None for part in parts if isinstance(part, Mapping) for key in part}
            found += [f"{name}.{key}" for key in keys]
        else:
            found.append(name)
    return found
