import { rmSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { formatCowHeader } from '../../src/formats/cow-store.ts'
import { command } from './image/command.ts'
import { diskHash, ext4Disk, scratchPath } from './image/disk.ts'
import { fileFromDisk, replayJournal } from './image/ext4.ts'
import { inQuickSlot, quickBoot } from './quick-boot.ts'
import { scenarios } from './scenario.ts'

// Whatever lies where the store should be, whatever the command line says: the machine comes up and says why.
const hostile = scenarios('hostile boots')

/** A store of 4 MiB with one entry: the first chunk of the base has its data in chunk 2. Else a record is not asked for. */
function usedStore(): Uint8Array {
  const store = new Uint8Array(4 << 20)
  store.set(formatCowHeader(32))
  store[16384 + 8] = 2
  return store
}

const MAKE = `
cp used.img long.img; head -c 10000000 /dev/zero > long.img.holdfast
cp used.img link.img; ln -s /etc/passwd link.img.holdfast
cp used.img pipe.img; mkfifo pipe.img.holdfast
ln -s used.img symlink.img
mkfifo fifo.img
mknod node.img b 8 0
perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0); bind(S, pack_sockaddr_un("socket.img")) or die'
truncate -s 1T giant.img
`

async function hostileDisk(): Promise<string> {
  const folder = scratchPath('hostile')
  const plain = await ext4Disk({ bytes: 200e6, content: { '/used.img': usedStore() } })
  await command(['mkdir', folder])
  const copy = await fileFromDisk(plain, '/used.img')
  await command(['mv', copy, `${folder}/used.img`])
  await command(['sh', '-ec', `cd "$1"; ${MAKE}`, 'sh', folder])
  rmSync(plain)
  await command(['mkfs.ext4', '-q', '-F', '-d', folder, plain, '200M'])
  rmSync(folder, { recursive: true })
  return plain
}

const WHAT: readonly [file: string, why: string][] = [
  ['symlink.img', 'symlink.img is a symlink'],
  ['fifo.img', 'fifo.img is a fifo'],
  ['node.img', 'node.img is a block'],
  ['socket.img', 'socket.img is a socket'],
  ['giant.img', 'it claims to be longer (1 TiB) than the disk that it lies on'],
  ['long.img', 'cannot be used: it is too long for one'],
  ['link.img', 'cannot be used: it is a symlink'],
  ['pipe.img', 'cannot be used: it is a fifo'],
]

hostile('links, pipes, nodes, sockets, giants and records that are none', async () => {
  const disk = await hostileDisk()
  await inQuickSlot(async () => {
    for (const [file, why] of WHAT) {
      const cmdline = `rd.live.overlay=/dev/sdb:/${file} rd.holdfast.timeout=2`
      const { values } = (await quickBoot(cmdline, disk)).report
      assert.is(values['mode'], 'temporary', file)
      assert.match(values['why'] ?? '', why, file)
    }
  })
})

hostile(
  'somebody has attached the store before: it is neither attached again nor changed',
  async () => {
    const disk = await ext4Disk({ bytes: 64e6, content: { '/used.img': usedStore() } })
    const before = await diskHash(await fileFromDisk(disk, '/used.img'))
    const cmdline = 'rd.live.overlay=/dev/sdb:/used.img test.attached=/used.img'
    const script = 'echo "loops=$(losetup -n -l -O BACK-FILE | grep -c used.img)"'
    const outcome = await inQuickSlot(() => quickBoot(cmdline, disk, { script }))
    const { mode, why = '', loops } = outcome.report.values
    assert.is(mode, 'temporary')
    assert.match(why, "'/dev/sdb:/used.img' is attached already, to /dev/loop")
    assert.is(loops, '1')
    await replayJournal(disk)
    assert.is(await diskHash(await fileFromDisk(disk, '/used.img')), before)
  },
)

// The kernel takes 2,048 characters.
const LINES: readonly [cmdline: string, mode: string][] = [
  ['rd.live.overlay=/dev/sdb:/s.img "rd.live.overlay.size=8', 'persistent'],
  [`rd.live.overlay=/dev/sdb:/s.img ${'x='.repeat(800)}`, 'persistent'],
  [`rd.live.overlay=/dev/sdb:/${'long/'.repeat(300)}s.img`, 'temporary'],
  ['rd.live.overlay=none rd.live.overlay=/dev/sdb:/s.img', 'persistent'],
  ['rd.live.overlay=/dev/sdb:/s.img rd.live.overlay=/dev/sdb:/../s.img', 'temporary'],
]

hostile('quotes that are not closed, nonsense, contradictions', async () => {
  const disk = await ext4Disk({ bytes: 64e6, content: { '/s.img': 16 << 20 } })
  await inQuickSlot(async () => {
    for (const [cmdline, mode] of LINES) {
      const { values } = (await quickBoot(`rd.holdfast.timeout=2 ${cmdline}`, disk)).report
      assert.is(values['mode'], mode, `${cmdline}\n${values['why']}`)
    }
  })
})

hostile.run()
