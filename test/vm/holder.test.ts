import { closeSync, openSync, writeSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { command } from './image/command.ts'
import { emptyDisk, ext4Disk } from './image/disk.ts'
import { checkFileSystem } from './image/ext4.ts'
import { withProgram } from './image/extra.ts'
import { initramfs } from './image/initramfs.ts'
import { bootLive, pick } from './live-boot.ts'
import { scenarios } from './scenario.ts'

// The file system that the store lies on: damaged, write-protected, or in the hands of another host.
const holders = scenarios('holders')

const MIB = 1 << 20
const STORE = 'rd.live.overlay=/dev/sdb:/s.img'

/** A small disk with a store and a file to be spoilt, its journal to be replayed; then what debugfs is asked for. */
async function unclean(...debugfs: string[]): Promise<string> {
  const disk = await ext4Disk({ bytes: 64 * MIB, content: { '/doomed': 'x', '/s.img': 16 * MIB } })
  for (const request of ['feature needs_recovery', ...debugfs]) {
    await command(['debugfs', '-w', '-R', request, disk])
  }
  return disk
}

/** A FAT32 that was not let go. */
async function uncleanStick(): Promise<string> {
  const disk = await emptyDisk(['mkfs.vfat', '-F', '32', '-n', 'STICK'], 64 * MIB)
  const fd = openSync(disk, 'r+')
  writeSync(fd, Buffer.of(1), 0, 1, 0x41)
  closeSync(fd)
  return disk
}

/** Programs that always fail, before those of the system, and a library that is not there. */
const ON_A_STICK = `
mkdir /run/evil
for name in dd fallocate mount umount fsck.fat; do ln -s /bin/false /run/evil/$name; done
PATH=/run/evil LD_PRELOAD=/nosuch.so /usr/sbin/holdfast create LABEL=STICK:/s.img --size 16M 2>&1
echo "created=$?"
mount -t vfat /dev/sdc /mnt && sync
`

holders('what can be corrected without a question is, before the store is used', async () => {
  const disk = await unclean('clri /doomed', 'set_super_value state 2')
  const stick = await uncleanStick()
  const disks = [{ file: disk }, { file: stick }]
  const mended = await bootLive({ cmdline: STORE, disks, script: ON_A_STICK })
  assert.equal(pick(mended, 'mode', 'why', 'created'), {
    mode: 'persistent',
    why: '',
    created: '0',
  })
  assert.match(
    mended.log,
    /holdfast: e2fsck has corrected errors on \/dev\/sdb: .*recovering journal.*doomed/,
  )
  await checkFileSystem(disk)
  assert.match(mended.report.text, '/dev/sdc needs a check, and there is no fsck.fat')
  assert.not.match(mended.report.text, 'nosuch.so')

  // The stick again, which the machine has not let go; with the program.
  const image = await withProgram(await initramfs('bookworm', 'script'), '/usr/sbin/fsck.fat')
  const cmdline = 'rd.live.overlay=LABEL=STICK:/s.img'
  const kept = await bootLive({ cmdline, disks: [{ file: stick }], image })
  assert.equal(pick(kept, 'mode', 'why'), { mode: 'persistent', why: '' })
  assert.match(kept.log, /holdfast: fsck.fat has corrected errors on \/dev\/sdb: .*irty bit/)
})

holders('damage beyond that: the reason in the words of e2fsck, and what to do', async () => {
  const disk = await unclean('clri <2>', 'set_super_value state 2')
  const outcome = await bootLive({ cmdline: STORE, disks: [{ file: disk }] })
  assertTemporary(
    outcome,
    /^Failed to check the file system on '\/dev\/sdb': .*UNEXPECTED INCONSISTENCY/,
  )
  assert.match(outcome.log, 'holdfast: Check it by hand')
})

holders('a write-protected disk whose journal waits', async () => {
  const disk = await unclean()
  const outcome = await bootLive({
    cmdline: `${STORE} rd.live.overlay.readonly`,
    disks: [{ file: disk, readOnly: true }],
    script: 'holdfast create /dev/sdb:/x.img --size 4M 2>&1; echo "created=$?"',
  })
  assertTemporary(outcome, /^\/dev\/sdb is write-protected, and its journal has to be replayed/)
  assert.match(outcome.report.text, 'refused: /dev/sdb is write-protected\n')
  assert.is(outcome.report.values['created'], '3')
})

/** An ext4 with multiple mount protection (MMP), and how to write its number. */
async function guardedDisk() {
  // Without checksums: what is written here would need one.
  const features = 'mmp,^metadata_csum'
  const disk = await ext4Disk({ bytes: 64 * MIB, content: { '/s.img': 16 * MIB }, features })
  const header = await command(['dumpe2fs', '-h', disk])
  const block = Number(/^MMP block number: +(\d+)$/m.exec(header)?.[1])
  const blockBytes = Number(/^Block size: +(\d+)$/m.exec(header)?.[1])
  return {
    disk,
    write(sequence: number) {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32LE(sequence)
      const fd = openSync(disk, 'r+')
      writeSync(fd, bytes, 0, 4, block * blockBytes + 4)
      closeSync(fd)
    },
  }
}

const OF_OTHERS = `
holdfast create /dev/sdc:/x.img --size 4M
echo "stopped=$?"
holdfast create /dev/sdd:/x.img --size 4M > /run/said 2>&1
echo "checked=$?: $(head -1 /run/said)"
dmsetup create top --noudevsync --table "0 64 linear /dev/sde 0"
holdfast create /dev/sde:/x.img --size 4M > /run/said 2>&1
echo "below=$?: $(head -1 /run/said)"
`

holders(
  'a device that another host has in use is refused, one that it let go is used',
  async () => {
    const [used, stopped, checked] = [await guardedDisk(), await guardedDisk(), await guardedDisk()]
    let sequence = 1
    used.write(sequence)
    stopped.write(7)
    checked.write(0xe24d4d50)
    // The other host: it writes another number every second.
    const timer = setInterval(() => used.write(++sequence), 1000)
    const disks = [used.disk, stopped.disk, checked.disk, await ext4Disk({ bytes: 16 * MIB })]
    const outcome = await bootLive({
      cmdline: STORE,
      disks: disks.map((file) => ({ file })),
      script: OF_OTHERS,
    }).finally(() => clearInterval(timer))
    assertTemporary(
      outcome,
      /^\/dev\/sdb is in use by .*: its multiple mount protection \(MMP\) says so$/,
    )
    assert.match(outcome.log, 'holdfast: Unmount it there.')
    assert.is(outcome.report.values['stopped'], '0')
    assert.match(outcome.report.values['checked'] ?? '', /^3: .* is being checked by .*MMP/)
    assert.match(outcome.report.values['below'] ?? '', /^3: .*\/dev\/sde is in use by dm-\d+$/)
  },
)

function assertTemporary(outcome: Awaited<ReturnType<typeof bootLive>>, why: RegExp): void {
  assert.is(outcome.report.values['mode'], 'temporary')
  assert.match(outcome.report.values['why'] ?? '', why)
}

holders.run()
