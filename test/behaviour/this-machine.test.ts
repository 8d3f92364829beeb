import * as assert from 'uvu/assert'
import { behaviour } from './executables.ts'
import { callUntouched } from './untouched.ts'

const test = behaviour('on a running system that holdfast did not boot')

function isRefused(argv: readonly string[], reason: string, hint: string): void {
  const { status, stdout, stderr } = callUntouched({ argv })
  assert.is(stdout, '')
  assert.is(stderr, `holdfast: refused: ${reason}\n          ${hint}\n`)
  assert.is(status, 3)
}

function isUsageError(argv: readonly string[], ...lines: string[]): void {
  const { status, stdout, stderr } = callUntouched({ argv })
  assert.is(stdout, '')
  assert.is(stderr, `holdfast: ${lines.join('\n          ')}\n`)
  assert.is(status, 2)
}

test('boot is refused', () => {
  const reason = 'the system already runs from the root that would be taken apart'
  const hint = "dracut's pre-pivot hook runs this by itself; see the plan with --dry-run."
  isRefused(['boot'], reason, hint)
  isRefused([], reason, hint)
})

test('shutdown is refused', () => {
  isRefused(
    ['shutdown'],
    'the system is still running from what would be taken down',
    "dracut's shutdown hook runs this by itself; see the plan with --dry-run.",
  )
})

test('live does nothing, whatever is asked', () => {
  for (const argv of [['live'], ['live', '--cmdline', 'root=live:LABEL=NOWHERE']]) {
    assert.equal(callUntouched({ argv }), { status: 0, stdout: '', stderr: '' })
  }
})

test('a dry run of live says why there is nothing to do', () => {
  const asked = callUntouched({ argv: ['live', '--dry-run', '--cmdline', 'root=live:LABEL=X'] })
  assert.is(asked.stdout, '# a root is mounted at / already\n')
  const other = callUntouched({ argv: ['live', '--dry-run', '--cmdline', 'root=LABEL=X'] })
  assert.is(other.stdout, '# root= names no live medium\n')
})

test('a dry run of shutdown has nothing of ours to take down', () => {
  const { status, stdout, stderr } = callUntouched({ argv: ['shutdown', '--dry-run'] })
  assert.equal([status, stdout, stderr], [0, '', ''])
})

test('status says that the root is untouched', () => {
  const { status, stdout, stderr } = callUntouched({ argv: ['status'] })
  assert.match(
    stdout,
    /^UNTOUCHED {4}holdfast has done nothing to this root\n {2}root {7}\S+ on \/, /,
  )
  assert.is(stderr, '')
  assert.is(status, 0)
})

test('status --json has its keys, null for what is not there', () => {
  const { status, stdout } = callUntouched({ argv: ['status', '--json'] })
  const found = JSON.parse(stdout)
  const first = ['mode', 'technology', 'asked', 'why', 'root', 'base', 'store', 'monitor']
  const keys = [...first, 'stateless']
  assert.equal(Object.keys(found), keys)
  const { mode, technology, asked, why, base, store } = found
  assert.equal(
    [mode, technology, asked, why, base, store],
    ['untouched', 'none', null, null, null, null],
  )
  assert.is(status, 0)
})

test('probe --json has the keys of the facts', () => {
  const { status, stdout, stderr } = callUntouched({ argv: ['probe', '--json'] })
  const facts = JSON.parse(stdout)
  const keys = ['cmdline', 'newRoot', 'mounts', 'devices', 'memoryBytes', 'missingModules']
  assert.equal(Object.keys(facts), keys)
  assert.is(facts.newRoot, '/')
  assert.ok(facts.memoryBytes > 0 && facts.mounts.length > 0)
  assert.equal([status, stderr], [0, ''])
})

test('what probe --json prints is taken by --facts through a pipe', () => {
  const cmdline = 'root=LABEL=X rd.live.overlay=LABEL=NOWHERE:/x rd.holdfast.onfail=readonly'
  const { status, stdout } = callUntouched({
    argv: ['boot', '--dry-run', '--facts', '/dev/stdin', '--cmdline', cmdline],
    script: '"$0" probe --json | "$0" "$@"',
  })
  assert.match(
    stdout,
    '# READ-ONLY: nothing can be written to the root: LABEL=NOWHERE did not appear',
  )
  assert.is(status, 4)
})

test('create wants a device and a path', () => {
  isUsageError(
    ['create', '/dev/nosuch'],
    "'/dev/nosuch': name the store's path too, as in /dev/nosuch:/persist.img",
  )
  isUsageError(
    ['create', 'persist.img'],
    "'persist.img': 'persist.img' is not a device: write a path below /dev/, LABEL=, UUID=, PARTLABEL= or PARTUUID=",
  )
  assert.is(callUntouched({ argv: ['create', '/dev/sdb:/../x'] }).status, 2)
  assert.is(callUntouched({ argv: ['create', ''] }).status, 2)
  const missing = 'create needs <store>: DEVICE:PATH, as in rd.live.overlay='
  isUsageError(['create'], missing, 'See holdfast create --help')
})

test('create wants a size that is one', () => {
  for (const size of ['12Q', '', '-1', '0', '1e3', 'M', '1.5.5G', '9'.repeat(40)]) {
    const { status, stderr } = callUntouched({ argv: ['create', '/dev/x:/y', '--size', size] })
    assert.is(status, 2, `--size '${size}'`)
    assert.match(stderr, '--size')
  }
})

test('create on a device that is not there is refused, dry or not', () => {
  for (const device of ['/dev/nosuch', 'LABEL=NOWHERE']) {
    for (const more of [[], ['--dry-run'], ['--size', '500M']]) {
      const reason = `there is no device ${device}`
      const hint = 'See what is there with: holdfast probe'
      isRefused(['create', `${device}:/x`, ...more], reason, hint)
    }
  }
})

test('grow without a name wants a root that has a store', () => {
  for (const more of [[], ['--dry-run'], ['--size', '1G']]) {
    isRefused(
      ['grow', ...more],
      'the running root has no store on a device',
      'Name a store as DEVICE:PATH; see how this root was made with: holdfast status',
    )
  }
})

test('grow wants a device with a path, that is there, and a size that is one', () => {
  const reason = 'there is no device /dev/nosuch'
  isRefused(['grow', '/dev/nosuch:/x'], reason, 'See what is there with: holdfast probe')
  isUsageError(
    ['grow', '/dev/nosuch'],
    "'/dev/nosuch': name the store's path too, as in /dev/nosuch:/persist.img",
  )
  assert.is(callUntouched({ argv: ['grow', '--size', '12Q'] }).status, 2)
})

test('monitor has nothing to watch, and that is no error', () => {
  const { status, stdout, stderr } = callUntouched({ argv: ['monitor'] })
  assert.equal([status, stdout], [0, ''])
  assert.is(stderr, 'holdfast: the root has no store on a device: there is nothing to watch\n')
})

test.run()
