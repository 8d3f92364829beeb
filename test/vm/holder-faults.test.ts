import * as assert from 'uvu/assert'
import { persistenceDisk } from './image/disk.ts'
import { pick, tryLive } from './live-boot.ts'
import { ServedDisk } from './machine/served-disk.ts'
import { scenarios } from './scenario.ts'

// A persistence device that fails while its store is set up: the boot goes on with a store in RAM, and says why.
const holderFaults = scenarios('holder faults')

/** Printed by the hook before holdfast's, when udev and the kernel have read what they read of every disk. */
const BEFORE_HOLDFAST = /dry run: changed nothing/

async function bootFailing(afterRequests: number) {
  const disk = await ServedDisk.of(await persistenceDisk())
  const outcome = await tryLive({
    cmdline: 'rd.live.overlay=/dev/disk/by-id/virtio-holder:/persist-hda.img',
    disks: [{ file: disk.file, bus: 'virtio', serial: 'holder' }],
    reactions: [{ when: BEFORE_HOLDFAST, act: () => disk.failAfter('errors', afterRequests) }],
    // To power off, the kernel would wait for the disk.
    script: 'echo x > /etc/written && echo written=yes; echo came-up > /dev/kmsg; sleep 600',
    killWhen: /came-up/,
  })
  disk.close()
  assert.is(outcome.exit, 'killed', outcome.log.slice(-3000))
  assert.equal(pick(outcome, 'mode', 'technology', 'written'), {
    mode: 'temporary',
    technology: 'dm-snapshot',
    written: 'yes',
  })
  return outcome
}

for (const requests of [0, 3, 15]) {
  holderFaults(`a device that gives errors after ${requests} writes ends in policy`, async () => {
    const outcome = await bootFailing(requests)
    assert.match(outcome.report.values['why'] ?? '', /^Failed to /)
  })
}

holderFaults.run()
