import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { filled, fillLoop, fillScript, listScript } from './fill-with-files.ts'
import { emptyDisk, persistenceDisk, scratchPath } from './image/disk.ts'
import { bootLive, pick, tryLive } from './live-boot.ts'
import { scenarios } from './scenario.ts'

// A store that the kernel has given up is cured, and all that was fsynced is in it.
const recover = scenarios('recover')

const MIB = 1 << 20
const STORE = '/s.img'
const CMDLINE = `rd.live.overlay=/dev/sdb:${STORE}`

const ADOPTED = 'holdfast: the store has no record of its base: from now on it belongs to this one'

/** The store under a table as stock dracut has it, with which the kernel gives up a store that is full. */
const OVERFLOW_WITH_P = `
  base=$(losetup --find --show --read-only /dev/mapper/live-base)
  store=$(losetup --find --show s.img)
  table="0 $(cat /sys/class/block/\${base#/dev/}/size) snapshot $base $store P 32"
  DM_DISABLE_UDEV=1 dmsetup create full --table "$table" || exit 2
  mount /dev/mapper/full /run/full || exit 3
  ${fillLoop('/run/full/kept')}
  dmsetup status full
`

/** A sparse store on a file system that has no blocks for a third of it; of 4 KiB, so that the header has one. */
async function fullDisk(): Promise<string> {
  const content = scratchPath('content')
  mkdirSync(content)
  writeFileSync(`${content}${STORE}`, '')
  truncateSync(`${content}${STORE}`, 64 * MIB)
  writeFileSync(`${content}/ballast`, new Uint8Array(118e6).fill(0x55))
  return emptyDisk(['mkfs.ext4', '-q', '-F', '-b', '4096', '-d', content], 160e6)
}

