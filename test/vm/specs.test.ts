import * as assert from 'uvu/assert'
import { copyOf, persistenceDisk } from './image/disk.ts'
import { gptDisk } from './image/gpt-disk.ts'
import { liveMedium } from './image/medium.ts'
import { bootLive, pick, tryLive } from './live-boot.ts'
import { scenarios } from './scenario.ts'

// Each way to name a device once, for the medium and for the store, and each name of the argument.
const specs = scenarios('device specs')

const STORE_UUID = '6f1e0a52-7f0c-4a38-9a3e-000000000001'
const PERSISTENT = { mode: 'persistent', why: '', technology: 'dm-snapshot' }

specs('live:LABEL= and overlay=LABEL=, the name of el6', async () => {
  const outcome = await bootLive({
    root: 'root=live:LABEL=LIVE',
    cmdline: 'overlay=LABEL=PERSIST:/persist-hda.img',
    disks: [{ file: await persistenceDisk({ label: 'PERSIST' }) }],
  })
  assert.equal(pick(outcome, 'mode', 'why', 'technology'), PERSISTENT)
})

specs('28: live:UUID= and rd.overlay=UUID=, the name of dracut 110', async () => {
  const outcome = await bootLive({
    // The UUID of an ISO is when it was made: SOURCE_DATE_EPOCH of the test images.
    root: 'root=live:UUID=2023-11-14-22-13-20-00',
    cmdline: `rd.overlay=UUID=${STORE_UUID}:/persist-hda.img`,
    disks: [{ file: await persistenceDisk({ uuid: STORE_UUID }) }],
  })
  assert.equal(pick(outcome, 'mode', 'why', 'technology'), PERSISTENT)
})

specs('PARTLABEL= and PARTUUID=, medium and store on one disk', async () => {
  const [mediumId, storeId] = [
    '01234567-89ab-4cde-8f01-23456789ab01',
    '01234567-89ab-4cde-8f01-23456789ab02',
  ]
  const disk = await gptDisk([
    { image: await liveMedium('bookworm', 'uncompressed'), name: 'medium', uuid: mediumId },
    { image: await persistenceDisk(), name: 'store', uuid: storeId },
  ])
  for (const [root, store] of [
    ['PARTLABEL=medium', `PARTUUID=${storeId}`],
    [`PARTUUID=${mediumId}`, 'PARTLABEL=store'],
  ]) {
    const outcome = await bootLive({
      root: `root=live:${root}`,
      cmdline: `rd.live.overlay=${store}:/persist-hda.img`,
      medium: { file: disk },
    })
    assert.equal(pick(outcome, 'mode', 'why', 'technology'), PERSISTENT)
  }
})

specs('live:/dev/sda and a name below /dev/disk/by-path that has colons', async () => {
  const outcome = await bootLive({
    root: 'root=/dev/sda rd.live.image',
    cmdline: 'rd.live.overlay=/dev/disk/by-path/pci-0000:00:01.0-scsi-0:0:24:0:/persist-hda.img',
    disks: [{ file: await persistenceDisk() }],
  })
  assert.equal(pick(outcome, 'mode', 'why', 'technology'), PERSISTENT)
})

specs('a label and a path with spaces, quoted', async () => {
  const outcome = await bootLive({
    cmdline: '"rd.live.overlay=LABEL=My Disk:/my stores/one.img"',
    disks: [{ file: await persistenceDisk({ label: 'My Disk', store: '/my stores/one.img' }) }],
  })
  assert.equal(pick(outcome, 'mode', 'why', 'technology'), PERSISTENT)
})

specs('no path: /LiveOS/overlay-<LABEL>-<UUID> of the medium', async () => {
  const store = '/LiveOS/overlay-LIVE-2023-11-14-22-13-20-00'
  const outcome = await bootLive({
    cmdline: 'rd.live.overlay=/dev/sdb',
    disks: [{ file: await persistenceDisk({ store }) }],
    script: 'losetup -a',
  })
  assert.equal(pick(outcome, 'mode', 'why', 'technology'), PERSISTENT)
  assert.match(outcome.report.text, `overlayfs${store}`)
})

specs('the medium itself holds the store: it becomes writable', async () => {
  const medium = { file: await copyOf(await liveMedium('bookworm', 'uncompressed')) }
  const created = await bootLive({
    medium,
    root: 'root=live:LABEL=LIVE',
    cmdline: 'rd.live.overlay=LABEL=LIVE:/made.img',
    script: 'holdfast create LABEL=LIVE:/made.img --size 64M; echo "created=$?"',
  })
  assert.equal(pick(created, 'mode', 'why', 'created'), {
    mode: 'temporary',
    why: "there is no file 'LABEL=LIVE:/made.img'",
    created: '0',
  })
  const outcome = await bootLive({
    medium,
    root: 'root=live:LABEL=LIVE',
    cmdline: 'rd.live.overlay=LABEL=LIVE:/made.img',
  })
  assert.equal(pick(outcome, 'mode', 'why', 'technology'), PERSISTENT)
})

specs('a medium on the network is refused at once, with the reason on the console', async () => {
  for (const initramfs of ['script', 'systemd'] as const) {
    const outcome = await tryLive({
      initramfs,
      root: 'root=live:http://192.0.2.1/live.img',
      cmdline: 'rd.retry=1000',
      killWhen: /refused: root=live:\S+ is no live root: media on the network are fetched by/,
    })
    assert.is(outcome.exit, 'killed')
  }
})

specs.run()
