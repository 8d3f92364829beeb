import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'
import { parseFstab } from '../../../src/formats/fstab.ts'
import { parseMountInfo } from '../../../src/formats/mount-table.ts'
import { nothingAsked } from '../../../src/overlay/boot-plan.ts'
import { bootRecord } from '../../../src/overlay/plan-record.ts'
import { findDetached } from '../../../src/stateless/find-detached.ts'
import { judgeFstab } from '../../../src/stateless/judge-fstab.ts'
import { planStatelessRecord } from '../../../src/stateless/plan-stateless-record.ts'
import { planUserTable } from '../../../src/stateless/plan-user-table.ts'
import {
  formatStateless,
  type ListedPath,
  listedPath,
  type StatelessOutcome,
} from '../../../src/stateless/stateless-outcome.ts'
import { formatStatus } from '../../../src/status/format-status.ts'
import { lines, stepsOf } from '../script-of.ts'

const test = suite('what became of the listed paths')

const at = (path: string): ListedPath => ({
  path,
  kind: 'file',
  mode: 'bind',
  origin: '/etc/statetab:3',
})
const GOOD: StatelessOutcome = {
  scratch: 'RAM',
  volatile: [at('/etc/foo')],
  state: '/dev/sdb',
  kept: [at('/srv/a'), at('/srv/b')],
  rootReadOnly: true,
  why: undefined,
  hint: undefined,
}
const BAD: StatelessOutcome = {
  ...GOOD,
  scratch: undefined,
  state: undefined,
  kept: [],
  rootReadOnly: false,
  why: 'no \x1b[2Jdevice\n/srv/a: no room',
  hint: 'Do something.',
}

test('a path of the record has its origin with the line, where there is one', () => {
  const path = { path: '/a', kind: 'file', lasts: 'state', mode: 'bind' } as const
  const origin = (line: number) => listedPath({ ...path, origin: { file: 'f', line } })
  assert.equal(origin(3), { path: '/a', kind: 'file', mode: 'bind', origin: 'f:3' })
  assert.is(origin(0).origin, 'f')
})

test('one line for the console', () => {
  assert.is(
    formatStateless(GOOD),
    'stateless: 1 path writable until shutdown, in RAM; 2 paths kept on /dev/sdb; the root is read-only',
  )
  assert.is(
    formatStateless(BAD),
    'STATELESS, less than was asked: no scratch; none kept; the root is writable: no \x1b[2Jdevice; /srv/a: no room',
  )
})

const config = parseConfig('')
const before = bootRecord(config, nothingAsked(config))

test('the record keeps what it says of the root; less than was asked has a message of the day', () => {
  const good = stepsOf(planStatelessRecord(before, GOOD))
  assert.match(good, /"mode": "untouched",[\s\S]*"stateless": \{\n {4}"scratch": "RAM"/)
  assert.match(good, 'rm -f /run/motd.d/holdfast-stateless\n')
  assert.match(good, "printf %s '' > /run/initramfs/.need_shutdown\n")
  const bad = stepsOf(planStatelessRecord(before, BAD))
  assert.match(bad, 'holdfast: STATELESS, less than was asked: no scratch; none kept;')
  assert.match(bad, "holdfast status says more.\n' > /run/motd.d/holdfast-stateless\n")
  assert.not.match(bad, '\x1b')
})

const status = (stateless: StatelessOutcome, detached: ListedPath[] = []) => ({
  record: { ...before, stateless },
  rootMount: undefined,
  snapshot: undefined,
  watch: undefined,
  detached,
})

test('the status tells of them', () => {
  assert.equal(formatStatus(status(GOOD)), [
    'STATELESS    nothing can be written to the root, but for 3 paths',
    '  asked      nothing: no rd.live.overlay= on the kernel command line',
    '  scratch    1 path in RAM, lost at shutdown',
    '  state      2 paths kept on /dev/sdb',
  ])
  assert.equal(formatStatus(status(BAD, [at('/srv/x')])).slice(2), [
    '  state      none',
    '  missing    no \\x1b[2Jdevice',
    '  missing    /srv/a: no room',
    '  detached   /srv/x (/etc/statetab:3): no mount is there any more',
    '  try        Do something.',
  ])
})

test('a path over which nothing is mounted any more is found', () => {
  const mounts = parseMountInfo(
    ['/etc/foo', '/srv/b']
      .map((path, id) => `${id + 9} 1 0:1 / ${path} rw - tmpfs x rw`)
      .join('\n'),
  )
  assert.equal(
    findDetached(GOOD, mounts, '/').map(({ path }) => path),
    ['/srv/a'],
  )
})

test('what the fstab of the booted system will do to the paths is said', () => {
  const path = (at: string, line: number) =>
    ({
      path: at,
      kind: 'directory',
      lasts: 'boot',
      mode: 'bind',
      origin: { file: 'f', line },
    }) as const
  const fstab = parseFstab(
    '/dev/a / ext4\n/dev/b /var/log ext4\n/dev/c /srv ext4 noauto\ntmpfs /tmp tmpfs',
  )
  const paths = [path('/var/log/core', 1), path('/srv/x', 2), path('/tmp', 0), path('/var', 3)]
  assert.equal(judgeFstab(fstab, paths), [
    'f:1: /var/log/core is hidden when /var/log is mounted, by fstab',
    'f: /tmp is in fstab too: what fstab names is not mounted over it',
  ])
})

test('systemd is told by one table which mounts are not its own to take down', () => {
  const mounts = parseMountInfo(
    [
      '1 0 8:1 / /sysroot ro - ext4 /dev/sda ro',
      '2 1 0:9 /srv/a\\040b /sysroot/srv/a\\040b rw - tmpfs holdfast-scratch rw',
      '3 1 0:9 /old /sysroot/srv rw - tmpfs x rw',
      '4 3 8:2 /srv /sysroot/srv rw - ext4 /dev/sdb rw',
    ].join('\n'),
  )
  assert.is(
    stepsOf(
      planUserTable(
        'SRC=x TARGET=/y ROOT=/ OPTS=a\n',
        '/sysroot',
        ['/srv', '/srv/a b', '/no'],
        mounts,
      ),
    ),
    lines(
      'mkdir -p /run/mount',
      "printf %s 'SRC=x TARGET=/y ROOT=/ OPTS=a",
      'SRC=/dev/sdb TARGET=/srv ROOT=/srv OPTS=x-initrd.mount',
      'SRC=holdfast-scratch TARGET=/srv/a\\040b ROOT=/srv/a\\040b OPTS=x-initrd.mount',
      "' > /run/mount/utab",
    ),
  )
  assert.equal(planUserTable('x', '/sysroot', ['/no'], mounts), [])
})

test.run()
