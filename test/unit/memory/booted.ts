import { boot } from '../../../src/commands/boot.ts'
import { commandArgs } from '../../../src/commands/command.ts'
import { type MemoryMachine, memoryMachine } from './machine.ts'
import { HOLDER, scenarios } from './scenarios.ts'
import { type Dm, file } from './state.ts'

/** The store of a booted machine, through the mounted persistence device. */
export const STORE = `${HOLDER}/persist.img`

const PROGRAMS = ['sh', 'dmsetup', 'losetup', 'fallocate', 'dd', 'sync']

/** A machine whose root keeps its changes in a store of 300 MiB; what was run and changed for that is forgotten. */
export function booted(): MemoryMachine {
  const { cmdline, state } = scenarios['a blank store'] as (typeof scenarios)[string]
  const machine = memoryMachine(state(), cmdline)
  boot.run(machine, commandArgs(boot, {}))
  const [top] = machine.state.mounts
  for (const name of PROGRAMS) top?.tree.files.set(`/usr/sbin/${name}`, file(0))
  machine.ran.splice(0)
  machine.printed.stderr = ''
  machine.changes = 0
  return machine
}

/** The same after its snapshot has overflowed. */
export function overflowed(): MemoryMachine {
  const machine = booted()
  const dm = dmOf(machine, 'live-snapshot')
  if (dm) dm.overflow = true
  return machine
}

/** The device-mapper device of that name. */
export function dmOf({ state }: MemoryMachine, name: string): Dm | undefined {
  return state.disks.find(({ dm }) => dm?.name === name)?.dm
}
