import { mkdirSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { command } from '../vm/image/command.ts'
import { ext4Disk, scratchPath } from '../vm/image/disk.ts'
import { checkFileSystem, wasCleanlyUnmounted } from '../vm/image/ext4.ts'
import { kernelRelease, rootTree } from '../vm/image/tree.ts'
import { boot } from '../vm/machine/boot.ts'
import { networkInitramfs } from '../vm/nfs/network-initramfs.ts'
import { SERVER, startNfsServer } from '../vm/nfs/nfs-server.ts'
import { rootWith } from '../vm/root-with.ts'
import { assertScriptSucceeded, scenarios } from '../vm/scenario.ts'
import { BUSY, BUSY_ROOT, isOrderly } from '../vm/stateless-busy.ts'

const shutdown = scenarios('stateless, shutdown')

const TIMES = 20

for (const suite of ['bookworm', 'trixie'] as const) {
  shutdown(`26: ${TIMES} boots with files open to the very end, ${suite}`, async () => {
    const state = await ext4Disk({ bytes: 64e6, label: 'stateless-state' })
    const root = await rootWith(BUSY_ROOT, suite)
    for (let time = 0; time < TIMES; time++) {
      const outcome = await boot({
        suite,
        initramfs: 'systemd',
        init: 'systemd',
        shutdownInitramfs: true,
        cmdline: 'root=LABEL=ROOT ro systemd.show_status=1 printk.devkmsg=on',
        disks: [{ file: root, discard: true }, { file: state }],
        script: BUSY,
      })
      isOrderly(outcome)
      assert.ok(await wasCleanlyUnmounted(state), `boot ${time}`)
      await checkFileSystem(state)
    }
  })
}

shutdown(
  '26: the NFS server is gone when the machine is shut down: it ends all the same',
  async () => {
    const server = await startNfsServer()
    try {
      mkdirSync(`${server.folder}/client7`)
      const image = await networkInitramfs('bookworm')
      const outcome = await boot({
        suite: 'bookworm',
        initramfs: 'script',
        image,
        init: 'systemd',
        cmdline: 'root=LABEL=ROOT ro rd.skipfsck ip=dhcp rd.neednet=1 systemd.show_status=1',
        disks: [
          {
            file: await rootWith({
              '/etc/sysconfig/readonly-root': `READONLY=yes\nCLIENTSTATE=${SERVER}:/exp\n`,
              '/etc/fstab':
                'LABEL=ROOT / ext4 ro 0 0\n/dev/disk/by-id/virtio-boot /boot ext4 noauto,ro 0 0\n',
              '/etc/statetab': '/srv/kept\n',
              '/etc/hostname': 'client7\n',
              '/srv/kept/text': 'image',
            }),
            readOnly: true,
          },
          { file: await bootDiskWith(image), bus: 'virtio', readOnly: true, serial: 'boot' },
        ],
        network: server.network,
        reactions: [{ when: /cut the cable/, act: () => server.cut() }],
        script: `
        echo kept > /srv/kept/text && sync && echo written=yes
        setsid sh -c 'exec 3>> /srv/kept/open; sleep 600' &
        echo 'cut the cable' > /dev/console
        sleep 3`,
        timeoutSeconds: 600,
      })
      assertScriptSucceeded(outcome)
      assert.is(outcome.report.values['written'], 'yes')
      assert.is(outcome.exit, 'poweroff', outcome.log.slice(-3000))
    } finally {
      await server.close()
    }
  },
)

/** As bootDisk() makes them, for an initramfs of another kind. */
async function bootDiskWith(image: string): Promise<string> {
  const path = scratchPath('boot.ext4')
  const folder = `${path}.content`
  mkdirSync(folder)
  const release = kernelRelease(await rootTree('bookworm'))
  await command(['zstd', '-q', '-3', image, '-o', `${folder}/initrd.img-${release}`])
  await command(['mkfs.ext4', '-q', '-F', '-O', '^has_journal', '-d', folder, path, '100M'])
  return path
}

shutdown.run()
