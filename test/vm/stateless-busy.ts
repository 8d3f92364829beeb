import * as assert from 'uvu/assert'
import type { Outcome } from './machine/machine.ts'
import { assertScriptSucceeded } from './scenario.ts'

/** A stateless root whose fstab does not say ro, with kept and volatile folders that services and processes write to. */
export const BUSY_ROOT = {
  '/etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=stateless-state\n',
  '/etc/fstab':
    'LABEL=ROOT / ext4 defaults 0 1\n/dev/disk/by-id/virtio-boot /boot ext4 noauto,ro 0 0\n',
  '/etc/rwtab': 'files /etc\nempty /tmp\nempty /var/tmp\nfiles /var/lib/systemd\n',
  '/etc/statetab': '/var/log\n/etc/kept\n/srv/kept\n',
  // With this folder journald has its files open below a kept path until the very end.
  '/var/log/journal/.keep': '',
  '/etc/kept/text': 'image',
  '/srv/kept/text': 'image',
}

const BEGINNING = 'the test has ended, the shutdown begins'
/** The last line of a script: from then on a shutdown is measured. */
export const END_OF_WORK = `echo '${BEGINNING}' > /dev/kmsg`

/** Leaves processes behind that have files open for writing below kept and volatile paths. */
export const BUSY = `
for folder in /var/log /etc/kept /etc /srv/kept /tmp; do
  setsid sh -c 'exec 3>> "$1/open"; while echo line >&3; do sleep 1; done' sh $folder &
done
echo "root=$(findmnt -no OPTIONS / | grep -o '^r[ow]')"
echo "fstab=$(grep -c 'LABEL=ROOT / ext4 .*ro' /etc/fstab)"
touch /usr/x 2> /dev/null && echo usr=written
echo kept > /etc/kept/text
holdfast status; echo "status=$?"
${END_OF_WORK}
`

/** The root stayed read-only, and the machine went down without a failed unmount or a hang. */
export function isOrderly(outcome: Outcome): void {
  assertScriptSucceeded(outcome)
  const { root, fstab, usr, status } = outcome.report.values
  assert.equal([root, fstab, usr, status], ['ro', '1', undefined, '0'], outcome.report.text)
  assertOrderlyEnd(outcome)
}

// Of systemd, of the kernel, and of holdfast itself.
const FAILED_UNMOUNT = /Failed (to )?u(n)?mount/i
const HANG = /timed out|blocked for more|no answer in time|no time is left/i

/** It powered off by itself, nothing was left mounted and nothing waited in vain. Prints how long the shutdown took. */
export function assertOrderlyEnd({ exit, log }: Outcome): void {
  assert.is(exit, 'poweroff')
  assert.not.match(log, FAILED_UNMOUNT)
  assert.not.match(log, HANG)
  console.log(`shut down in ${shutdownSeconds(log)} s`)
}

/** By the kernel's time stamps; the machine is emulated, so it is a figure and not a limit. */
function shutdownSeconds(log: string): string {
  const [begin, end] = [BEGINNING, 'reboot: Power down'].map((text) =>
    Number(new RegExp(`^\\[ *([\\d.]+)\\] ${text}`, 'm').exec(log)?.[1]),
  )
  return ((end ?? 0) - (begin ?? 0)).toFixed(1)
}
