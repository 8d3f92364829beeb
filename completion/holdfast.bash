# bash completion for holdfast(8)

_holdfast() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words=
  COMPREPLY=()

  case $previous in
  --facts | --base)
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    return
    ;;
  --cmdline | --size | --count | -n) return ;;
  esac

  if ((COMP_CWORD == 1)); then
    words='boot live shutdown status which lost persist unpersist list create grow monitor check recover explain probe --help --version'
  else
    case ${COMP_WORDS[1]} in
    boot | live) words='--dry-run --cmdline --facts --help' ;;
    shutdown) words='--dry-run --help' ;;
    status | check | probe) words='--json --help' ;;
    which) words='--json --help' ;;
    lost) words='--count --all --json --help' ;;
    persist | unpersist) words='--dry-run --help' ;;
    list) words='--json --help' ;;
    create | grow) words='--size --dry-run --help' ;;
    monitor) words='--help' ;;
    recover) words='--base --in-place --force --json --dry-run --help' ;;
    explain) words='--cmdline --json --help' ;;
    esac
  fi
  if ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[1]} =~ ^(which|persist|unpersist)$ && $current != -* ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    return
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _holdfast holdfast
