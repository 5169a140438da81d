# smartreg, Tab completion for fish.
# In ~/.config/fish/completions/smartreg.fish: smartreg completion fish | source
function __smartreg_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (smartreg complete --found --quoted $words[2..-1] 2>/dev/null)
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