recover(
  'a sparse store is lost when its device runs full, and is cured from the temporary root',
  async () => {
    const disks = [{ file: await fullDisk() }]
    const { count, hashes } = filled(
      await tryLive({ cmdline: CMDLINE, disks, script: fillScript() }),
    )

    const cured = await bootLive({
      cmdline: CMDLINE,
      disks,
      script: `
      holdfast recover /dev/sdb:${STORE}; echo "no-room=$?"
      mount /dev/sdb /mnt && rm /mnt/ballast && before=$(sha256sum < /mnt${STORE})
      holdfast recover /dev/sdb:${STORE} --base /dev/sda; echo "other=$?"
      umount /mnt
      holdfast recover /dev/sdb:${STORE} --dry-run; echo "dry=$?"
      holdfast recover /dev/sdb:${STORE}; echo "done=$?"
      holdfast recover /dev/sdb:${STORE}; echo "again=$?"
      ls /dev/mapper; losetup --list; cat /proc/mounts
      mount /dev/sdb /mnt && [ "$before" = "$(sha256sum < /mnt${STORE}.before-recovery)" ] && echo kept=yes
      [ $(($(stat -c %b /mnt${STORE}) * 512)) -ge ${64 * MIB} ] && echo blocks=yes
      umount /mnt`,
    })
    assert.match(cured.report.values['why'] ?? '', /is marked invalid/)
    assert.equal(
      pick(cured, 'mode', 'no-room', 'other', 'dry', 'done', 'again', 'kept', 'blocks'),
      {
        mode: 'temporary',
        'no-room': '3',
        other: '3',
        dry: '0',
        done: '0',
        again: '0',
        kept: 'yes',
        blocks: 'yes',
      },
      cured.report.text,
    )
    const { text } = cured.report
    assert.match(text, /a copy of '\/dev\/sdb:\/s\.img' takes 71303168 bytes/)
    assert.match(text, /was made for another base \(ext4 "ROOT".*\), \/dev\/sda is/)
    assert.match(text, /the file system in it is checked, over \/dev\//)
    assert.match(text, /ROOT: .*\d+\/\d+ files/)
    // Of the dry run the script names it, too.
    assert.not.match(text, /^holdfast-recovery$/m)

    const next = await bootLive({ cmdline: CMDLINE, disks, script: listScript(count) })
    assert.equal(pick(next, 'mode', 'why', 'written'), {
      mode: 'persistent',
      why: '',
      written: 'yes',
    })
    assert.equal(pick(next, ...Object.keys(hashes)), hashes)
    assert.not.match(next.log, ADOPTED)
  },
)

recover('one that ran full and was given up is cured over a base that is named', async () => {
  const disk = await persistenceDisk({ bytes: 120e6, store: '/other.img', storeBytes: MIB })
  const disks = [{ file: disk }]
  const cured = await bootLive({
    cmdline: '',
    disks,
    script: `
      holdfast create /dev/sdb:${STORE} --size 16M || exit 1
      mkdir -p /run/sdb /run/full && mount /dev/sdb /run/sdb && cd /run/sdb
      ${OVERFLOW_WITH_P}
      holdfast recover s.img; echo "in-use=$?"
      umount /run/full
      DM_DISABLE_UDEV=1 dmsetup remove --retry full
      losetup --detach $store
      holdfast check s.img; echo "invalid=$?"
      holdfast recover s.img --base $base; echo "done=$?"
      losetup --detach $base
      losetup --list; cd /; umount /run/sdb; echo "let-go=$?"`,
  })
  assert.match(cured.report.text, /^0 \d+ snapshot Invalid$/m)
  assert.equal(
    pick(cured, 'in-use', 'invalid', 'done', 'let-go'),
    { 'in-use': '3', invalid: '3', done: '0', 'let-go': '0' },
    cured.report.text,
  )
  assert.match(cured.report.text, /'s\.img' is in use: it is attached to \/dev\/loop/)
  assert.match(cured.report.text, 'it grows from 16 MiB to')
  const { count, hashes } = filled(cured)
  const next = await bootLive({ cmdline: CMDLINE, disks, script: listScript(count) })
  assert.equal(pick(next, 'mode', 'why', 'written'), {
    mode: 'persistent',
    why: '',
    written: 'yes',
  })
  assert.equal(pick(next, ...Object.keys(hashes)), hashes)
  // It was made and filled by hand: nobody has noted over which base.
  assert.match(next.log, ADOPTED)
})

/** Writes through a snapshot made by hand, lets it go, and empties entry 40, which shares its sector with others. */
const DAMAGE = `
  holdfast create /dev/sdb:${STORE} --size 64M || exit 1
  mkdir -p /run/sdb /run/made && mount /dev/sdb /run/sdb && cd /run/sdb
  base=$(losetup --find --show --read-only /dev/mapper/live-base)
  store=$(losetup --find --show s.img)
  table="0 $(cat /sys/class/block/\${base#/dev/}/size) snapshot $base $store PO 32"
  DM_DISABLE_UDEV=1 dmsetup create made --table "$table" || exit 2
  mount /dev/mapper/made /run/made || exit 3
  head -c 8000000 /dev/urandom > /run/made/large && sync /run/made/large || exit 4
  umount /run/made && DM_DISABLE_UDEV=1 dmsetup remove --retry made
  losetup --detach $store && losetup --detach $base
  dd if=/dev/zero of=s.img bs=16 seek=$((1024 + 40)) count=1 conv=notrunc,fsync status=none
  cd / && umount /run/sdb`

recover(
  'a damaged store is refused, cut when told, and a recovery that is cut off is finished',
  async () => {
    const disk = await persistenceDisk({ bytes: 250e6, store: '/other.img', storeBytes: MIB })
    const disks = [{ file: disk }]
    await bootLive({ cmdline: '', disks, script: DAMAGE })

    const cut = await bootLive({
      cmdline: CMDLINE,
      disks,
      script: `
      sum() { mount -o ro /dev/sdb /mnt && sha256sum < /mnt$1; umount /mnt; }
      before=$(sum ${STORE})
      holdfast check /dev/sdb:${STORE}; echo "check=$?"
      holdfast grow /dev/sdb:${STORE} --size 80M; echo "grow=$?"
      holdfast recover /dev/sdb:${STORE} --base /dev/mapper/live-base; echo "recover=$?"
      [ "$before" = "$(sum ${STORE})" ] && echo untouched=yes
      holdfast recover --force /dev/sdb:${STORE} --base /dev/mapper/live-base; echo "forced=$?"
      [ "$before" = "$(sum ${STORE}.before-recovery)" ] && echo kept=yes
      mount /dev/sdb /mnt && mv /mnt${STORE} /mnt${STORE}.recovery && umount /mnt`,
    })
    assert.match(
      cut.report.values['why'] ?? '',
      /is damaged: entry 40 is empty, and the kernel would leave out all that follow, up to entry \d+$/,
    )
    assert.equal(
      pick(cut, 'mode', 'check', 'grow', 'recover', 'untouched', 'forced', 'kept'),
      {
        mode: 'temporary',
        check: '3',
        grow: '3',
        recover: '3',
        untouched: 'yes',
        forced: '0',
        kept: 'yes',
      },
      cut.report.text,
    )

    const finished = await bootLive({
      cmdline: CMDLINE,
      disks,
      script: `
      mount /dev/sdb /mnt
      holdfast recover /mnt${STORE}; echo "finished=$?"
      ls /mnt; umount /mnt`,
    })
    assert.equal(
      pick(finished, 'mode', 'why', 'finished'),
      {
        mode: 'temporary',
        why: `there is no '/dev/sdb:${STORE}': a recovery of it was interrupted`,
        finished: '0',
      },
      finished.report.text,
    )
    assert.not.match(finished.report.text, /^s\.img\.recovery$/m)

    const next = await bootLive({ cmdline: CMDLINE, disks, script: 'echo x > /x && sync /x' })
    assert.equal(pick(next, 'mode', 'why'), { mode: 'persistent', why: '' })
  },
)

recover.run()
