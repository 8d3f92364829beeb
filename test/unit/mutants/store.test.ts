import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'
import { check } from '../../../src/commands/check.ts'
import { commandArgs } from '../../../src/commands/command.ts'
import { ExpectedError, RefusedError } from '../../../src/errors.ts'
import { type SeenBase, toIdentity } from '../../../src/overlay/base-identity.ts'
import { planPersistent } from '../../../src/overlay/plan-persistent.ts'
import { probeStore } from '../../../src/overlay/probe-store.ts'
import { findRoot, type RootFacts } from '../../../src/overlay/root-facts.ts'
import type { Step } from '../../../src/plan/step.ts'
import { disk, factsOf } from '../facts-of.ts'
import { mapSystem } from '../map-system.ts'
import { judgeByFormat } from './oracle.ts'
import { BASE_SECTORS, type MutatedStore, mutatedStore } from './store.ts'
import { UNPRINTABLE } from './unprintable.ts'

const test = suite('2,000 stores that were spoilt')

const STORES = 2000
const PATH = '/holder/s.img'
const NAME = '/dev/sdb:/s.img'
const BASE: SeenBase = {
  type: 'ext4',
  label: 'ROOT',
  uuid: '5c0f1e5a-0000-4000-8000-726f6f740001',
  sectors: BASE_SECTORS,
  fingerprint: '01234567-89abcdef',
  formerFingerprint: '01234567-89abcdef',
  showsChanges: true,
  formerShowsChanges: true,
}
const RECORD = JSON.stringify({
  version: 1,
  base: toIdentity(BASE),
  chunkSectors: 8,
  createdSeconds: 1,
  lastUsedSeconds: 2,
})
const ROOT = '20 1 8:2 / /sysroot ro,relatime shared:3 - ext4 /dev/sda2 ro'

/** A machine in which the store can be read, its blocks all there, with the record of BASE beside it. */
function systemWith({ start, bytes }: MutatedStore) {
  const system = mapSystem({
    bytes: { [PATH]: start },
    texts: { [`${PATH}.holdfast`]: RECORD },
    stats: { [PATH]: { bytes, allocatedSectors: bytes / 512 } },
  })
  const readBytes = (path: string, offset: number, length: number) => {
    const read = new Uint8Array(Math.max(0, Math.min(length, bytes - offset)))
    read.set(system.readBytes(path, Math.min(offset, start.length), read.length))
    return read
  }
  return { ...system, readBytes }
}

/** The steps that attach the store; undefined where it is refused. Any other error is a bug. */
function planFor(store: MutatedStore): readonly Step[] | undefined {
  const facts = factsOf([disk('sda2', '8:2', 'ext4')], [ROOT])
  const config = parseConfig(`ro rd.live.overlay=${NAME}`)
  const found = probeStore(systemWith(store), facts, '/holder', '/s.img')
  const root = findRoot(facts) as RootFacts
  const binding = { base: BASE, found: { kind: 'none' }, nowSeconds: 9 } as const
  try {
    return planPersistent({ config, facts, root, name: NAME, store: found, binding }).plan.steps
  } catch (error) {
    if (error instanceof ExpectedError) return undefined
    throw error
  }
}

const isWritten = (step: Step) =>
  step.kind === 'attach-loop' && step.as === 'store' && !step.readOnly

test('no plan attaches one that the format calls unfit, and every fit one is attached', () => {
  let fit = 0
  let written = 0
  for (let number = 0; number < STORES; number++) {
    const store = mutatedStore(number)
    const truth = judgeByFormat(store)
    const steps = planFor(store)
    const why = truth.fit ? 'fit' : truth.why
    const attaches = steps?.some(({ kind }) => kind === 'attach-loop') ?? false
    assert.is(attaches, truth.fit, `${store.how}: ${why}`)
    // One that is full is only read: nothing in it is cleared.
    const writes = steps?.some(isWritten) ?? false
    const clears = steps?.some(({ kind }) => kind === 'clear-entries') ?? false
    assert.is(
      clears,
      writes && truth.fit && truth.entriesBehindEnd,
      `${store.how}: entries behind the end`,
    )
    if (truth.fit) fit++
    if (writes) written++
  }
  assert.ok(fit > STORES / 6 && fit < STORES / 2, `${fit} are fit`)
  assert.ok(written > STORES / 20, `${written} are written to`)
})

test('check agrees with the format, and what it prints is printable', () => {
  for (let number = 0; number < STORES; number++) {
    const store = mutatedStore(number)
    const truth = judgeByFormat(store)
    const system = systemWith(store)
    let refused = false
    try {
      check.run(system, commandArgs(check, { store: PATH, json: number % 2 === 0 }))
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error
      refused = true
    }
    assert.is(refused, !truth.fit, `${store.how}: ${truth.fit ? 'fit' : truth.why}`)
    assert.not.match(system.printed.join(''), UNPRINTABLE, store.how)
  }
})

test.run()
