import * as assert from 'uvu/assert'
import { diskHash, persistenceDisk } from './image/disk.ts'
import { fileFromDisk, replayJournal, textFromDisk } from './image/ext4.ts'
import { liveMedium } from './image/medium.ts'
import { bootLive, pick } from './live-boot.ts'
import { scenarios } from './scenario.ts'

// A store that cannot be used: the boot goes on with a store in RAM, says why, and leaves the file as it was.
const faults = scenarios('faults')

const SMALL = 8 << 20
const RANDOM = '0123456789abcdef'.repeat(4096)

/** The content of the file at the store's path, and what the boot says of it. */
const FILES: readonly [title: string, content: number | string | undefined, why: RegExp][] = [
  ['missing', undefined, /^there is no file '\/dev\/sdb:\/s\.img'$/],
  ['of 0 bytes', 0, /has 0 B, too little for a store/],
  ['of something else', RANDOM, /is not a store/],
]

for (const [title, content, why] of FILES) {
  faults(`a store that is ${title}`, async () => {
    const files = content === undefined ? {} : { '/s.img': content }
    const disk = await persistenceDisk({ content: files })
    const before = content === undefined ? '' : await diskHash(await fileFromDisk(disk, '/s.img'))
    const outcome = await bootLive({
      cmdline: 'rd.live.overlay=/dev/sdb:/s.img',
      disks: [{ file: disk }],
      script:
        'echo x > /etc/written && echo written=yes; echo "holder=$(grep -c sdb /proc/mounts)"',
    })
    assertTemporary(outcome, why)
    assert.equal(pick(outcome, 'written', 'holder'), { written: 'yes', holder: '0' })
    if (content !== undefined) {
      assert.is(await diskHash(await fileFromDisk(disk, '/s.img')), before)
    }
  })
}

faults(
  'a store that is an ext4 image, cut off, invalid, of another version, with rubbish entries',
  async () => {
    const disk = await persistenceDisk({ store: '/cut.img', storeBytes: SMALL })
    const made = await bootLive({
      cmdline: 'rd.live.overlay=/dev/sdb:/cut.img',
      disks: [{ file: disk }],
      script: SPOIL,
    })
    assert.is(made.report.values['spoilt'], 'yes')
    await replayJournal(disk)
    for (const [file, why] of [
      ['ext4', /is not a store: it begins like ext4/],
      ['cut', /is damaged/],
      ['invalid', /is marked invalid/],
      ['version', /is no store that can be used: its version is 2, not 1/],
      ['rubbish', /is damaged/],
    ] as const) {
      const before = await diskHash(await fileFromDisk(disk, `/${file}.img`))
      const outcome = await bootLive({
        cmdline: `rd.live.overlay=/dev/sdb:/${file}.img`,
        disks: [{ file: disk }],
      })
      assertTemporary(outcome, why)
      assert.is(await diskHash(await fileFromDisk(disk, `/${file}.img`)), before)
    }
  },
)

/** From the store of a running root: copies that are spoilt, each in its way. */
const SPOIL = `
sync
cd /run/initramfs/overlayfs
mkfs.ext4 -q ext4.img 4096
spoil() { cp cut.img $1.img; dd of=$1.img bs=1 seek=$2 conv=notrunc status=none; }
printf '\\0' | spoil invalid 4
printf '\\2' | spoil version 8
printf '\\377\\377\\377\\377\\377' | spoil rubbish 16408
dd if=/dev/zero of=/etc/much bs=64k count=40 conv=fsync status=none
cp cut.img whole.img
dd if=whole.img of=new.img bs=16k count=20 status=none
mv new.img cut.img
sync
echo spoilt=yes
`

faults('28: another base under the same label and UUID: refused, the store as it was', async () => {
  const disk = await persistenceDisk()
  const boot = async (edition: string, script: string) =>
    bootLive({
      medium: { file: await liveMedium('bookworm', 'nested', edition), readOnly: true },
      cmdline: 'rd.live.overlay=/dev/sdb:/persist-hda.img',
      disks: [{ file: disk }],
      script: `echo "edition=$(cat /etc/edition)"; echo "seen=$(cat /etc/kept)"\n${script}`,
    })
  await boot('1', 'echo first > /etc/kept')
  await replayJournal(disk)
  const store = await diskHash(await fileFromDisk(disk, '/persist-hda.img'))
  const record = await textFromDisk(disk, '/persist-hda.img.holdfast')
  assert.match(record, '"label": "ROOT"')

  const upgraded = await boot('2', '')
  assertTemporary(upgraded, /was made for another base \(ext4 .*\), this one is ext4/)
  assert.equal(pick(upgraded, 'edition', 'seen'), { edition: '2', seen: '' })
  assert.is(await diskHash(await fileFromDisk(disk, '/persist-hda.img')), store)
  assert.is(await textFromDisk(disk, '/persist-hda.img.holdfast'), record)

  const back = await boot('1', '')
  assert.equal(pick(back, 'mode', 'seen'), { mode: 'persistent', seen: 'first' })
})

faults('the store lies on the root itself', async () => {
  const outcome = await bootLive({ cmdline: 'rd.live.overlay=/dev/mapper/live-base:/s.img' })
  assertTemporary(outcome, /holds the root itself/)
})

function assertTemporary(outcome: Awaited<ReturnType<typeof bootLive>>, why: RegExp): void {
  assert.equal(pick(outcome, 'mode', 'technology'), {
    mode: 'temporary',
    technology: 'dm-snapshot',
  })
  assert.match(outcome.report.values['why'] ?? '', why)
  assert.match(outcome.log, 'holdfast: TEMPORARY: changes are lost at shutdown')
}

faults.run()
