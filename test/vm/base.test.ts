import { truncateSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { command } from './image/command.ts'
import { copyOf, diskHash, emptyDisk, persistenceDisk } from './image/disk.ts'
import { fileFromDisk, replayJournal } from './image/ext4.ts'
import { rootImage } from './image/root-image.ts'
import { bootLive, pick } from './live-boot.ts'
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

const mountedForWriting: Change = async (base) => {
  await bootLive({
    medium: { file: base },
    root: 'root=LABEL=ROOT rw rd.skipfsck',
    cmdline: '',
    script: 'mount -o remount,ro / || exit 1',
  })
}

for (const [title, change] of [
  ['larger', larger],
  ['smaller', smaller],
  ['mounted for writing', mountedForWriting],
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

bases('a mount for writing changes what the identity is made of: ext4, xfs', async () => {
  const outcome = await bootLive({
    cmdline: '',
    disks: [{ file: await emptyDisk(['mkfs.ext4', '-q', '-F'], 400 << 20) }],
    script: `
      look() { { head -c 8192 /dev/sdb; tail -c +65537 /dev/sdb | head -c 4096; } | sha256sum; }
      compare() {
        before=$(look)
        mount -t $1 -o ro /dev/sdb /mnt && umount /mnt || exit 1
        [ "$before" = "$(look)" ] && echo "$1-ro=same"
        mount -t $1 -o rw /dev/sdb /mnt && umount /mnt || exit 1
        [ "$before" = "$(look)" ] || echo "$1-rw=changed"
      }
      compare ext4
      mkfs.xfs -q -f /dev/sdb || exit 1
      compare xfs`,
  })
  const told = { 'ext4-ro': 'same', 'ext4-rw': 'changed', 'xfs-ro': 'same', 'xfs-rw': 'changed' }
  assert.equal(pick(outcome, ...Object.keys(told)), told)
})

bases.run()
