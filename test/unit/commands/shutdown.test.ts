import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commandArgs } from '../../../src/commands/command.ts'
import { shutdown } from '../../../src/commands/shutdown.ts'
import { findMount } from '../../../src/formats/mount-table.ts'
import { booted } from '../memory/booted.ts'
import type { MemoryMachine } from '../memory/machine.ts'
import { addMount, directory, type MemoryMount } from '../memory/state.ts'

const test = suite('shutdown')

const HOLDER = 'umount /run/initramfs/overlayfs'

/** What a booted machine runs at shutdown, where these programs take that long, or as long as they may. */
function shutDown(takesMs: readonly (readonly [RegExp, number])[], machine = booted()) {
  const given: [string, number | undefined][] = []
  const slow: typeof machine = {
    ...machine,
    run(argv, timeoutMs) {
      const line = argv.join(' ')
      given.push([line, timeoutMs])
      const [, ms = 1] = takesMs.find(([pattern]) => pattern.test(line)) ?? []
      machine.sleep(Math.min(ms, timeoutMs ?? 60_000))
      if (ms <= (timeoutMs ?? 60_000)) return machine.run(argv, timeoutMs)
      return { status: 137, stdout: '', stderr: '', timedOut: true }
    },
  }
  const status = shutdown.run(slow, commandArgs(shutdown, {}))
  return { status, given, machine }
}

test('a stick that takes 29 s to write out what is in memory is left clean', () => {
  const { status, given, machine } = shutDown([[/overlayfs$/, 29_000]])
  assert.is(status, 0, machine.printed.stderr)
  assert.equal(given.at(-1), [HOLDER, 30_000])
  assert.is(
    machine.state.mounts.some(({ mountPoint }) => /overlayfs$/.test(mountPoint)),
    false,
  )
})

test('a step that is given up does not keep the rest from being taken down', () => {
  const { status, given, machine } = shutDown([[/^umount \/sysroot$/, Number.POSITIVE_INFINITY]])
  assert.is(status, 4)
  assert.match(machine.printed.stderr, "'/sysroot': no answer in time, killed, ignoring")
  assert.equal(given.find(([line]) => /live-rw$/.test(line))?.[1], 5_000)
  assert.ok(given.some(([line]) => line === HOLDER))
})

test('a file system that has not answered is not waited for as long again', () => {
  const machine = booted()
  const holder = findMount(machine.state.mounts, '/run/initramfs/overlayfs') as MemoryMount
  holder.tree.files.set('/again', directory())
  addMount(machine.state, { ...holder, mountPoint: `${holder.mountPoint}/again` }, holder)
  const { given } = shutDown([[/overlayfs/, Number.POSITIVE_INFINITY]], machine)
  assert.equal(given.slice(-2), [
    [`${HOLDER}/again`, 30_000],
    [HOLDER, 5_000],
  ])
})

test('a file system that does not answer costs the others nothing, and nothing begins at the end', () => {
  const { status, given, machine } = shutDown([[/./, Number.POSITIVE_INFINITY]])
  assert.is(status, 4)
  const total = given.reduce((sum, [, ms = 60_000]) => sum + ms, 0)
  assert.ok(total <= 95_000, String(total))
  const writing = given.filter(([line]) => line.startsWith('umount'))
  assert.ok(writing.length > 1 && writing.every(([, ms = 0]) => ms >= 5_000), String(given))
  assert.is(machine.printed.stderr.includes('no time is left'), false)
})

test('of a server that is gone nothing is asked: it is unmounted, and that is all', () => {
  const machine = booted()
  const holder = findMount(machine.state.mounts, '/run/initramfs/overlayfs') as MemoryMount
  const STATE = '/run/initramfs/holdfast-state'
  machine.makeDirectory(STATE)
  addMount(machine.state, { ...holder, mountPoint: STATE, fsType: 'nfs4', source: 'server:/exp' })
  const asked: string[] = []
  const ask =
    <T extends unknown[], R>(call: (path: string, ...rest: T) => R) =>
    (path: string, ...rest: T): R => {
      if (path.startsWith(STATE)) asked.push(path)
      return call(path, ...rest)
    }
  const { exists, stat, lstat, list, readText, readBytes, freeBytes } = machine
  const watched: MemoryMachine = {
    ...machine,
    ...{ exists: ask(exists), stat: ask(stat), lstat: ask(lstat), list: ask(list) },
    readText: ask(readText),
    ...{ readBytes: ask(readBytes), freeBytes: ask(freeBytes) },
  }
  const { given } = shutDown([], watched)
  assert.equal(asked, [])
  assert.equal(given.at(-1), [`umount --internal-only --lazy --force ${STATE}`, 5_000])
})

test.run()
