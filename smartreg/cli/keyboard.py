"""Input from a terminal (prompt_toolkit): one key, a line, or a text that is searched as one types. What comes
in one paste is one answer, however many lines it has.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from smartreg.asking.choices import SEPARATORS
from smartreg.core.errors import Cancelled, Interrupted, UsageFault
from smartreg.core.messages import Language, Message
from smartreg.core.progress import end_progress
from smartreg.core.styled import visible

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.validation import Validator

CANCELLED = Message("cancelled; nothing was changed")
Search = Callable[[str], Iterable[tuple[str, str]]]
Check = Callable[[str], object]


def read_key(prompt: str, keys: str) -> str:
    """The first of the keys that is pressed; others, and what is pasted, do nothing. Cancelled as `_read`."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.keys import Keys
    from prompt_toolkit.output import create_output

    bindings = KeyBindings()

    @bindings.add(Keys.BracketedPaste)
    def _ignore(_event: Any) -> None:
        return

    @bindings.add(Keys.Any)
    @bindings.add(Keys.ControlM)
    def _press(event: Any) -> None:
        pressed = event.data.lower()
        if pressed and pressed in keys:
            event.current_buffer.insert_text(pressed)
            event.app.exit(result=pressed)

    session: PromptSession[str] = PromptSession(key_bindings=bindings, output=create_output(stdout=sys.stderr))
    return _read(session, prompt)


def read_line(prompt: str, *, several: bool = False, fresh: bool = False) -> str:
    """A line of text; the lines of a paste become one, with commas between if it may mean `several`. `fresh`: what was
    typed before the prompt appeared does not count. Cancelled as `_read`."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.output import create_output

    session: PromptSession[str] = PromptSession(
        key_bindings=_paste_as_one_line(several), output=create_output(stdout=sys.stderr)
    )
    return _read(session, prompt, fresh=fresh)


def _paste_as_one_line(several: bool) -> KeyBindings:
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.keys import Keys

    bindings = KeyBindings()

    @bindings.add(Keys.BracketedPaste)
    def _paste(event: Any) -> None:
        rows = filter(None, map(str.strip, event.data.splitlines()))
        event.current_buffer.insert_text((", " if several else " ").join(rows))

    return bindings


def _read(session: PromptSession[str], prompt: str, *, fresh: bool = False) -> str:
    """The text that is typed. Interrupted at Ctrl-C, Cancelled at Ctrl-D."""
    end_progress()
    try:
        if fresh:
            _forget_typed(session)
        return session.prompt(visible(prompt))
    except KeyboardInterrupt:
        raise Interrupted(CANCELLED) from None
    except EOFError:
        raise Cancelled(CANCELLED) from None


def _forget_typed(session: PromptSession[str]) -> None:
    """Drop what was typed ahead: what prompt_toolkit has read of it, and what the terminal still holds."""
    from prompt_toolkit.input.typeahead import clear_typeahead

    session.app.input.flush_keys()
    clear_typeahead(session.app.input)
    if sys.stdin.isatty():
        import termios

        termios.tcflush(sys.stdin, termios.TCIFLUSH)


def read_searched(prompt: str, search: Search, check: Check, lang: Language, *, several: bool) -> str:
    """A text that `check` takes (it raises UsageFault otherwise). What `search` finds for it, or for the last of
    `several`, values and labels, is offered as one types. Cancelled as `_read`."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.output import create_output

    session: PromptSession[str] = PromptSession(
        completer=_completer(search, several),
        complete_while_typing=True,
        key_bindings=_paste_as_one_line(several),
        validator=_validator(check, lang),
        validate_while_typing=False,
        output=create_output(stdout=sys.stderr),
    )
    return _read(session, prompt)


def _validator(check: Check, lang: Language) -> Validator:
    """Says why a text is refused."""
    from prompt_toolkit.validation import ValidationError, Validator

    class Settled(Validator):
        def validate(self, document: Any) -> None:
            try:
                check(document.text.strip())
            except UsageFault as fault:
                message = visible(fault.message.in_(lang))
                hint = visible(f" ({fault.hint.in_(lang)})") if fault.hint else ""
                fits = len(message) + len(hint) <= get_terminal_size().columns  # one line: the rest is cut off
                raise ValidationError(len(document.text), message + hint if fits else message) from None

    return Settled()


def _completer(search: Search, several: bool) -> Completer:
    from prompt_toolkit.completion import Completer, Completion

    class Matching(Completer):
        def get_completions(self, document: Any, complete_event: Any) -> Iterator[Completion]:
            text = (SEPARATORS.split(document.text)[-1] if several else document.text).lstrip()
            for value, label in search(text):
                shown = f"{value}  {label}" if label else value
                yield Completion(value, start_position=-len(text), display=visible(shown))

    return Matching()
