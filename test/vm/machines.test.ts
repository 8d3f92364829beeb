import * as assert from 'uvu/assert'
import { ext4Disk, persistenceDisk } from './image/disk.ts'
import { namesOnDisk, textFromDisk } from './image/ext4.ts'
import { gptDisk } from './image/gpt-disk.ts'
import { liveMedium } from './image/medium.ts'
import { boot } from './machine/boot.ts'
import { assertScriptSucceeded, scenarios } from './scenario.ts'

// The machines that the other tests rely on, tried with stock dmsquash-live: a failure here is not ours.
const machines = scenarios('machines')

machines('disks are plugged in and keys are typed when the console says so', async () => {
  const partition = await ext4Disk({ bytes: 16e6, label: 'STATE', content: { seen: 'yes\n' } })
  const uuid = '01234567-89ab-4cde-8f01-23456789abcd'
  const late = await ext4Disk({ bytes: 16e6 })
  const outcome = await boot({
    suite: 'trixie',
    initramfs: 'stock-script',
    cmdline: 'root=live:CDLABEL=LIVE rd.live.image rd.live.overlay=/dev/sdb:/persist-hda.img',
    disks: [
      { file: await liveMedium('trixie'), readOnly: true },
      { file: await persistenceDisk(), discard: true },
      { file: await gptDisk([{ image: partition, name: 'state', uuid }]) },
      { file: late, serial: 'late', attachWhen: /disks, please/ },
      { file: partition, bus: 'virtio', attachWhen: /another one/ },
    ],
    typed: [{ when: /your name\? $/, keys: 'holdfast\n' }],
    script: `
      blkid -p -o export /dev/sdc1 | grep PART_ENTRY_NAME
      mount -o ro /dev/sdc1 /mnt && echo "seen=$(cat /mnt/seen)" && umount /mnt
      wait_for() { for second in $(seq 30); do [ -b $1 ] && return; sleep 1; done; return 1; }
      echo 'disks, please' > /dev/console
      wait_for /dev/sdd && mount /dev/sdd /mnt && echo kept > /mnt/kept && umount /mnt || exit 1
      echo 'another one' > /dev/console
      wait_for /dev/vdb || exit 2
      printf 'your name? ' > /dev/console
      read name < /dev/console
      echo "name=$name"`,
  })
  assertScriptSucceeded(outcome)
  assert.equal(outcome.report.values, { PART_ENTRY_NAME: 'state', seen: 'yes', name: 'holdfast' })
  assert.ok((await namesOnDisk(late, '/')).includes('kept'))
  assert.is(await textFromDisk(late, '/kept'), 'kept\n')
})

machines.run()
