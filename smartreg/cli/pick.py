"""Pick of many by typing: every word must match, accents and case aside, at most 50 are shown.

Folded texts are made once; a key press then scans them (a few ms at 100 000).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from smartreg.cli.ask import Choice, parts
from smartreg.core.errors import Cancelled
from smartreg.core.slug import fold
from smartreg.core.styled import visible
from smartreg.core.values import Language, Words

if TYPE_CHECKING:
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.validation import Validator

SHOWN = 50

Search = Callable[[str], Iterator[Choice]]


def pick(prompt: str, choices: Sequence[Choice], lang: Language, separator: str = "") -> list[str]:
    """The value picked, or with a separator those between which it stands; none for Enter alone. Cancelled at Ctrl-C
    and Ctrl-D."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.output import create_output

    search = searcher(choices)
    values = {item.value for item in choices}

    session: PromptSession[str] = PromptSession(
        completer=_completer(search, separator),
        complete_while_typing=True,
        validator=_validator(values, search, lang, separator),
        validate_while_typing=False,
        output=create_output(stdout=sys.stderr),
    )
    try:
        answer = session.prompt(visible(prompt))
    except (EOFError, KeyboardInterrupt):
        raise Cancelled(Words("cancelled; nothing was changed", "annulé ; rien n'a été modifié")) from None
    found = (_settle(part, values, search) for part in parts(answer, separator))
    return [value for value in found if value is not None]


def searcher(choices: Sequence[Choice]) -> Search:
    """A function that finds the choices with every word of a text, in their order, at most 50."""
    folded = [(f"{item.value} {fold(item.label)}", item) for item in choices]

    def search(text: str) -> Iterator[Choice]:
        words = [word for word in fold(text).split("-") if word]
        found = 0
        for known, item in folded:
            if all(word in known for word in words):
                yield item
                found += 1
                if found == SHOWN:
                    return

    return search


def _settle(text: str, values: set[str], search: Search) -> str | None:
    """The value that a text means: itself, or the only one that matches."""
    if text.strip() in values:
        return text.strip()
    found = list(search(text))
    return found[0].value if len(found) == 1 else None


def _validator(values: set[str], search: Search, lang: Language, separator: str) -> Validator:
    """Says why a text means none of the choices."""
    from prompt_toolkit.validation import ValidationError, Validator

    several = Words("type more words, or pick one with the arrows", "précisez, ou choisissez avec les flèches")

    class Settled(Validator):
        def validate(self, document: Any) -> None:
            for text in parts(document.text, separator):
                if _settle(text, values, search) is None:
                    nothing = Words(f'nothing here matches "{text}"', f"rien ici ne correspond à « {text} »")
                    words = nothing if next(search(text), None) is None else several
                    raise ValidationError(len(document.text), visible(words.in_(lang)))

    return Settled()


def _completer(search: Search, separator: str) -> Completer:
    from prompt_toolkit.completion import Completer, Completion

    class Matching(Completer):
        def get_completions(self, document: Any, complete_event: Any) -> Iterator[Completion]:
            text = (document.text.rpartition(separator)[2] if separator else document.text).lstrip()
            for item in search(text):
                shown = f"{item.value}  {item.label}" if item.label else item.value
                yield Completion(item.value, start_position=-len(text), display=visible(shown))

    return Matching()
