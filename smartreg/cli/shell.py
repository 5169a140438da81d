"""The command that shells run at Tab: `complete`, through one of three short scripts. Like `help` and `version`, words
for -h and --version, it loads no more than what it is asked about."""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeAlias

import typer
from typer._click.shell_completion import CompletionItem, ShellComplete
from typer.core import TyperCommand

from smartreg import __version__
from smartreg.cli import load
from smartreg.cli.ahead import look_ahead
from smartreg.cli.app import PROGRAM, Commands, FirstScreen, make_command, program
from smartreg.cli.catalogue import COMMANDS
from smartreg.cli.options import DIRECTORY, FILE, MOST, parameters_of
from smartreg.core.styled import line, plain, visible

BASH = r"""# smartreg, Tab completion for bash. In ~/.bashrc: source <(smartreg completion bash)
_smartreg() {
    local rest=${COMP_LINE:0:COMP_POINT} words=() prefix quote found item blank word i
    for ((i = 0; i <= COMP_CWORD; i++)); do  # bash splits words at = and :, too
        word=${COMP_WORDS[i]} blank=${rest%%[![:space:]]*}
        rest=${rest#"$blank"}
        ((i == COMP_CWORD)) && word=$rest
        if [[ $blank || $i == 0 ]]; then words+=("$word"); else words[-1]+=$word; fi
        rest=${rest#"$word"}
    done
    prefix=${words[-1]} quote=${word:0:1}
    [[ $word == [=:] ]] || prefix=${prefix%"$word"}
    [[ $quote == [\"\'] ]] || quote=
    found=$(@smartreg@ complete --quoted "${words[@]:1}" 2>/dev/null | cut -f1)
    case $found in
        "<file>") compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "${word#"$quote"}") ;;
        "<directory>") compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "${word#"$quote"}") ;;
        *) COMPREPLY=()
           compopt -o nosort 2>/dev/null  # commits come the latest first; before bash 4.4, sorted
           while read -r item; do
               [[ $item ]] || continue
               item=${item#"$prefix"}
               case $quote in  # bash puts it into the quotes that are open, and closes them
                   "'") item=${item//"'"/"'\''"} ;;
                   '"') item=${item//\\/\\\\} item=${item//\"/\\\"} item=${item//\$/\\\$} item=${item//\`/\\\`} ;;
                   *) printf -v item %q "$item" ;;
               esac
               COMPREPLY+=("$item")
           done <<<"$found"
           [[ $found == *[=:] ]] && compopt -o nospace ;;
    esac
}
complete -F _smartreg smartreg
"""

ZSH = r"""#compdef smartreg
# smartreg, Tab completion for zsh. In ~/.zshrc: source <(smartreg completion zsh)
_smartreg() {
    local -a lines shown more
    local item
    lines=("${(@f)$(@smartreg@ complete --quoted "${(@)words[2,$CURRENT]}" 2>/dev/null)}")
    case ${lines[1]} in
        "") return 1 ;;
        "<file>") _files ;;
        "<directory>") _files -/ ;;
        *)
            more=(-U)  # a label or a name may stand for what it does not begin with
            for item in $lines; do
                shown+=("${${item%%$'\t'*}//:/\\:}${${(M)item%%$'\t'*}/$'\t'/:}")
                [[ ${item%%$'\t'*} == *[=:] ]] && more=(-U -S '')
            done
            _describe -V smartreg shown "${(@)more}"  # as they come: commits the latest first
            if [[ -z ${compstate[unambiguous]} && $compstate[nmatches] -gt 1 ]]; then
                compstate[insert]= compstate[list]='list force'  # what is typed stays: they share no beginning
            fi
            ;;
    esac
}
compdef _smartreg smartreg
"""

FISH = r"""# smartreg, Tab completion for fish.
# In ~/.config/fish/completions/smartreg.fish: smartreg completion fish | source
function __smartreg_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (@smartreg@ complete --found --quoted $words[2..-1] 2>/dev/null)
    switch "$found[1]"
        case '<file>'
            __fish_complete_path (commandline -ct)
        case '<directory>'
            __fish_complete_directories (commandline -ct)
        case '*'
            printf '%s\n' $found
    end
end
complete -c smartreg -f -k -a '(__smartreg_complete)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


app = typer.Typer()


class RawWords(TyperCommand):
    """A command that takes every word behind its name as it is."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.params["words"] = args
        return []


Raw: TypeAlias = Annotated[list[str] | None, typer.Argument()]  # None for no word


ALL = ("-a", "--all")  # as git help


@app.command("help", cls=RawWords)
def help_command(ctx: typer.Context, words: Raw) -> int:
    """`help COMMAND` is `COMMAND -h`; `help --all` lists every command."""
    typed = [word for word in words or () if word not in ALL]
    group = program(ctx.obj.lang, FirstScreen if typed == (words or []) else Commands)
    with group.make_context(PROGRAM, [*typed, "-h"], obj=ctx.obj) as inner:
        return int(inner.command.invoke(inner) or 0)


