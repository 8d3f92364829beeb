import * as assert from 'uvu/assert'
import { inMountNamespace } from './image/command.ts'
import { copyOf, ext4Disk } from './image/disk.ts'
import { rootImage } from './image/root-image.ts'
import { boot } from './machine/boot.ts'
import { assertScriptSucceeded, scenarios } from './scenario.ts'

const stateless = scenarios('stateless')

/** The root image with files added: paths to their texts. */
async function rootWith(files: Record<string, string>): Promise<string> {
  const image = await copyOf(await rootImage('bookworm'))
  const words = Object.entries(files).flat()
  await inMountNamespace(
    `image=$1; shift; mount -o loop "$image" /mnt
    while [ $# -gt 0 ]; do mkdir -p "/mnt/$(dirname "$1")"; printf %s "$2" > "/mnt/$1"; shift 2; done
    umount /mnt`,
    [image, ...words],
  )
  return image
}

stateless('what rwtab lists is writable until shutdown, what statetab lists is kept', async () => {
  const root = await rootWith({
    'etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=STATE\n',
    'etc/rwtab': 'files /etc/foo\n',
    'etc/statetab': '/srv/dir\n',
    'etc/foo': 'image\n',
    'srv/dir/file': 'image\n',
  })
  const disks = [
    { file: root, readOnly: true },
    { file: await ext4Disk({ bytes: 32e6, label: 'STATE' }) },
  ]
  for (const seen of ['image', 'kept']) {
    const outcome = await boot({
      suite: 'bookworm',
      initramfs: 'script',
      cmdline: 'root=LABEL=ROOT ro rd.skipfsck',
      disks,
      script: `
        echo "foo=$(cat /etc/foo)"; echo volatile > /etc/foo
        echo "seen=$(cat /srv/dir/file)"; echo kept > /srv/dir/file
        echo x > /etc/other && echo other=written
        findmnt -rno SOURCE,TARGET
        cat /run/holdfast/boot.json
        holdfast status
        cat /run/dry-run/script`,
    })
    assertScriptSucceeded(outcome)
    assert.is(outcome.report.values['foo'], 'image', outcome.report.text)
    assert.is(outcome.report.values['seen'], seen, outcome.report.text)
    assert.is(outcome.report.values['other'], undefined)
    assert.match(outcome.log, 'dry run: changed nothing')
  }
})

stateless.run()
