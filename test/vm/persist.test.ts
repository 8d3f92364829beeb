import * as assert from 'uvu/assert'
import { ext4Disk } from './image/disk.ts'
import { pick } from './live-boot.ts'
import { boot } from './machine/boot.ts'
import type { Outcome } from './machine/machine.ts'
import { rootWith } from './root-with.ts'
import { assertScriptSucceeded, scenarios } from './scenario.ts'

// What is persisted on the machine itself is there after a reboot, and what is unpersisted is the image's own again.
const persist = scenarios('persist')

const FILES = {
  '/etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=STATE\n',
  '/etc/rwtab': 'files /etc\n',
  '/etc/kept': 'image\n',
  '/etc/dropped': 'image\n',
  '/srv/dir/file': 'image\n',
}

const SEEN = `
seen() {
  for path in /etc/kept /etc/dropped /etc/second /srv/dir/file; do printf '%s ' "$(tr '\n' + < $path)"; done 2> /dev/null
  readlink /etc/link
}
echo "before=$(seen)"
`

const SCRIPTS = [
  // The folder lies on the read-only root, the files and the link in RAM.
  `echo early > /etc/kept; chmod 600 /etc/kept; ln -s kept /etc/link
  holdfast persist /etc/kept /etc/dropped /srv/dir /etc/link; echo "persist=$?"
  for file in /etc/kept /etc/dropped /srv/dir/file; do echo late >> $file; done`,
  // By now an upper layer shows the files.
  `echo "mode=$(stat -c %a /etc/kept)"
  holdfast which /etc/kept /srv/dir/file | tr -s ' ' > /run/said; echo "which=$(tr '\n' ' ' < /run/said)"
  echo "list=$(holdfast list | tr -s ' ' | cut -d ' ' -f 1,2 | tr '\n' ' ')"
  holdfast status > /run/said; echo "status=$?"
  sed -i s/late/renamed/ /etc/kept; echo "sed=$?"
  echo new > /etc/second; holdfast persist /etc/second; sed -i s/new/newer/ /etc/second
  holdfast unpersist /etc/dropped /srv/dir /etc/link; echo "unpersist=$?"`,
  `echo "left=$(ls -A /run/initramfs/holdfast-state /run/initramfs/holdfast-state/etc | tr '\n' ' ')"`,
]

persist('27: is for this boot and those after, until it is taken back', async () => {
  const disks = [
    { file: await rootWith(FILES), readOnly: true },
    { file: await ext4Disk({ bytes: 32e6, label: 'STATE' }) },
  ]
  const outcomes: Outcome[] = []
  for (const script of SCRIPTS) {
    const outcome = await boot({
      suite: 'bookworm',
      initramfs: 'script',
      cmdline: 'root=LABEL=ROOT ro rd.skipfsck',
      disks,
      script: `${SEEN}${script}\necho "after=$(seen)"`,
    })
    assertScriptSucceeded(outcome)
    outcomes.push(outcome)
  }
  const [first, second, third] = outcomes as [Outcome, Outcome, Outcome]
  assert.equal(pick(first, 'before', 'persist'), { before: 'image+ image+  image+ ', persist: '0' })
  const names = ['before', 'after', 'mode', 'which', 'list', 'status', 'sed', 'unpersist']
  assert.equal(pick(second, ...names), {
    before: 'early+late+ image+late+  image+late+ kept',
    after: 'early+renamed+ image+late+ newer+ image+late+ kept',
    mode: '600',
    which:
      'kept /etc/kept on /dev/sdb (files:2) kept /srv/dir/file on /dev/sdb, with /srv/dir (files:4) ',
    list: 'kept /etc/dropped kept /etc/kept kept /etc/link kept /srv/dir ',
    status: '0',
    sed: '0',
    unpersist: '0',
  })
  assert.equal(pick(third, 'before', 'left'), {
    before: 'early+renamed+ image+ newer+ image+ ',
    left: '/run/initramfs/holdfast-state: .holdfast etc files lost+found  /run/initramfs/holdfast-state/etc: kept second ',
  })
})

persist.run()
