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
  readonly cmdline?: string
  /** The record in /run, at each look at it; the last one stays. */
  readonly records?: readonly string[]
  readonly mounted?: readonly string[]
}

/** A machine whose tries end so; what was run on it. */
function machine(ends: readonly Watch[], asked: Machine = {}) {
  const { cmdline = 'root=/dev/sda rd.live.overlay=/dev/sdb:/s.img', mounted = [] } = asked
  const left = [...ends]
  const records = [...(asked.records ?? [''])]
  const ran: string[] = []
  const mountinfo = mounted.map((at, i) => {
    const above = mounted.map((each) => at.startsWith(`${each}/`)).lastIndexOf(true)
    return `${i + 30} ${above < 0 ? 1 : above + 30} 8:16 / ${at} rw - ext4 /dev/sdb rw`
  })
  const base = mapSystem({
    texts: {
      '/proc/cmdline': cmdline,
      '/proc/self/mountinfo': mountinfo.join('\n'),
      '/etc/initrd-release': '',
    },
  })
  const system: System = {
    ...base,
    env: (name) => (name === 'NEWROOT' ? '/sysroot' : undefined),
    readText(path) {
      if (path !== RECORD_FILE) return base.readText(path)
      return (records.length > 1 ? records.shift() : records[0]) ?? ''
    },
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

const STATE = ['/run/initramfs/holdfast-scratch', '/run/initramfs/holdfast-state']
const unmount = (at: string) => `umount --internal-only --lazy --force ${at}`

test('once the root is made, it is what keeps state, and what the root shows of that goes too', () => {
  const { planning, ran } = machine([stuck('/dev/sdc')], {
    records: ['', '{}'],
    mounted: ['/sysroot', ...STATE, '/sysroot/srv'],
  })
  bootWatched(planning, (own) => {
    assert.is(own.lostState?.why, "'/dev/sdc' no longer answers")
    assert.is(storeOf(own).kind, 'persistent')
    return 0
  })
  assert.equal(ran, ['/sysroot/srv', ...[...STATE].reverse()].map(unmount))
})

test('the record of a run before the emergency shell says nothing of this one', () => {
  const { planning } = machine([stuck('/dev/sdb')], { records: ['{}', '{}'] })
  bootWatched(planning, (own) => {
    assert.equal([storeOf(own).kind, own.lostState], ['unusable', undefined])
    return 0
  })
})

test('where no store was asked for it is what keeps state, whatever the record', () => {
  const { planning, ran } = machine([stuck('/dev/sdc')], {
    cmdline: 'root=/dev/sda ro readonlyroot rd.holdfast.onfail=reboot',
    mounted: STATE,
  })
  bootWatched(planning, (own) => {
    assert.equal(
      [storeOf(own).kind, own.lostState?.why],
      ['untouched', "'/dev/sdc' no longer answers"],
    )
    return 0
  })
  assert.is(ran.length, 2)
})

test('first the store, then what keeps state', () => {
  const { planning } = machine([stuck('/dev/sdb'), stuck('/dev/sdb')])
  bootWatched(planning, (own) => {
    assert.equal(
      [storeOf(own).kind, own.lostState?.why],
      ['unusable', "'/dev/sdb' no longer answers"],
    )
    return 0
  })
})

test('after three tries it ends, whatever does not answer', () => {
  const { planning } = machine([stuck('/dev/sdb'), stuck('/dev/sdc'), stuck('/dev/sda')])
  assert.throws(
    () => bootWatched(planning, () => fail('it ends')),
    /Failed to boot: '\/dev\/sda' no longer answers/,
  )
})

test.run()
