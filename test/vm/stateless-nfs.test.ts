import { mkdirSync, readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { boot } from './machine/boot.ts'
import type { Outcome } from './machine/machine.ts'
import { CLIENT_ROOT } from './nfs/client-root.ts'
import { networkInitramfs } from './nfs/network-initramfs.ts'
import { type NfsServer, SERVER, startNfsServer } from './nfs/nfs-server.ts'
import { rootWith } from './root-with.ts'
import { assertScriptSucceeded, scenarios } from './scenario.ts'

// State on a server: CLIENTSTATE=server:/export, and there a folder of the client's name.
const nfs = scenarios('stateless, NFS')

const SCRIPT = `
echo "why=$(sed -n 's/^ *"why": "\\(.*\\)",\\{0,1\\}$/\\1/p' /run/holdfast/boot.json | tail -1)"
echo "seen=$(cat /srv/kept/text)"
echo "type=$(stat -f -c %T /srv/kept)"
echo "kept $(cat /proc/sys/kernel/random/boot_id)" > /srv/kept/text && echo written=yes
cat /run/holdfast/boot.json /proc/self/mountinfo
`

async function bootClient(server: NfsServer, cmdline: string): Promise<Outcome> {
  const root = await rootWith(CLIENT_ROOT)
  const outcome = await boot({
    suite: 'bookworm',
    initramfs: 'script',
    image: await networkInitramfs('bookworm'),
    cmdline: `root=LABEL=ROOT ro rd.skipfsck ip=dhcp rd.neednet=1 ${cmdline}`,
    disks: [{ file: root, readOnly: true }],
    network: server.network,
    script: SCRIPT,
  })
  assertScriptSucceeded(outcome)
  return outcome
}

nfs('23: a server that answers keeps it, also one that takes its time', async () => {
  const server = await startNfsServer()
  try {
    mkdirSync(`${server.folder}/client7`)
    const first = await bootClient(server, '')
    const expected = { why: '', seen: 'image', type: 'nfs', written: 'yes' }
    assert.equal(first.report.values, { ...first.report.values, ...expected }, first.report.text)
    const kept = readFileSync(`${server.folder}/client7/srv/kept/text`, 'utf8').trim()
    assert.match(kept, /^kept /)

    server.delay(5000)
    const slow = await bootClient(server, 'rd.holdfast.timeout=120')
    assert.equal(slow.report.values, { ...slow.report.values, ...expected, seen: kept })
  } finally {
    await server.close()
  }
})

for (const [title, mute] of [
  ['a server that does not take connections', false],
  ['a server that takes connections and never answers', true],
] as const) {
  nfs(`23: ${title}: the boot goes on within the timeout, degraded`, async () => {
    const server = await startNfsServer({ listening: mute })
    try {
      server.cut()
      const outcome = await bootClient(server, 'rd.holdfast.timeout=10')
      const { why, seen, written } = outcome.report.values
      assert.match(why ?? '', `${SERVER}:/exp`)
      assert.equal([seen, written], ['image', undefined])
    } finally {
      await server.close()
    }
  })
}

nfs.run()
