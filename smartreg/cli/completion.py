"""`completion bash|zsh|fish`: the script by which a shell asks `complete` at Tab, wherever the user stands."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from smartreg.cli.invocation import invocation
from smartreg.cli.parameters import Argument, command
from smartreg.cli.session import Session, choice
from smartreg.core.values import Words

BASH = r"""# smartreg, Tab completion for bash. In ~/.bashrc: source <(smartreg completion bash)
_smartreg() {
    local IFS=$'\n' cur words cword
    if declare -F _get_comp_words_by_ref >/dev/null; then
        _get_comp_words_by_ref -n =: cur words cword
    else
        cur=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
    fi
    local found item
    found=$(@smartreg@ complete "${words[@]:1:cword}" 2>/dev/null | cut -f1)
    case $found in
        "<file>") compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")) ;;
        "<directory>") compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")) ;;
        *) COMPREPLY=()
           while read -r item; do
               [[ $item ]] && printf -v item %q "$item" && COMPREPLY+=("$item")
           done <<<"$found"
           [[ $found == *= ]] && compopt -o nospace
           declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$cur" ;;
    esac
}
complete -F _smartreg smartreg
"""

ZSH = r"""#compdef smartreg
# smartreg, Tab completion for zsh. In ~/.zshrc: source <(smartreg completion zsh)
_smartreg() {
    local -a lines shown
    local item
    lines=("${(@f)$(@smartreg@ complete "${(@)words[2,$CURRENT]}" 2>/dev/null)}")
    case ${lines[1]} in
        "") return 1 ;;
        "<file>") _files ;;
        "<directory>") _files -/ ;;
        *)
            for item in $lines; do
                shown+=("${${item%%$'\t'*}//:/\\:}:${item#*$'\t'}")
            done
            _describe smartreg shown
            ;;
    esac
}
compdef _smartreg smartreg
"""

FISH = r"""# smartreg, Tab completion for fish.
# In ~/.config/fish/completions/smartreg.fish: smartreg completion fish | source
function __smartreg_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (@smartreg@ complete $words[2..-1] 2>/dev/null)
    switch "$found[1]"
        case '<file>'
            __fish_complete_path (commandline -ct)
        case '<directory>'
            __fish_complete_directories (commandline -ct)
        case '*'
            printf '%s\n' $found
    end
end
complete -c smartreg -f -a '(__smartreg_complete)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


Shell: TypeAlias = Annotated[
    str, Argument("SHELL", Words("bash, zsh or fish", "bash, zsh ou fish"), choices=("bash", "zsh", "fish"))
]


def run(session: Session, shell: Shell) -> int:
    script = SCRIPTS[choice(shell, tuple(SCRIPTS), Words("shell", "le shell"))]
    session.console.write(script.replace("@smartreg@", invocation()))
    return 0


COMMAND = command(run)
