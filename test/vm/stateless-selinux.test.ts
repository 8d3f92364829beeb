import * as assert from 'uvu/assert'
import { ext4Disk } from './image/disk.ts'
import { boot } from './machine/boot.ts'
import { assertScriptSucceeded, scenarios } from './scenario.ts'
import { labelledRoot } from './selinux/labelled-root.ts'

const selinux = scenarios('stateless, SELinux')

const ROOT = {
  '/etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=stateless-state\n',
  '/etc/fstab': 'LABEL=ROOT / ext4 ro 0 0\n',
  '/etc/rwtab': 'files /etc/adjtime\nempty /var/tmp\ndirs /var/cache\nfiles /var/spool\n',
  '/etc/statetab': '/etc/shadow\n/etc/hosts\n/var/log\n/srv/kept\n',
  '/etc/hosts': 'image\n',
  '/etc/adjtime': 'image\n',
  '/srv/kept/text': 'image\n',
  '/var/log/lastlog': '',
}

const PATHS =
  '/etc /etc/shadow /etc/hosts /etc/adjtime /var/tmp /var/cache /var/spool /var/log /var/log/lastlog /srv/kept /srv/kept/text'

/**
 * What restorecon would change is what has another label than the policy says. Nobody but systemd (machine-id, .pwd.lock) has
 * written to the layer yet: what is in it beside what is kept was put there by who gave it a label.
 */
const LOOK = `
echo "enforce=$(getenforce)"
ls -dZ ${PATHS} | sed 's/^/label /'
restorecon -Rnv /etc /var /srv 2>&1 | sed 's/^/wrong /'
echo layer=$(cd /run/initramfs/holdfast-state/.holdfast/upper && find . -type f ! -name machine-id ! -name .pwd.lock | sort)
echo kept > /srv/kept/text
sed -i s/image/kept/ /etc/hosts
echo "hosts=$(cat /etc/hosts)"
findmnt -rno SOURCE,FSTYPE,TARGET,OPTIONS | grep holdfast
`

/** Denials by a label that nobody has given. /run/credentials is systemd's own, and a tmpfs. */
function denials(log: string): string[] {
  const lines = log.split('\n').filter((line) => /avc: +denied/.test(line))
  return lines.filter(
    (line) =>
      /tmpfs_t|unlabeled_t|kernel_t.*file/.test(line) && !line.includes('name="credentials"'),
  )
}

selinux('25: no managed file has a wrong label after the boot, nor after the next', async () => {
  const state = await ext4Disk({ bytes: 64e6, label: 'stateless-state' })
  const root = await labelledRoot('bookworm', ROOT)
  // The second one denies nothing, and so tells of all that it would have denied.
  for (const [enforcing, mode] of [
    [1, 'Enforcing'],
    [0, 'Permissive'],
  ] as const) {
    const outcome = await boot({
      suite: 'bookworm',
      initramfs: 'systemd',
      init: 'systemd',
      cmdline: `root=LABEL=ROOT ro rd.skipfsck security=selinux selinux=1 enforcing=${enforcing}`,
      disks: [{ file: root, readOnly: true }, { file: state }],
      script: LOOK,
    })
    assertScriptSucceeded(outcome)
    const { text, values } = outcome.report
    assert.is(values['enforce'], mode, text)
    assert.is(values['hosts'], 'kept', text)
    assert.is(text.match(/^label /gm)?.length, PATHS.split(' ').length, text)
    assert.not.match(text, /^label .*(tmpfs_t|unlabeled_t|kernel_t|\?)/m)
    assert.not.match(text, /^wrong /m)
    assert.is(values['layer'], './etc/hosts ./etc/shadow', text)
    assert.match(outcome.log, /avc: +denied .*name="credentials"/)
    assert.equal(denials(outcome.log), [])
  }
})

selinux.run()
