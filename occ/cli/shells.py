"""The shells that complete occ's words: the script for each, and the answer to each."""

import os
from typing import Any, Final

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
)

from occ.cli.commands import cli
from occ.cli.session import Session
from occ.cli.terminal import streams

VARIABLE: Final = "_OCC_COMPLETE"
LINES: Final = {
    "bash": ('eval "$(occ completion bash)"', "~/.bashrc"),
    "zsh": ('eval "$(occ completion zsh)"', "~/.zshrc, below compinit"),
    "fish": ("occ completion fish | source", "~/.config/fish/config.fish"),
}

# Click's own shows no texts beside the words. These texts show where bash lists and inserts nothing
# (COMP_TYPE: ? after a second TAB, ! and @ where every TAB lists).
_BASH: Final = r"""%(complete_func)s() {
    local response type value text line width=0 i
    local -a values=() texts=()
    response=$(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD \
%(complete_var)s=bash_complete "$1")
    COMPREPLY=()
    while IFS=$'\t' read -r type value text; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                values+=("$value")
                texts+=("$text")
                (( ${#value} > width )) && width=${#value}
                ;;
        esac
    done <<< "$response"
    for i in "${!values[@]}"; do
        line=${values[i]}
        if (( ${#values[@]} > 1 )) && [[ -n ${texts[i]} && $COMP_TYPE =~ ^(33|63|64)$ ]]; then
            printf -v line '%%-*s  %%s' "$width" "$line" "${texts[i]}"
        fi
        COMPREPLY+=("$line")
    done
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class _Bash(BashComplete):
    source_template = _BASH

    def format_completion(self, item: CompletionItem[Any]) -> str:
        return f"{item.type}\t{item.value}\t{item.help or ''}"


class _Fish(FishComplete):
    # A text may have commas; Click's own would keep the part before the first of them.
    source_template = FishComplete.source_template.replace('split ","', 'split -m 1 ","')


_SHELLS: Final[dict[str, type[ShellComplete]]] = {
    "bash": _Bash,
    "zsh": ZshComplete,
    "fish": _Fish,
}


def script(shell: str) -> str:
    """The script that the shell is to run, with the line that has it run at every start."""
    line, file = LINES[shell]
    words = _SHELLS[shell](cli, {}, "occ", VARIABLE)
    text = words.source_template % words.source_vars()  # Click's `source` runs bash to ask its age
    first, _, rest = text.partition("\n") if text.startswith("#compdef") else ("", "", text)
    told = (
        f"# occ's completion: for every {shell} from now on, add this line to {file}:\n#   {line}"
    )
    return "\n".join(part for part in (first, told, rest) if part)


def answered(session: Session, instruction: str) -> int:
    """Answer a shell that asks, by Click's protocol, what can stand at a place.

    Where nothing can be told (a mistyped command, a journal in pieces) nothing is offered.
    """
    shell, _, wanted = instruction.partition("_")
    if shell not in _SHELLS or wanted != "complete" or "COMP_CWORD" not in os.environ:
        return 1
    try:
        found = _SHELLS[shell](cli, {"obj": session}, "occ", VARIABLE).complete()
    except Exception:  # noqa: BLE001 - a traceback would be written over the line being typed
        return 0
    streams.out(f"{found}\n" if found else "")
    return 0
