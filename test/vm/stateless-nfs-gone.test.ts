import { mkdirSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { command } from './image/command.ts'
import { scratchPath } from './image/disk.ts'
import { kernelRelease, rootTree } from './image/tree.ts'
import { boot } from './machine/boot.ts'
import { CLIENT_ROOT } from './nfs/client-root.ts'
import { networkInitramfs } from './nfs/network-initramfs.ts'
import { startNfsServer } from './nfs/nfs-server.ts'
import { rootWith } from './root-with.ts'
import { assertScriptSucceeded, scenarios } from './scenario.ts'

const shutdown = scenarios('stateless, a server that is gone')

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
              ...CLIENT_ROOT,
              '/etc/fstab':
                'LABEL=ROOT / ext4 ro 0 0\n/dev/disk/by-id/virtio-boot /boot ext4 noauto,ro 0 0\n',
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
