import * as assert from 'uvu/assert'
import { persistenceDisk } from './image/disk.ts'
import { bootLive, pick } from './live-boot.ts'
import { scenarios } from './scenario.ts'

// What survives a reboot is asked on the machine itself, and the next boot shows whether it was true.
const which = scenarios('which and lost')

const CMDLINE = 'rd.live.overlay=/dev/sdb:/persist-hda.img'
const STORE = '/dev/sdb:/persist-hda.img'

/** Asks, after a file was written and a tmpfs mounted on the root. */
const ASK = `
mount -t tmpfs scratch /srv
head -c 5000 /dev/zero > /srv/big
echo abc > /etc/written
holdfast which /etc/written > /run/said; echo "root=$? $(cat /run/said)"
holdfast which /srv/big > /run/said; echo "srv=$? $(cat /run/said)"
holdfast which /etc/written /srv/big > /dev/null; echo "both=$?"
holdfast lost > /run/said; echo "lost=$?"
echo "first=$(head -n 1 /run/said)"
echo "big=$(grep /srv/big /run/said)"
echo "written=$(grep /etc/written /run/said)"
echo "total=$(grep '^total' /run/said)"
`

which('on a root with a store on a device: kept, and the next boot finds it', async () => {
  const disks = [{ file: await persistenceDisk() }]
  const outcome = await bootLive({ cmdline: CMDLINE, disks, script: ASK })
  assert.equal(pick(outcome, 'mode', 'root', 'srv', 'both', 'lost', 'first', 'written', 'total'), {
    mode: 'persistent',
    root: `0 kept  /etc/written  store ${STORE}`,
    srv: '4 lost  /srv/big  tmpfs at /srv',
    both: '4',
    lost: '0',
    first: '4.9 KiB  /srv/big  tmpfs at /srv',
    written: '',
    total: 'total: 4.9 KiB in 1 file',
  })
  // Whoever kills the machine before it has synced takes the file with it.
  assert.is(outcome.exit, 'poweroff')
  const next = await bootLive({
    cmdline: CMDLINE,
    disks,
    script: 'ls -l /etc/written; echo "etc=$(cat /etc/written)"; echo "srv=$(ls /srv)"',
  })
  assert.equal(pick(next, 'mode', 'etc', 'srv'), { mode: 'persistent', etc: 'abc', srv: '' })
})

which('on a root with a store in RAM: lost, with what the store has taken', async () => {
  const outcome = await bootLive({ cmdline: '', script: ASK })
  assert.equal(pick(outcome, 'mode', 'root', 'both', 'lost', 'big'), {
    mode: 'temporary',
    root: "4 lost  /etc/written  the root's changes are in RAM",
    both: '4',
    lost: '0',
    big: '4.9 KiB  /srv/big      tmpfs at /srv',
  })
  assert.match(outcome.report.values['first'] ?? '', / used of the root's store in RAM: all of it/)
  assert.match(outcome.report.values['written'] ?? '', / +\/etc\/written +the root's changes/)
})

which.run()
