import { createHash } from 'node:crypto'
import * as assert from 'uvu/assert'
import { persistenceDisk } from './image/disk.ts'
import { bootLive, pick, tryLive } from './live-boot.ts'

const CMDLINE = 'rd.live.overlay=/dev/sdb:/s.img'

/**
 * A store that cannot grow, with its monitor, gets small files, synced by twenties, until a write fails, and then as much of a
 * large file as it takes. The next boot comes up, and all that was synced is there. Gives how many files that were.
 */
export async function fillToTheBrim(files: number, storeBytes: number): Promise<number> {
  // The boot gives the store all its blocks; what is left then goes to a ballast.
  const disk = await persistenceDisk({ bytes: storeBytes + 48e6, store: '/s.img', storeBytes })
  const shared = { suite: 'trixie', cmdline: CMDLINE, disks: [{ file: disk }] } as const
  const timeoutSeconds = 600 + files
  const first = await tryLive({ ...shared, script: fill(files), timeoutSeconds })
  const synced = Number(first.report.values['synced'])
  assert.ok(synced > 0 && synced < files, `${synced} of ${files} files were synced`)
  assert.match(first.report.text, /^holdfast: the store is full: writes fail/m)
  assert.match(first.report.text, /^ *"level": "full"/m)
  const next = await bootLive({ ...shared, script: sum(synced), timeoutSeconds })
  const contents = Array.from({ length: synced }, (_, n) => `file ${n}\n`).join('')
  assert.equal(pick(next, 'mode', 'sum'), {
    mode: 'temporary',
    sum: createHash('sha256').update(contents).digest('hex'),
  })
  return synced
}

// When its journal has failed, nothing can be read from a root on kernel 6.12: no program starts then. The shell itself goes on.
const fill = (files: number) => `
ballast=/run/initramfs/overlayfs/ballast
fallocate -l $(($(df --output=avail -B1 /run/initramfs/overlayfs | tail -1))) $ballast
holdfast monitor 2> /run/said &
mkdir /kept && sync
n=0 synced=0 twenty=
while [ $n -lt ${files} ]; do
  echo "file $n" > /kept/$n || break
  twenty="$twenty /kept/$n"
  n=$((n + 1))
  [ $((n % 20)) != 0 ] || { sync $twenty || break; synced=$n; twenty=; }
done
echo "synced=$synced"
dd if=/dev/zero of=/large bs=64k conv=fsync status=none
show() { while read -r line; do echo "$line"; done < $1; }
tries=0
until [ $tries = 20000 ]; do
  case $(show /run/motd.d/holdfast 2> /dev/null) in *'writes fail'*) break ;; esac
  tries=$((tries + 1))
done
show /run/motd.d/holdfast
show /run/holdfast/store.json
show /run/said
exit 0
`

const sum = (count: number) => `
n=0
while [ $n -lt ${count} ]; do echo /kept/$n; n=$((n + 1)); done | xargs cat | sha256sum | sed 's/^\\([0-9a-f]*\\).*/sum=\\1/'
`
