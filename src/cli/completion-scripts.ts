/**
 * The scripts that make a shell complete `dotlocal`: each hands the words to the hidden command
 * `complete` and offers what it prints. Where that prints nothing, the shell offers files.
 */

export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof SHELLS)[number];

const BASH = `# bash completion for dotlocal: eval "$(dotlocal completion bash)"
_dotlocal() {
  local IFS=$'\\n'
  COMPREPLY=($(dotlocal complete bash -- "\${COMP_LINE:0:COMP_POINT}" "\${COMP_WORDS[COMP_CWORD]}" 2>/dev/null))
  if [ "\${#COMPREPLY[@]}" -eq 1 ]; then
    case "\${COMPREPLY[0]}" in *=) compopt -o nospace ;; esac
  fi
}
complete -o default -F _dotlocal dotlocal
`;

const ZSH = `#compdef dotlocal
# zsh completion for dotlocal: as _dotlocal in a folder of $fpath, or eval "$(dotlocal completion zsh)"
_dotlocal() {
  local -a candidates
  candidates=("\${(@f)$(dotlocal complete zsh -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${candidates[1]}" ]]; then
    _describe 'dotlocal' candidates
  else
    _files
  fi
}
if [[ "$funcstack[1]" = _dotlocal ]]; then
  _dotlocal "$@"
else
  compdef _dotlocal dotlocal
fi
`;

const FISH = `# fish completion for dotlocal: dotlocal completion fish | source
function __dotlocal_complete
  set -l words (commandline --tokenize --cut-at-cursor --current-process)
  dotlocal complete fish -- $words[2..-1] (commandline --current-token --cut-at-cursor | string unescape) 2>/dev/null
end
complete --command dotlocal --arguments '(__dotlocal_complete)'
`;

export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
};
