import * as assert from 'uvu/assert'
import { fillToTheBrim } from './fill-to-the-brim.ts'
import { type Filled, filled, fillScript, listScript } from './fill-with-files.ts'
import { diskHash, persistenceDisk } from './image/disk.ts'
import { fileFromDisk, replayJournal } from './image/ext4.ts'
import { bootLive, pick, tryLive } from './live-boot.ts'
import { scenarios } from './scenario.ts'

// A store that ran full: all that was fsynced is there afterwards, and the machine comes up.
const full = scenarios('full store')

const MIB = 1 << 20
const STORE = '/s.img'
const CMDLINE = `rd.live.overlay=/dev/sdb:${STORE}`

async function fill(disk: string, ballast: boolean): Promise<Filled> {
  const script = fillScript(
    ballast ? 'dd if=/dev/zero of=/run/initramfs/overlayfs/ballast bs=64k status=none' : '',
  )
  const outcome = await tryLive({ cmdline: CMDLINE, disks: [{ file: disk }], script })
  assert.match(outcome.report.text, 'Overflow')
  await replayJournal(disk)
  return filled(outcome)
}

full('on a device with room it grows at the next boot, and all is there', async () => {
  // Of all lengths near it the one at which the kernel gives up a store that runs full.
  const storeBytes = (1 + 1025) * 16384
  const disk = await persistenceDisk({ bytes: 120e6, store: STORE, storeBytes })
  const { count, hashes } = await fill(disk, false)
  const next = await bootLive({
    cmdline: CMDLINE,
    disks: [{ file: disk }],
    script: listScript(count),
  })
  assert.equal(pick(next, 'mode', 'why', 'written'), {
    mode: 'persistent',
    why: '',
    written: 'yes',
  })
  assert.equal(pick(next, ...Object.keys(hashes)), hashes)
  assert.match(next.log, /the store is nearly full: it grows from 16[^ ]* MiB to /)
})

full(
  '28: on a device without room all can be read, and it is untouched; with room it is used again',
  async () => {
    const disk = await persistenceDisk({ bytes: 40e6, store: STORE, storeBytes: 16 * MIB })
    const { count, hashes } = await fill(disk, true)
    const before = await diskHash(await fileFromDisk(disk, STORE))
    const next = await bootLive({
      cmdline: CMDLINE,
      disks: [{ file: disk }],
      script: listScript(count),
    })
    assert.equal(pick(next, 'mode', 'written'), { mode: 'temporary', written: 'yes' })
    assert.match(next.report.values['why'] ?? '', /is full: .* no room to let it grow/)
    assert.equal(pick(next, ...Object.keys(hashes)), hashes)
    const cmdline = `${CMDLINE} rd.holdfast.onfail=readonly`
    const only = await tryLive({ cmdline, disks: [{ file: disk }], script: listScript(count) })
    assert.equal(pick(only, 'mode', 'written'), { mode: 'readonly', written: undefined })
    assert.equal(pick(only, ...Object.keys(hashes)), hashes)
    await replayJournal(disk)
    assert.is(await diskHash(await fileFromDisk(disk, STORE)), before)

    const script =
      'mount -o remount,rw /run/initramfs/overlayfs; rm /run/initramfs/overlayfs/ballast'
    await bootLive({ cmdline: CMDLINE, disks: [{ file: disk }], script })
    const again = await bootLive({
      cmdline: CMDLINE,
      disks: [{ file: disk }],
      script: listScript(count),
    })
    assert.equal(pick(again, 'mode', 'written'), { mode: 'persistent', written: 'yes' })
    assert.equal(pick(again, ...Object.keys(hashes)), hashes)
  },
)

full('small files, synced by twenties: all that were are there at the next boot', async () => {
  await fillToTheBrim(4000, 24 * MIB)
})

full('a store whose root cannot be mounted is read below a store in RAM, and kept', async () => {
  const disk = await persistenceDisk({ bytes: 40e6, store: STORE, storeBytes: 8 * MIB })
  const shared = { cmdline: CMDLINE, disks: [{ file: disk }] }
  await bootLive({ ...shared, script: 'echo early > /early && sync /early' })
  const script = 'echo "early=$(cat /early)"; echo late > /late && sync /late && echo written=yes'
  const failing = `${CMDLINE} test.failing=/dev/mapper/live-rw`
  const second = await bootLive({ ...shared, cmdline: failing, script })
  assert.equal(pick(second, 'mode', 'why', 'early', 'written'), {
    mode: 'temporary',
    why: "Failed to mount '/dev/mapper/live-rw': it fails",
    early: 'early',
    written: 'yes',
  })
  const third = await bootLive({ ...shared, script: 'echo "kept=$(cat /early /late)"' })
  assert.equal(pick(third, 'mode', 'kept'), { mode: 'persistent', kept: 'early' })
})

full('a reset is done once for each argument that asks', async () => {
  const disk = await persistenceDisk()
  const boot = (more: string, word: string) =>
    bootLive({
      cmdline: `rd.live.overlay=/dev/sdb:/persist-hda.img ${more}`,
      disks: [{ file: disk }],
      script: `echo "seen=$(cat /etc/kept 2> /dev/null)"; echo ${word} > /etc/kept`,
    })
  const seen = async (more: string, word: string) => (await boot(more, word)).report.values['seen']
  assert.is(await seen('', 'one'), '')
  assert.is(await seen('rd.live.overlay.reset', 'two'), '')
  assert.is(await seen('rd.live.overlay.reset', 'three'), 'two')
  assert.is(await seen('rd.live.overlay.reset=2', 'four'), '')
  assert.is(await seen('rd.live.overlay.reset=always', 'five'), '')
  assert.is(await seen('rd.live.overlay.reset=always', 'six'), '')
})

full.run()
