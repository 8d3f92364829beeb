import { probeCmdline, probeMachine, probeNewRoot } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { formatJson } from '../printable.ts'
import type { Args, Command } from './command.ts'

export const probe: Command = {
  name: 'probe',
  summary: 'Print what holdfast sees of this machine: the facts that its plans are made from',
  options: { json: { kind: 'flag', summary: 'As JSON, for --facts' } },
  examples: [
    ['holdfast probe --json > facts.json', 'on the machine in trouble'],
    ['holdfast boot --dry-run --facts facts.json', 'at the desk'],
  ],
  run: runProbe,
}

function runProbe(system: System, args: Args): number {
  const facts = probeMachine(system, probeNewRoot(system), () => true)
  const lines = facts.devices.map(({ node, sectors, content, dm, loop, links }) =>
    [
      node,
      `${sectors} sectors`,
      content?.type,
      content?.label,
      dm?.name,
      loop?.backingFile,
      ...links,
    ]
      .filter((word) => word !== undefined && word !== '')
      .map((word) => formatJson(word))
      .join(' '),
  )
  const text = args.flag('json') ? formatJson(facts) : [probeCmdline(system), ...lines].join('\n')
  system.print('stdout', `${text}\n`)
  return 0
}