@app.command("version", cls=RawWords)
def version_command(words: Raw) -> int:
    sys.stdout.write(f"{PROGRAM} {__version__}\n")
    return 0


@app.command("complete", cls=RawWords)
def complete_command(words: Raw) -> int:
    typed = list(words or ())
    shown = FoundTab if typed[:1] == [FOUND] else Tab
    if shown is FoundTab:
        typed = typed[1:]
    if typed[:1] == [QUOTED]:
        typed = [unquote(word) for word in typed[1:]]
    sys.stdout.write(complete(typed, os.environ, shown))
    return 0


class TabCommands(Commands):
    """The commands as Tab needs them. Where only arguments stand behind a command, the catalogue says what completes
    them; its module, and with it half of the program, is imported for options alone."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, *words = args
        arguments = COMMANDS[name].arguments if name in COMMANDS else ()
        if arguments and not any(word.startswith("-") for word in (*words, ctx.obj.words[-1])):
            return name, make_command(name, _taking(arguments), TyperCommand, "", ctx.obj.lang), words
        return super().resolve_command(ctx, args)


def _taking(placeholders: Iterable[str]) -> Callable[..., None]:
    """A function that takes these arguments."""

    def command(**_words: Any) -> None: ...

    hints = {f"word_{number}": _hint(placeholder) for number, placeholder in enumerate(placeholders)}
    command.__signature__ = inspect.Signature(parameters_of(hints))  # type: ignore[attr-defined]
    return command


def _hint(placeholder: str) -> Any:
    word = placeholder.removesuffix("…")
    return Annotated[str | None if word == placeholder else list[str], typer.Argument(metavar=word)]


class Tab(ShellComplete):
    """The output for the shells: one value per line, its description after a tab. Nothing in it acts in a terminal, and
    no shell evaluates it."""

    def source_vars(self) -> dict[str, Any]:
        return {}

    def get_completion_args(self) -> tuple[list[str], str]:
        words = self.ctx_args["obj"].words
        return list(words[:-1]), words[-1]

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """The completions of Typer that can be typed, options by their long names; behind `--option=` with the option
        again."""
        args = args[1:] if args[:1] == ["help"] else args
        offered = super().get_completions(args, incomplete) or self._nouns_meant(args, incomplete)
        completions = [item for item in offered if _can_be_typed(str(item.value))][:MOST]
        name, equals, _value = incomplete.partition("=")
        if equals and name.startswith("-"):
            return [CompletionItem(f"{name}={item.value}", help=item.help) for item in completions]
        return [item for item in completions if not _SHORT.fullmatch(item.value)]

    def _nouns_meant(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Nouns for `add équipement` and `add-équipement`, where no noun begins so."""
        ahead, before = self.ctx_args["obj"], "" if args[-1:] == ["add"] else "add-"
        word = incomplete.removeprefix(before)
        if not word or (before and word == incomplete):
            return []
        nouns = load("cli.completion").nouns_meant(ahead.folder, ahead.lang, word)
        return [CompletionItem(f"{before}{noun}", help=title) for noun, title in nouns]

    def format_completion(self, item: CompletionItem) -> str:
        if item.help in (FILE, DIRECTORY):
            return item.help
        return f"{item.value}\t{visible(item.help)}" if item.help else str(item.value)


class FoundTab(Tab):
    """For fish, which offers only what holds the typed word, or is described with it: a description ends with the word
    for which a name or a label stands."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        return [_with_typed(item, incomplete) for item in super().get_completions(args, incomplete)]


def _with_typed(item: CompletionItem, typed: str) -> CompletionItem:
    about = item.help or ""
    if about in (FILE, DIRECTORY) or any(typed.lower() in text.lower() for text in (str(item.value), about)):
        return item
    return CompletionItem(item.value, help=f"{about} ← {typed}".lstrip())


_SHORT = re.compile("-[a-zA-Z]")
FOUND = "--found"  # the shell itself looks for the typed word in what is offered
QUOTED = "--quoted"  # words come as they stand on the line, with their quotes
_ESCAPED = '"\\$`'  # what a backslash escapes between double quotes


def complete(words: Sequence[str], environ: Mapping[str, str], shown: type[Tab] = Tab) -> str:
    """The candidates for the last word of a command line. Never fails: a broken schema gives no answer."""
    ahead = look_ahead(list(words) or [""], environ)
    try:
        tab = shown(program(ahead.lang, TabCommands), {"obj": ahead}, PROGRAM, "")
        completions = tab.complete()
    except Exception:
        return ""
    return f"{completions}\n" if completions else ""


def unquote(word: str) -> str:
    """A word as a shell would hand it over: without its quotes, of which the last may be open, and backslashes."""
    text, quote, letters = "", "", iter(word)
    for letter in letters:
        if letter == "\\" and quote != "'":
            following = next(letters, "")
            text += letter + following if quote and following not in _ESCAPED else following
        elif letter == quote:
            quote = ""
        elif letter in "'\"" and not quote:
            quote = letter
        else:
            text += letter
    return text


def _can_be_typed(value: str) -> bool:
    """Whether a value can be shown and typed as it is."""
    return plain([line(value)]) == f"{value}\n"
