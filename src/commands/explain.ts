import { parseConfig } from '../cmdline/config.ts'
import { explainConfig } from '../cmdline/explain.ts'
import { probeCmdline } from '../machine/probe.ts'
import { formatJson } from '../printable.ts'
import type { Command } from './command.ts'

/** The status of a ConfigError; the problems are part of the explanation and not said again on stderr. */
const HAS_PROBLEMS = 2

export const explain: Command = {
  name: 'explain',
  summary: 'Say in words what a kernel command line asks for; exit status 2 if it has problems',
  options: {
    cmdline: { kind: 'text', summary: "the kernel command line; this machine's own without it" },
    json: { kind: 'flag', summary: 'print the configuration as JSON' },
  },
  examples: [
    ['holdfast explain', 'what this machine was booted with'],
    [
      "holdfast explain --cmdline 'root=live:CDLABEL=LIVE rd.live.overlay=LABEL=PERSIST:/store'",
      'try a command line before you boot with it',
    ],
  ],
  run(system, args) {
    const config = parseConfig(args.text('cmdline') ?? probeCmdline(system))
    const text = args.flag('json') ? formatJson(config) : explainConfig(config).join('\n')
    system.print('stdout', `${text}\n`)
    return config.problems.length === 0 ? 0 : HAS_PROBLEMS
  },
}
