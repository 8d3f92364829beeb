import { truncateSync, writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { command } from './image/command.ts'
import { copyOf, diskHash, persistenceDisk, scratchPath } from './image/disk.ts'
import { fileFromDisk, replayJournal, wasCleanlyUnmounted } from './image/ext4.ts'
import { rootImage } from './image/root-image.ts'
import { bootLive, type LiveBoot, pick, tryLive } from './live-boot.ts'
import { scenarios } from './scenario.ts'

// A base that is not the one that the store was used with: not attached, base and store as they were.
const bases = scenarios('base')

const ROOT = 'root=LABEL=ROOT ro rd.skipfsck'
const CMDLINE = 'rd.live.overlay=/dev/sdb:/persist-hda.img'

type Change = (base: string) => Promise<void>

const larger: Change = async (base) => truncateSync(base, 600 << 20)

const smaller: Change = async (base) => {
  await command(['sh', '-euc', 'e2fsck -fp "$1" || [ $? -eq 1 ]', 'sh', base])
  await command(['resize2fs', base, '480M'])
  truncateSync(base, 480 << 20)
}

/** Mounted for writing, written to and let go, as an ordinary root without a store is. */
const remounted: Change = async (base) => {
  const { report } = await tryLive({
    medium: { file: base },
    root: ROOT,
    cmdline: '',
    script: `mount -o remount,rw / && echo x > /etc/written && mount -o remount,ro /; echo "written=$?"`,
  })
  assert.is(report.values['written'], '0')
  assert.ok(await wasCleanlyUnmounted(base))
}

for (const [title, change] of [
  ['larger', larger],
  ['smaller', smaller],
  ['mounted rw', remounted],
] as const) {
  bases(`a base that was ${title} since: refused, and nothing is written`, async () => {
    const base = await copyOf(await rootImage('bookworm'))
    const disk = await persistenceDisk({ storeBytes: 64 << 20 })
    const boot = async (script: string) =>
      bootLive({
        medium: { file: base, readOnly: true },
        root: ROOT,
        cmdline: CMDLINE,
        disks: [{ file: disk }],
        script,
      })
    const used = await boot('mount -o remount,rw / && echo kept > /etc/kept && sync')
    assert.equal(pick(used, 'mode', 'why'), { mode: 'persistent', why: '' })
    await replayJournal(disk)
    await change(base)
    const hashes = async () => [
      await diskHash(base),
      await diskHash(await fileFromDisk(disk, '/persist-hda.img')),
    ]
    const before = await hashes()
    const refused = await boot('echo "seen=$(cat /etc/kept 2> /dev/null)"')
    assert.equal(pick(refused, 'mode', 'seen'), { mode: 'temporary', seen: '' })
    assert.match(
      refused.report.values['why'] ?? '',
      /made for another base \(.*\), this one is ext4/,
    )
    await replayJournal(disk)
    assert.equal(await hashes(), before)
  })
}

// Before the root is mounted dracut has it checked, and e2fsck writes into the superblock that it did.
for (const initramfs of ['script', 'systemd'] as const) {
  bases(`an ordinary root that is checked at each boot is the same one: ${initramfs}`, async () => {
    const base = await copyOf(await rootImage('bookworm'))
    const disk = await persistenceDisk({ storeBytes: 64 << 20 })
    await isSameAgain(base, disk, { initramfs, root: 'root=LABEL=ROOT rootfstype=ext4 ro' })
  })
}

/** Something writes to this root before its store is attached, and yet the next boot takes it for the same. */
async function isSameAgain(base: string, disk: string, options: Partial<LiveBoot>): Promise<void> {
  const boot = async (script: string) =>
    bootLive({
      ...options,
      medium: { file: base },
      cmdline: CMDLINE,
      disks: [{ file: disk }],
      script,
    })
  const fresh = await diskHash(base)
  const used = await boot('mount -o remount,rw / && echo kept > /etc/kept && sync')
  assert.equal(pick(used, 'mode', 'why'), { mode: 'persistent', why: '' })
  assert.is.not(await diskHash(base), fresh, 'nobody has written to the root')
  const again = await boot('echo "kept=$(cat /etc/kept)"')
  assert.equal(pick(again, 'mode', 'why', 'kept'), { mode: 'persistent', why: '', kept: 'kept' })
}

/** The tree of the root image on XFS, made by a guest: not every machine that runs the tests can mount it. */
async function xfsRoot(): Promise<string> {
  const file = scratchPath('root.xfs')
  writeFileSync(file, '')
  truncateSync(file, 512 << 20)
  await bootLive({
    medium: { file: await rootImage('bookworm'), readOnly: true },
    root: ROOT,
    cmdline: '',
    disks: [{ file }],
    script: 'mkfs.xfs -q -L XROOT /dev/sdb && mount /dev/sdb /mnt && cp -ax /. /mnt && umount /mnt',
  })
  return file
}

// The kernel writes to the superblock of XFS when it is mounted, read-only too, and when it is unmounted.
bases('an ordinary XFS root is the same one at the next boot', async () => {
  const base = await xfsRoot()
  const disk = await persistenceDisk({ storeBytes: 64 << 20 })
  await isSameAgain(base, disk, { root: 'root=LABEL=XROOT rootfstype=xfs ro' })
})

bases.run()
