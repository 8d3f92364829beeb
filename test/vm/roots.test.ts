import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { copyOf, ext4Disk, persistenceDisk } from './image/disk.ts'
import { liveMedium } from './image/medium.ts'
import { rootImage } from './image/root-image.ts'
import { bootLive, pick, tryLive } from './live-boot.ts'
import { boot } from './machine/boot.ts'
import { assertScriptSucceeded, scenarios } from './scenario.ts'

const roots = scenarios('roots')

const KEPT = 'echo "seen=$(cat /etc/kept 2> /dev/null)"; echo kept > /etc/kept\n'

for (const [suite, initramfs, more] of [
  ['bookworm', 'script', 'rd.skipfsck'],
  ['trixie', 'systemd', ''],
] as const) {
  roots(`root=LABEL= without a live medium, ${suite}, ${initramfs}`, async () => {
    const disks = [
      { file: await rootImage(suite), readOnly: true },
      { file: await persistenceDisk() },
    ]
    const cmdline = `root=LABEL=ROOT ro rd.live.overlay=/dev/sdb:/persist-hda.img ${more}`
    const script = `mount -o remount,rw /\n${KEPT}dmsetup table live-snapshot`
    for (const seen of ['', 'kept']) {
      const outcome = await boot({ suite, initramfs, cmdline, disks, script })
      assertScriptSucceeded(outcome)
      assert.is(outcome.report.values['seen'], seen)
      assert.match(outcome.log, 'dry run: changed nothing')
      assert.match(outcome.report.text, /^0 1048576 snapshot 8:0 7:\d+ PO 32$/m)
    }
  })
}

roots('an ordinary root without an argument is left alone', async () => {
  const outcome = await boot({
    suite: 'bookworm',
    initramfs: 'script',
    cmdline: 'root=LABEL=ROOT rw',
    disks: [{ file: await rootImage('bookworm'), discard: true }],
    script: 'dmsetup ls; holdfast status; ls /run/holdfast',
  })
  assert.match(outcome.report.text, 'No devices found')
  assert.match(outcome.report.text, 'UNTOUCHED')
})

roots('ext3fs.img; the image uncompressed beside it; the image copied to RAM', async () => {
  const media = [
    ['ext3fs', ''],
    ['uncompressed', ''],
    ['nested', 'rd.live.ram'],
  ] as const
  for (const [medium, cmdline] of media) {
    const outcome = await bootLive({
      root: 'root=live:LABEL=LIVE',
      medium: { file: await liveMedium('bookworm', medium), readOnly: true },
      cmdline: `${cmdline} rd.live.overlay=/dev/sdb:/persist-hda.img`,
      disks: [{ file: await persistenceDisk() }],
      script: `${KEPT}echo "medium=$(grep -c initramfs/live /proc/mounts)"`,
    })
    assert.equal(pick(outcome, 'mode', 'why', 'medium'), {
      mode: 'persistent',
      why: '',
      medium: cmdline === '' ? '1' : '0',
    })
  }
})

roots('the ISO as a file on any disk: iso-scan/filename=', async () => {
  const outcome = await bootLive({
    medium: { file: await liveMedium('bookworm', 'iso-file'), readOnly: true },
    cmdline: 'iso-scan/filename=/live.iso rd.live.overlay=/dev/sdb:/persist-hda.img',
    disks: [{ file: await persistenceDisk() }],
  })
  assert.equal(pick(outcome, 'mode', 'why'), { mode: 'persistent', why: '' })
})

roots('a flat image gets OverlayFS: in RAM, in a directory; and says so', async () => {
  const medium = { file: await liveMedium('bookworm', 'flat'), readOnly: true }
  const inRam = await bootLive({ medium, cmdline: '', script: KEPT })
  const overlayfs = { mode: 'temporary', why: '', technology: 'overlayfs', seen: '' }
  assert.equal(pick(inRam, 'mode', 'why', 'technology', 'seen'), overlayfs)
  assert.match(inRam.log, 'OverlayFS keeps the changes')

  const disk = await ext4Disk({ content: { '/layers/keep': 'x\n' } })
  for (const seen of ['', 'kept']) {
    const kept = await bootLive({
      medium,
      cmdline: 'rd.live.overlay=/dev/sdb:/layers',
      disks: [{ file: disk }],
      script: KEPT,
    })
    const expected = { mode: 'persistent', why: '', technology: 'overlayfs', seen }
    assert.equal(pick(kept, 'mode', 'why', 'technology', 'seen'), expected)
  }
})

roots('OverlayFS in an image on the persistence device, over EROFS', async () => {
  const image = readFileSync(await ext4Disk({ bytes: 32 << 20 }))
  const disk = await ext4Disk({ content: { '/layers.img': image } })
  for (const seen of ['', 'kept']) {
    const outcome = await bootLive({
      medium: { file: await liveMedium('bookworm', 'flat-erofs'), readOnly: true },
      cmdline: 'rd.live.overlay=/dev/sdb:/layers.img',
      disks: [{ file: disk }],
      script: KEPT,
    })
    const expected = { mode: 'persistent', why: '', technology: 'overlayfs', seen }
    assert.equal(pick(outcome, 'mode', 'why', 'technology', 'seen'), expected)
  }
})

roots('OverlayFS over a base that could be an origin, because it was asked for', async () => {
  const outcome = await bootLive({
    cmdline: 'rd.live.overlay.overlayfs rd.live.overlay=/dev/sdb:/layers',
    disks: [{ file: await ext4Disk({ content: { '/layers/keep': 'x\n' } }) }],
    script: 'dmsetup ls',
  })
  const expected = { mode: 'persistent', why: '', technology: 'overlayfs' }
  assert.equal(pick(outcome, 'mode', 'why', 'technology'), expected)
  assert.not.match(outcome.report.text, 'live-rw')
})

roots('stock dmsquash-live has made live-rw already: adopted, and said so', async () => {
  const disk = await persistenceDisk()
  for (const seen of ['', 'kept']) {
    // Not bootLive: the root is writable before the dry run, and what it writes by itself counts there.
    const outcome = await tryLive({
      initramfs: 'both',
      cmdline: 'rd.live.image rd.live.overlay=/dev/sdb:/persist-hda.img',
      disks: [{ file: disk }],
      script: KEPT,
    })
    assertScriptSucceeded(outcome)
    assert.equal(pick(outcome, 'mode', 'why', 'seen'), { mode: 'persistent', why: '', seen })
    assert.match(outcome.log, 'adopted as it is')
  }
})

roots('mounts below the root are carried over', async () => {
  const outcome = await boot({
    suite: 'bookworm',
    initramfs: 'script',
    cmdline:
      'root=LABEL=ROOT ro rd.skipfsck rd.live.overlay=/dev/sdb:/persist-hda.img test.submount=/dev/sdc',
    disks: [
      { file: await copyOf(await rootImage('bookworm')), readOnly: true },
      { file: await persistenceDisk() },
      { file: await ext4Disk({ bytes: 16e6, content: { '/below': 'here\n' } }) },
    ],
    script: 'echo "below=$(cat /opt/below)"; dmsetup table live-snapshot',
  })
  assertScriptSucceeded(outcome)
  assert.is(outcome.report.values['below'], 'here')
  assert.match(outcome.log, 'dry run: changed nothing')
  assert.match(outcome.report.text, / snapshot /)
})

roots.run()
