import * as assert from 'uvu/assert'
import { diskHash, ext4Disk } from './image/disk.ts'
import { fileFromDisk, replayJournal } from './image/ext4.ts'
import { bootLive, pick } from './live-boot.ts'
import { scenarios } from './scenario.ts'

// What somebody else may have put on a persistence device; and a store that is in use already.
const hostile = scenarios('hostile')

/** Each is asked for in a dry run, and checked; the reasons come back by their names. */
const JUDGE = `
reason() {
  holdfast boot --dry-run --cmdline "root=live:CDLABEL=LIVE rd.live.overlay=/dev/sdb:/$2" > /run/dry 2>&1
  echo "$1=$(sed -n 's/^# TEMPORARY: changes are lost at shutdown: //p' /run/dry | head -1)"
  holdfast check "/dev/sdb:/$2" > /run/report 2> /run/said
  echo "check-$1=$?"
}
`

const MAKE = `
mount /dev/sdb /mnt || exit 1
cd /mnt
holdfast create /dev/sdb:/good.img --size 4M || exit 2
ln good.img hard.img; cp good.img keep.img; rm good.img; mv keep.img good.img
cp good.img two.img; ln two.img two.link
ln -s good.img symlink.img
mkfifo fifo.img
mknod node.img b 8 0
truncate -s 1T giant.img
mkdir bound; mount --bind /proc bound
mkdir inner; mount -t tmpfs tmpfs inner; cp good.img inner/
touch file.img; mount --bind /proc/version file.img
cp good.img used.img
# One entry: the first chunk of the base has its data in chunk 2.
printf '\\2' | dd of=used.img bs=1 seek=16392 conv=notrunc status=none
cp used.img long.img; dd if=/dev/zero of=long.img.holdfast bs=1M count=10 status=none
cp used.img link.img; ln -s /etc/passwd link.img.holdfast
cp used.img pipe.img; mkfifo pipe.img.holdfast
`

hostile('links, pipes, devices, mounts, giants and records that are none', async () => {
  const disk = await ext4Disk({ bytes: 200e6 })
  const names = {
    hard: 'two.img',
    symlink: 'symlink.img',
    fifo: 'fifo.img',
    node: 'node.img',
    giant: 'giant.img',
    proc: 'bound/version',
    inner: 'inner/good.img',
    bound: 'file.img',
    long: 'long.img',
    link: 'link.img',
    pipe: 'pipe.img',
  }
  const asked = Object.entries(names).map(([name, path]) => `reason ${name} ${path}`)
  const outcome = await bootLive({
    cmdline: 'rd.live.overlay=none',
    disks: [{ file: disk }],
    script: `${JUDGE}${MAKE}${asked.join('\n')}\n${ATTACHED}`,
  })
  const said = (name: keyof typeof names) => outcome.report.values[name] ?? ''
  assert.match(said('hard'), 'it has 2 names (hard links)')
  assert.match(said('symlink'), 'symlink.img is a symlink')
  assert.match(said('fifo'), 'fifo.img is a fifo')
  assert.match(said('node'), 'node.img is a block')
  assert.match(said('giant'), 'it claims to be longer (1 TiB) than the disk that it lies on')
  assert.match(said('proc'), 'bound lies on another file system')
  assert.match(said('inner'), 'inner lies on another file system')
  assert.match(said('bound'), 'file.img lies on another file system')
  assert.match(said('long'), 'cannot be used: it is too long for one')
  assert.match(said('link'), 'cannot be used: it is a symlink')
  assert.match(said('pipe'), 'cannot be used: it is a fifo')
  for (const name of Object.keys(names))
    assert.is(outcome.report.values[`check-${name}`], '3', name)

  const attached = /'\/dev\/sdb:\/good.img' is attached already, to \/dev\/loop\d/
  for (const how of ['plain', 'elsewhere', 'hidden', 'renamed']) {
    assert.match(outcome.report.values[how] ?? '', attached, how)
    assert.is(outcome.report.values[`check-${how}`], '0', how)
  }
  assert.is(outcome.report.values['free'], '')
  assert.is(outcome.report.values['check-twice'], '3')
  assert.match(outcome.report.values['twice-why'] ?? '', 'is attached twice')
  assert.is(outcome.report.values['once'], outcome.report.values['again'])
})

/** The same file attached by its path, by another path, by one that is hidden, and before it was renamed; twice. */
const ATTACHED = `
reason free good.img
used() { loop=$(losetup --find --show "$2") && reason "$1" good.img; cat /run/report; losetup -d "$loop"; }
used plain /mnt/good.img
mkdir /run/other && mount --bind /mnt /run/other
used elsewhere /run/other/good.img
loop=$(losetup --find --show /run/other/good.img)
mount -t tmpfs tmpfs /run/other
reason hidden good.img
losetup -d "$loop"; umount /run/other; umount /run/other
mv good.img old.img; loop=$(losetup --find --show /mnt/old.img); mv old.img good.img
reason renamed good.img
again=$(losetup --find --show --nooverlap /mnt/good.img)
echo "once=$loop"; echo "again=$again"
second=$(losetup --find --show /mnt/good.img)
reason twice good.img
echo "twice-why=$(head -1 /run/said)"
losetup -d "$loop"; losetup -d "$second"
`

hostile('check leaves a journal as it is, and not one byte of the disk is written', async () => {
  const disk = await ext4Disk({ bytes: 64e6 })
  const made = await bootLive({
    cmdline: '',
    disks: [{ file: disk }],
    // The machine goes down with the file system mounted: its journal is to be replayed.
    script: `
      holdfast create /dev/sdb:/s.img --size 4M && mount /dev/sdb /mnt && touch /mnt/x && sync
      echo "made=$?"`,
  })
  assert.is(made.report.values['made'], '0')
  const before = await diskHash(disk)
  const outcome = await bootLive({
    cmdline: '',
    disks: [{ file: disk }],
    script: `
      holdfast check /dev/sdb:/s.img; echo "check=$?"
      holdfast check /dev/sdb:/s.img --json
      echo "mounts=$(grep -c sdb /proc/mounts)"; echo "loops=$(losetup -a | grep -c sdb)"`,
  })
  assert.equal(pick(outcome, 'check', 'mounts', 'loops'), { check: '4', mounts: '0', loops: '0' })
  assert.match(outcome.report.text, 'has a journal to replay')
  assert.is(await diskHash(disk), before)
})

hostile('a hard link at boot: the boot goes on without it, the store is as it was', async () => {
  const disk = await ext4Disk({ bytes: 64e6, content: { '/one.img': 4 << 20 } })
  const made = await bootLive({
    cmdline: '',
    disks: [{ file: disk }],
    script: 'mount /dev/sdb /mnt && ln /mnt/one.img /mnt/two.img && umount /mnt; echo "made=$?"',
  })
  assert.is(made.report.values['made'], '0')
  const before = await diskHash(await fileFromDisk(disk, '/two.img'))
  const outcome = await bootLive({
    cmdline: 'rd.live.overlay=/dev/sdb:/two.img',
    disks: [{ file: disk }],
  })
  assert.is(outcome.report.values['mode'], 'temporary')
  assert.match(outcome.report.values['why'] ?? '', 'it has 2 names (hard links)')
  await replayJournal(disk)
  assert.is(await diskHash(await fileFromDisk(disk, '/two.img')), before)
})

hostile.run()
