"""Wrong command lines, told in our words: what is missing, unknown or refused, with the nearest option. Typer's own
messages are English, and name the choice that was meant for commands alone."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, get_args

import typer
from typer.exceptions import TyperException

from smartreg.cli.options import choices
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.spelling import closest, did_you_mean


def translate_usage_error(refusal: TyperException, ctx: typer.Context, words: Sequence[str]) -> UsageFault:
    """The faults that Typer finds in the words of a command, from the attributes of the exception: a word that is none
    of the choices; a missing word; an option that is unknown, or that lacks or refuses a value."""
    param: Any = getattr(refusal, "param", None)
    if type(refusal) is typer.BadParameter:
        return _no_choice(ctx, param, words)
    if param is not None:
        missing = param.human_readable_name.rstrip("…")
        return UsageFault(
            Message("{missing} is missing", missing=missing),
            Message("{command_path} -h shows what it takes", command_path=ctx.command_path),
        )
    word, options = str(getattr(refusal, "option_name", "") or ""), _options(ctx)
    if not word:
        return UsageFault(Message("this command line cannot be parsed"))
    if word not in options:
        near = _option_meant(word, [name for name in options if name.startswith("--")])
        return UsageFault(
            Message("no option {word}", word=word),
            Message("did you mean {near}?", near=near)
            if near
            else Message("{command_path} -h lists them", command_path=ctx.command_path),
        )
    if options[word].is_flag:
        return UsageFault(Message("{word} takes no value", word=word))
    return _needs_value(word)


def _option_meant(word: str, options: Sequence[str]) -> str | None:
    """The option for a field that another country calls `word`, else the one that is spelled most like it."""
    from smartreg.schema.countries import called_elsewhere  # and with it the schemas, for wrong command lines alone

    fields = {option[2:].replace("-", "_"): option for option in options}
    meant = called_elsewhere(word[2:].replace("-", "_"), fields)
    return fields[meant] if meant is not None else closest(word, options)


def refuse_swallowed_option(ctx: typer.Context, words: Sequence[str]) -> None:
    """UsageFault for an option that is followed by another one, and so lacks its value: Typer would take the other's
    name for it."""
    options = _options(ctx)
    before, is_value = before_dashes(words), False
    for word, following in zip(before, [*words[1:], ""], strict=False):
        item = None if is_value else options.get(word)
        is_value = item is not None and not item.is_flag
        if is_value and (following == "--" or following.partition("=")[0] in options):
            raise _needs_value(word)


def before_dashes(words: Sequence[str]) -> Sequence[str]:
    """The words before `--`: behind it, none is an option."""
    return words[: words.index("--")] if "--" in words else words


def _options(ctx: typer.Context) -> dict[str, Any]:
    """The options of a command by their names."""
    params: Sequence[Any] = ctx.command.params
    return {name: item for item in params if item.param_type_name == "option" for name in item.opts}


def _no_choice(ctx: typer.Context, param: Any, words: Sequence[str]) -> UsageFault:
    """A word that is none of those that an option or argument takes."""
    command: Any = ctx.command
    word = command.make_parser(ctx).parse_args(list(words))[0][param.name]
    values = choices(get_args(inspect.signature(command.callback).parameters[param.name].annotation)[0])
    listed = ", ".join(values)
    name = max(param.opts, key=len) if param.param_type_name == "option" else param.metavar
    return UsageFault(
        Message('{name} must be one of {listed}, not "{word}"', name=name, word=word, listed=listed),
        did_you_mean(word, values),
    )


def _needs_value(word: str) -> UsageFault:
    return UsageFault(Message("{word} needs a value", word=word))
