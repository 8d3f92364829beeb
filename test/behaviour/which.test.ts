import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as assert from 'uvu/assert'
import { behaviour, callBoth, type Outcome } from './executables.ts'
import { callUntouched } from './untouched.ts'

const test = behaviour('which and lost, over mounts of their own')

const PATH = process.env['PATH'] ?? ''

/** A tree of mounts that nobody else sees: it ends with the shell. $T is its folder, a tmpfs. */
const MOUNTS = `
mount -t tmpfs t "$T"
mkdir "$T/lower" "$T/upper" "$T/work" "$T/merged" "$T/etc" "$T/ro" "$T/under"
ln -s etc "$T/link"; ln -s upper "$T/named"
echo image > "$T/lower/gone"
mount -t tmpfs -o ro fixed "$T/ro"
mount -t overlay o -o "lowerdir=$T/lower,upperdir=$T/named,workdir=$T/work" "$T/merged"
echo 12345678 > "$T/etc/passwd"; echo 123 > "$T/etc/hosts"
touch "$T/bound"; mount --bind "$T/etc/hosts" "$T/bound"
mount -t tmpfs hidden "$T/under"; mount -t tmpfs top "$T/under"
printf 'new' > "$T/merged/new"; rm "$T/merged/gone"
`

/** What both executables say in such a tree; its folder is written as $T. */
function callInTree(argv: readonly string[]): Outcome {
  // Not below /tmp, which is volatile by design.
  const folder = realpathSync(mkdtempSync('/var/tmp/behaviour-'))
  try {
    const script = `T=${folder} exec unshare --mount /bin/sh -ec '${MOUNTS} cd "$T/etc"; eval exec "$0" "$@"' "$0" "$@"`
    const { status, stdout, stderr } = callBoth({ argv, script, env: { PATH } })
    return {
      status,
      stdout: stdout.replaceAll(folder, '$T'),
      stderr: stderr.replaceAll(folder, '$T'),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
/** Each row of the columns as one line with single spaces. */
const rows = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ {2,}/g, '  '))

test('which follows links, and judges by the mount', () => {
  const { status, stdout, stderr } = callInTree([
    ...[
      'which',
      '$T/link/passwd',
      '$T/merged/x/y',
      '$T/ro/x',
      '$T/bound',
      '$T/under/x',
      '/proc/1',
      'passwd',
      '../bound',
    ],
  ])
  assert.equal(rows(stdout), [
    'lost  $T/link/passwd -> $T/etc/passwd  tmpfs at $T',
    'lost  $T/merged/x/y  the upper layer of the overlay at $T/merged is in RAM; not there yet: $T/merged decides',
    'unwritable  $T/ro/x  $T/ro is mounted read-only; not there yet: $T/ro decides',
    'lost  $T/bound  tmpfs at $T/bound; a bind-mounted file: it cannot be renamed over',
    'lost  $T/under/x  tmpfs at $T/under; not there yet: $T/under decides; hides tmpfs of hidden at $T/under',
    "no file  /proc/1  proc at /proc: the kernel's, no files",
    'lost  passwd -> $T/etc/passwd  tmpfs at $T',
    'lost  ../bound -> $T/bound  tmpfs at $T/bound; a bind-mounted file: it cannot be renamed over',
  ])
  assert.equal([status, stderr], [4, ''])
})

test('which --json has its keys, whole and stable', () => {
  const { status, stdout } = callInTree(['which', '--json', '$T/bound'])
  assert.equal(JSON.parse(stdout), {
    paths: [
      {
        path: '$T/bound',
        realPath: '$T/bound',
        decidedBy: '$T/bound',
        verdict: 'lost',
        mechanism: 'ram',
        device: null,
        type: 'tmpfs',
        mountPoint: '$T/bound',
        words: 'tmpfs at $T/bound',
        remarks: ['a bind-mounted file: it cannot be renamed over'],
      },
    ],
  })
  assert.is(status, 4)
})

test('lost lists what is in RAM, largest first, and what is shown twice once', () => {
  const { status, stdout, stderr } = callInTree(['lost'])
  assert.equal(ours(stdout), [
    '9 B  $T/etc/passwd  tmpfs at $T',
    '6 B  $T/lower/gone  tmpfs at $T',
    '5 B  $T/named  tmpfs at $T',
    '4 B  $T/bound  tmpfs at $T/bound',
    '3 B  $T/link  tmpfs at $T',
    '3 B  $T/merged/new  the upper layer of the overlay at $T/merged is in RAM',
    'removed  $T/merged/gone  the upper layer of the overlay at $T/merged is in RAM',
  ])
  assert.match(stdout, /^total: \d+ B in \d+ files$/m)
  assert.equal([status, stderr], [0, ''])
})

test('lost -n shows as many and says how many it does not', () => {
  for (const option of ['-n', '--count']) {
    const { stdout } = callInTree(['lost', option, '2'])
    assert.is(stdout.match(/ \$T\//g)?.length, 2)
    assert.match(stdout, / in 7 files, 5 of them not shown\n$/)
  }
})

test('lost --json has its keys', () => {
  const { status, stdout } = callInTree(['lost', '--json', '--count', '1'])
  const { files, entries, ...more } = JSON.parse(stdout)
  assert.equal(files, [{ path: '$T/etc/passwd', bytes: 9, removed: false, words: 'tmpfs at $T' }])
  assert.ok(entries > 6)
  const rest = {
    storeUsedBytes: null,
    guessed: false,
    totalFiles: 7,
    totalBytes: 30,
    unseen: 0,
    stopped: false,
  }
  assert.equal(more, rest)
  assert.is(status, 0)
})

/** Of the lines about files, those that are not of this machine's own mounts. */
function ours(stdout: string): string[] {
  return rows(stdout).filter((row) => row.includes('$T/'))
}

test('a path that is empty, a count that is none, and no path at all are refused', () => {
  const refused = (argv: readonly string[], said: string) => {
    const { status, stdout, stderr } = callUntouched({ argv })
    assert.equal([status, stdout], [2, ''])
    assert.match(stderr, said)
  }
  refused(['which', ''], 'holdfast: a path is empty')
  refused(['which'], 'which needs <path>')
  for (const count of ['0', '-1', 'x', '', '1.5', '9'.repeat(20)]) {
    refused(['lost', '--count', count], `--count '${count}'`)
  }
})

test('neither changes anything, with every path asked in one call', () => {
  assert.is(callUntouched({ argv: ['which', '/etc', '/nowhere/x', tmpdir()] }).stderr, '')
  assert.is(callUntouched({ argv: ['lost', '-n', '1'] }).status, 0)
})

test.run()
