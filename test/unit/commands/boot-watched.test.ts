import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { boot } from '../../../src/commands/boot.ts'
import { bootWatched } from '../../../src/commands/boot-watched.ts'
import { commandArgs } from '../../../src/commands/command.ts'
import { openPlanning, type Planning } from '../../../src/commands/planning.ts'
import { RECORD_FILE } from '../../../src/machine/places.ts'
import type { System, Watch } from '../../../src/machine/system.ts'
import { mapSystem } from '../map-system.ts'

const test = suite('a boot that is watched')

const WORKING = { kind: 'working' } as const
const stuck = (path: string) => ({ kind: 'stuck', path }) as const

interface Machine {
  readonly texts?: Readonly<Record<string, string>>
  readonly mounted?: readonly string[]
}

/** A machine whose tries end so; what was run on it. */
function machine(ends: readonly Watch[], { texts = {}, mounted = [] }: Machine = {}) {
  const left = [...ends]
  const ran: string[] = []
  const mountinfo = mounted.map((at, i) => `${i + 30} 1 8:16 / ${at} rw - ext4 /dev/sdb rw`)
  const base = mapSystem({
    texts: {
      '/proc/cmdline': 'root=/dev/sda rd.live.overlay=/dev/sdb:/s.img',
      '/proc/self/mountinfo': mountinfo.join('\n'),
      ...texts,
    },
  })
  const system: System = {
    ...base,
    watch: () => left.shift() ?? WORKING,
    run(argv) {
      ran.push(argv.join(' '))
      return { status: 0, stdout: '', stderr: '', timedOut: false }
    },
  }
  return { planning: openPlanning(system, commandArgs(boot, {})), printed: base.printed, ran }
}

const fail = (why: string): never => {
  throw new Error(why)
}
const storeOf = ({ config }: Planning) => config.overlay.store

test('the boot is that of the watched process, and its exit status is the one', () => {
  const { planning } = machine([{ kind: 'ended', status: 4 }])
  assert.is(
    bootWatched(planning, () => fail('the other process boots')),
    4,
  )
  assert.is(
    bootWatched(machine([WORKING]).planning, (own) => (storeOf(own).kind === 'persistent' ? 0 : 1)),
    0,
  )
})

test('a store whose device no longer answers cannot be had, and nobody is to look there again', () => {
  const { planning, printed, ran } = machine([stuck('/dev/sdb')], {
    mounted: ['/run/initramfs/overlayfs'],
  })
  const seen: Planning[] = []
  assert.is(
    bootWatched(planning, (own) => seen.push(own)),
    1,
  )
  const store = seen[0] && storeOf(seen[0])
  assert.equal(store?.kind === 'unusable' && store.why, "'/dev/sdb' no longer answers")
  assert.is(seen[0]?.lostState, undefined)
  assert.equal(ran, ['umount --internal-only --lazy --force /run/initramfs/overlayfs'])
  assert.match(printed.join(''), "'/dev/sdb' no longer answers: going on without it")
})

test('once the root is made, it is what keeps state', () => {
  const { planning, ran } = machine([stuck('/dev/sdc')], {
    texts: { [RECORD_FILE]: '{}' },
    mounted: ['/run/initramfs/holdfast-scratch', '/run/initramfs/holdfast-state'],
  })
  bootWatched(planning, (own) => {
    assert.is(own.lostState?.why, "'/dev/sdc' no longer answers")
    assert.is(storeOf(own).kind, 'persistent')
    return 0
  })
  assert.is(ran.length, 2)
})

test('after three tries it ends, whatever does not answer', () => {
  const { planning } = machine([stuck('/dev/sdb'), stuck('/dev/sdc'), stuck('/dev/sda')])
  assert.throws(
    () => bootWatched(planning, () => fail('it ends')),
    /Failed to boot: '\/dev\/sda' no longer answers/,
  )
})

test.run()
