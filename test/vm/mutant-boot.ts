import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { bootableCommandLine } from '../unit/mutants/command-line.ts'
import { judgeByFormat } from '../unit/mutants/oracle.ts'
import { type MutatedStore, mutatedStore } from '../unit/mutants/store.ts'
import { ext4Disk } from './image/disk.ts'
import { fileFromDisk, replayJournal } from './image/ext4.ts'
import { bootLive } from './live-boot.ts'

const MOST_BYTES = 8 << 20

/**
 * The n-th spoilt store that can be booted with. One that is fit and holds changes is left out: they are of an image that
 * nobody has, and would make of the root what nobody can start.
 */
function bootableStore(n: number): MutatedStore {
  let left = n
  for (let number = 0; ; number++) {
    const { start, bytes, how } = mutatedStore(number)
    const length = Math.min(bytes, MOST_BYTES)
    const store = { start: start.subarray(0, length), bytes: length, how }
    const truth = judgeByFormat(store)
    if (truth.fit && truth.entries > 0) continue
    if (left === 0) return store
    left--
  }
}

/**
 * Boots with the n-th spoilt store, and with a spoilt command line: behind the argument that names the store, where what
 * is spoilt counts, or before it. Whatever they are, the machine comes up, and the store is as it was unless
 * it keeps the changes; one that is unfit never does.
 */
export async function bootMutant(n: number): Promise<void> {
  const store = bootableStore(n)
  const truth = judgeByFormat(store)
  const spoilt = bootableCommandLine(n)
  const asked = 'rd.live.overlay=/dev/sdb:/s.img'
  const cmdline = n % 2 === 0 ? `${asked} ${spoilt}` : `${spoilt} ${asked}`
  const about = `${store.how}; ${cmdline}`
  const before = Buffer.alloc(store.bytes)
  before.set(store.start)
  const disk = await ext4Disk({ bytes: 64e6, content: { '/s.img': before } })
  const outcome = await bootLive({
    cmdline: `${cmdline} rd.holdfast.timeout=2 rd.holdfast.onfail=temporary`,
    disks: [{ file: disk }],
    script: 'cat /run/holdfast/boot.json; echo "up=yes"',
  })
  const { mode, up } = outcome.report.values
  assert.is(up, 'yes', about)
  await replayJournal(disk)
  if (mode === 'persistent') {
    const mayBe = truth.fit || /overlay\.reset|reset_overlay/.test(cmdline)
    assert.ok(mayBe, `an unfit store was attached: ${about}`)
    return
  }
  const after = readFileSync(await fileFromDisk(disk, '/s.img'))
  assert.is(hash(after), hash(before), `the store was changed: ${about}`)
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
