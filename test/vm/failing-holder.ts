import * as assert from 'uvu/assert'
import { persistenceDisk } from './image/disk.ts'
import { pick, tryLive } from './live-boot.ts'
import { type Fault, ServedDisk } from './machine/served-disk.ts'

/** Printed by the hook before holdfast's, when udev and the kernel have read what they read of every disk. */
export const BEFORE_HOLDFAST = /dry run: changed nothing/

/** To power off, the kernel would wait for the disk: the guest says so when it has come up, and is killed. */
export const COME_UP = { script: 'echo came-up > /dev/kmsg; sleep 600', killWhen: /came-up/ }

/** Boots with a persistence device that has a fault from that write on, requires a store in RAM, and gives the reason for it. */
export async function bootFailing(fault: Fault, afterRequests: number): Promise<string> {
  const disk = await ServedDisk.of(await persistenceDisk())
  const outcome = await tryLive({
    cmdline: 'rd.live.overlay=/dev/disk/by-id/virtio-holder:/persist-hda.img',
    disks: [{ file: disk.file, bus: 'virtio', serial: 'holder' }],
    reactions: [{ when: BEFORE_HOLDFAST, act: () => disk.failAfter(fault, afterRequests) }],
    ...COME_UP,
    script: `echo x > /etc/written && echo written=yes; ${COME_UP.script}`,
    timeoutSeconds: 600,
  })
  disk.close()
  assert.is(outcome.exit, 'killed', outcome.log.slice(-3000))
  assert.equal(pick(outcome, 'mode', 'technology', 'written'), {
    mode: 'temporary',
    technology: 'dm-snapshot',
    written: 'yes',
  })
  return outcome.report.values['why'] ?? ''
}
