"""Words of the command line → values, by Typer; its refusals in our words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

from smartreg.cli.parameters import Argument, Command, Option, Parameter, Values
from smartreg.core.errors import UsageFault
from smartreg.core.suggest import closest
from smartreg.core.values import Words


def parse(command: Command, name: str, words: Sequence[str]) -> Values:
    """The value of every parameter. UsageFault for an unknown option, a missing value or word, a word too many."""
    options = _options(command.every)
    _no_swallowed_option(options, words)
    values = plainly(command, words)
    if values is None:
        values = by_typer(command, name, list(words))
    for item in command.every:
        if isinstance(item.spec, Argument) and item.spec.required and not values[item.name]:
            raise UsageFault(
                Words(f"{item.spec.metavar} is missing", f"il manque {item.spec.metavar}"),
                Words(f"smartreg {name} -h shows what it takes", f"smartreg {name} -h montre ce qu'il faut"),
            )
    return values


def _options(parameters: Iterable[Parameter]) -> dict[str, Parameter]:
    return {name: item for item in parameters if isinstance(item.spec, Option) for name in item.spec.names}


def _no_swallowed_option(options: dict[str, Parameter], words: Sequence[str]) -> None:
    """An option that is followed by another one lacks its value: Typer would take the other's name for it."""
    skip = False
    for word, following in zip(words, [*words, None][1:], strict=True):
        if word == "--":
            return
        item = None if skip or word is None else options.get(word)
        skip = item is not None and item.shape != "flag"
        if item is not None and skip and following in options:
            raise _needs_value(str(word))


def plainly(command: Command, words: Sequence[str]) -> Values | None:
    """The values of a command line that leaves nothing to interpret: flags, options each with its value as the next
    word, a word for each argument. None for any other, which Typer reads; its import is a twentieth of `add-sensor`."""
    options = _options(command.every)
    values: dict[str, Any] = {item.name: [] if item.shape == "many" else _default(item) for item in command.every}
    loose: list[str] = []
    following = iter(words)
    for word in following:
        item = options.get(word)
        if item is None:
            if word.startswith("-"):
                return None
            loose.append(word)
        elif item.shape == "flag":
            values[item.name] = True
        elif (value := next(following, None)) is None:
            return None
        elif item.shape == "many":
            values[item.name].append(value)
        else:
            values[item.name] = value
    arguments = [item for item in command.every if isinstance(item.spec, Argument)]
    if len(loose) != len(arguments) or any(item.shape != "one" for item in arguments):
        return None
    return {**values, **{item.name: word for item, word in zip(arguments, loose, strict=True)}}


def by_typer(command: Command, name: str, words: list[str]) -> Values:
    """The values as Typer reads them; its refusals in our words."""
    import typer
    from typer.core import TyperCommand
    from typer.exceptions import TyperException

    class Strict(TyperCommand):
        """Words too many are told in our words."""

        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            ctx.allow_extra_args = True
            extra: list[str] = super().parse_args(ctx, args)
            if extra:
                raise UsageFault(
                    Words(f'"{extra[0]}" is one word too many', f"« {extra[0]} » est de trop"),
                    Words(
                        f"smartreg {name} -h shows what it takes; a value with spaces needs quotes",
                        f"smartreg {name} -h montre ce qu'il faut ; une valeur avec espaces demande des guillemets",
                    ),
                )
            return extra

    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name=name, cls=Strict, add_help_option=False)(_callback(command))
    try:
        values: Values = typer.main.get_command(app).main(args=words, prog_name=name, standalone_mode=False)
    except TyperException as refusal:
        raise _told(refusal, command) from None
    return values


def _callback(command: Command) -> Callable[..., Values]:
    """A function of the command's signature that gives its values back."""
    import inspect

    def callback(**values: Any) -> Values:
        return {
            item.name: [] if item.shape == "many" and values[item.name] is None else values[item.name]
            for item in command.every
        }

    parameters = [
        inspect.Parameter(item.name, inspect.Parameter.KEYWORD_ONLY, default=_default(item), annotation=_typed(item))
        for item in command.every
    ]
    callback.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    callback.__annotations__ = {item.name: item.annotation for item in parameters}
    return callback


def _default(item: Parameter) -> bool | None:
    return False if item.shape == "flag" else None


def _typed(item: Parameter) -> Any:
    import typer

    kind: Any = {"flag": bool, "one": str | None, "many": list[str] | None}[item.shape]
    if isinstance(item.spec, Argument):
        return Annotated[kind, typer.Argument(metavar=item.spec.metavar)]
    return Annotated[kind, typer.Option(*item.spec.names)]


def _told(refusal: Any, command: Command) -> UsageFault:
    """What Typer refuses, told by what it carries: an option that is unknown, or that lacks or refuses a value."""
    word = str(getattr(refusal, "option_name", "") or "")
    options = _options(command.every)
    if not word:
        return UsageFault(Words("this command line cannot be read", "cette ligne de commande est illisible"))
    if word not in options:
        near = closest(word, (name for name in options if name.startswith("--")))
        return UsageFault(
            Words(f"no option {word}", f"il n'y a pas d'option {word}"),
            Words(f"did you mean {near}?", f"vouliez-vous dire {near} ?") if near else None,
        )
    if options[word].shape == "flag":
        return UsageFault(Words(f"{word} takes no value", f"{word} ne prend pas de valeur"))
    return _needs_value(word)


def _needs_value(word: str) -> UsageFault:
    return UsageFault(Words(f"{word} needs a value", f"{word} demande une valeur"))
