import * as assert from 'uvu/assert'
import { persistenceDisk } from './image/disk.ts'
import { bootLive, pick } from './live-boot.ts'

/** Compares the files with what they were, and says how many they are. */
export const LIST = 'sha256sum --quiet -c /kept/sums && echo "kept=$(wc -l < /kept/sums)"'

/** A small store under a monitor gets so many small files, synced by twenties, and a large one; all are there at the next boot. */
export async function fillWatched(files: number): Promise<void> {
  const disk = await persistenceDisk({ bytes: 400e6, store: '/s.img', storeBytes: 12 << 20 })
  const shared = {
    suite: 'trixie' as const,
    cmdline: 'rd.live.overlay=/dev/sdb:/s.img',
    disks: [{ file: disk }],
  }
  const first = await bootLive({ ...shared, script: fill(files), timeoutSeconds: 300 + files / 2 })
  assert.not.match(first.report.text, /failed/)
  assert.match(first.report.text, /^ {2}monitor +well, made the store larger/m)
  assert.is(first.report.values['ended'], '143')
  const second = await bootLive({ ...shared, script: LIST, timeoutSeconds: 300 + files / 10 })
  assert.equal(pick(second, 'mode', 'kept'), { mode: 'persistent', kept: String(files + 1) })
}

const fill = (files: number) => `
holdfast monitor & monitor=$!
mkdir /kept
n=0
while [ $n -lt ${files} ]; do
  echo "file $n" > /kept/$n || echo "failed $n"
  twenty="$twenty /kept/$n"
  n=$((n + 1))
  [ $((n % 20)) != 0 ] || { sync $twenty || echo "failed sync $n"; twenty=; }
done
dd if=/dev/urandom of=/kept/large bs=64k count=800 conv=fsync status=none || echo failed dd
(cd /kept; find . -type f | xargs sha256sum) | sed 's,  ./,  /kept/,' > /run/sums
mv /run/sums /kept/sums && sync /kept/sums || echo failed sums
holdfast status
kill $monitor
wait $monitor
echo "ended=$?"
`
