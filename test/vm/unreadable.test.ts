import * as assert from 'uvu/assert'
import { formatCowHeader } from '../../src/formats/cow-store.ts'
import { command } from './image/command.ts'
import { ext4Disk } from './image/disk.ts'
import { bootLive } from './live-boot.ts'
import { scenarios } from './scenario.ts'

const unreadable = scenarios('unreadable sectors')

/** A device is the disk with sectors that cannot be read, 8 from the one given on; its store is checked. */
const CHECK = `
sectors=$(cat /sys/class/block/sdb/size)
unreadable() {
  printf '%s\\n' "0 $2 linear /dev/sdb 0" "$2 8 error" "$(($2 + 8)) $((sectors - $2 - 8)) linear /dev/sdb $(($2 + 8))" |
    dmsetup create "bad-$1" --noudevsync && dmsetup mknodes
  holdfast check "/dev/mapper/bad-$1:/s.img" 2> /run/said; echo "check-$1=$?"
  echo "why-$1=$(head -1 /run/said)"
  cat /run/said
}
`

unreadable('a store with sectors that cannot be read', async () => {
  const store = new Uint8Array(1 << 20)
  store.set(formatCowHeader(32))
  store[16384 + 8] = 2
  // Large enough for blocks as long as a page: the kernel reads no less.
  const disk = await ext4Disk({ bytes: 600 * 2 ** 20, content: { '/s.img': store } })
  const header = await command(['dumpe2fs', '-h', disk])
  const blockBytes = Number(/^Block size: +(\d+)$/m.exec(header)?.[1])
  const sectorOf = async (byte: number) => {
    const block = await command(['debugfs', '-R', `bmap /s.img ${byte / blockBytes}`, disk])
    return (Number(block) * blockBytes) / 512
  }
  const [start, entries] = [await sectorOf(0), await sectorOf(16384)]
  const outcome = await bootLive({
    cmdline: 'rd.live.overlay=none',
    disks: [{ file: disk }],
    script: `${CHECK}unreadable header ${start}\nunreadable entries ${entries}`,
  })
  for (const [part, byte] of [
    ['header', 0],
    ['entries', 16384],
  ] as const) {
    assert.is(outcome.report.values[`check-${part}`], '3')
    const why = `'/dev/mapper/bad-${part}:/s.img' is damaged: it cannot be read at byte ${byte} (EIO)`
    assert.match(outcome.report.values[`why-${part}`] ?? '', why, outcome.report.text)
  }
})

unreadable.run()
