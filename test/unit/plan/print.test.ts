import { spawnSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatPlan, quote } from '../../../src/plan/print.ts'
import type { Step } from '../../../src/plan/step.ts'
import { lines, scriptOf, stepsOf } from '../script-of.ts'

const test = suite('print')

const hostile = [
  '',
  ' ',
  'a b',
  "it's",
  '"$HOME"',
  '`id`',
  '$(id)',
  String.raw`\x41\\`,
  '*?[a]~',
  '-n',
  '#x',
  'a\nb\n',
  "'\n'",
  'tab\there',
  'escape\x1b[2J',
  '\x07\x7f\x80\x9b',
  'turned\u202eround',
  '\u2028\u2029\ufeff',
  'ä€😀',
  '%s%n',
  "\x1b'\x1b",
]

for (const word of hostile) {
  test(`a shell reads ${JSON.stringify(word)} back unchanged`, () => {
    const { stdout } = spawnSync('sh', ['-c', `printf %s ${quote(word)}`], { encoding: 'utf8' })
    assert.is(stdout, word)
  })

  test(`a shell hands ${JSON.stringify(word)} on as one argument of a step`, () => {
    const script = stepsOf([{ kind: 'mount', device: word, at: '/x', type: 't', options: [] }])
    const show = `mount() { printf '%s|' "$@"; }\n${script}`
    const { stdout } = spawnSync('sh', ['-c', show], { encoding: 'utf8' })
    assert.is(stdout, `-t|t|${word}|/x|`)
  })
}

test('nothing that is printed moves the cursor or turns the writing direction', () => {
  const word = hostile.join('')
  const script = formatPlan({
    reasons: [word, 'a\rb'],
    steps: [{ kind: 'make-directory', path: word }],
  })
  assert.not.match(script, /[^\P{Cc}\n]|\p{Cf}|\p{Zl}|\p{Zp}/u)
})

test('each line of a reason is a comment', () => {
  const script = scriptOf({ reasons: ['one\nrm -rf /', 'a\rb'], steps: [] })
  assert.is(script, lines('# one', '# rm -rf /', String.raw`# a\x0db`))
})

test('a table holds its loop devices as variables, and nothing else of it is expanded', () => {
  const table = [0, 8, 'linear', '/dev/$x"`', { loop: 'a-b' }, 0]
  const script = stepsOf([
    { kind: 'attach-loop', file: '/f', as: 'a-b', readOnly: true },
    { kind: 'create-dm', name: 'n', table, readOnly: false },
  ])
  const tools = 'losetup() { echo "/dev/loop9"; }\ndmsetup() { printf "%s|" "$@"; }\n'
  const { stdout } = spawnSync('sh', ['-c', `${tools}${script}`], { encoding: 'utf8' })
  assert.is(stdout, 'create|n|--uuid|holdfast-n|--table|0 8 linear /dev/$x"` /dev/loop9 0|')
})

test('the length of a loop device is asked of the kernel when the script runs', () => {
  const table = [0, { sectorsOf: 'a-b' }, 'linear', { loop: 'a-b' }, 0]
  const script = stepsOf([
    { kind: 'attach-loop', file: '/f', as: 'a-b', readOnly: true },
    { kind: 'create-dm', name: 'n', table, readOnly: true },
  ])
  const tools =
    'losetup() { echo "/dev/loop9"; }\ncat() { echo "[$*]"; }\ndmsetup() { printf "%s|" "$@"; }\n'
  const { stdout } = spawnSync('sh', ['-c', `${tools}${script}`], { encoding: 'utf8' })
  assert.match(stdout, '--readonly|--table|0 [/sys/class/block/loop9/size] linear /dev/loop9 0|')
})

const each: readonly (readonly [Step, line: string])[] = [
  [{ kind: 'load-modules', modules: ['loop', 'dm_mod'] }, 'modprobe -a loop dm_mod'],
  [{ kind: 'make-directory', path: '/a b' }, "mkdir -p '/a b'"],
  [{ kind: 'bind-mount', from: '/a', at: '/b' }, 'mount --bind /a /b'],
  [{ kind: 'bind-mount', from: '/a', at: '/b', apart: true }, 'mount --bind --make-private /a /b'],
  [{ kind: 'remount', at: '/a', options: 'rw', before: 'ro' }, 'mount -o remount,rw /a'],
  [{ kind: 'unmount', at: '/a', restore: undefined }, 'umount /a'],
  [
    { kind: 'unmount', at: '/a', restore: undefined, lazy: true },
    'umount --internal-only --lazy --force /a',
  ],
  [{ kind: 'unmount-all', at: ['/a/b', '/a'] }, 'umount --no-canonicalize /a/b /a'],
  [{ kind: 'mount-all', table: '/t', at: ['/a'] }, 'mount --no-canonicalize -a -T /t'],
  [
    { kind: 'make-directories', mode: 0o2755, uid: 1, gid: 2, paths: ['/a', '/b'] },
    'install -d --mode=02755 --owner=1 --group=2 -- /a /b',
  ],
  [
    { kind: 'copy-trees', from: '/from', paths: ['a', '-b'], to: '/to' },
    `sh -c 'cd "$0" && exec cp -a --parents -- "$@"' /from a -b /to`,
  ],
  [{ kind: 'empty-folder', path: '/a' }, 'find /a -xdev -mindepth 1 -delete'],
  [{ kind: 'remove-tree', path: ['/a', '/b'] }, 'rm -rf --one-file-system /a /b'],
  [{ kind: 'sync-file-system', path: '/a' }, 'sync -f /a'],
  [{ kind: 'activate-volumes' }, 'lvm vgchange --sysinit --activate ay'],
  [{ kind: 'detach-loop', device: '/dev/loop0' }, 'losetup --detach /dev/loop0'],
  [{ kind: 'detach-loop', device: { loop: 'x' } }, 'losetup --detach "$x"'],
  [{ kind: 'remove-dm', name: 'live-rw' }, 'dmsetup remove --retry --noudevsync live-rw'],
  [{ kind: 'suspend-dm', name: 'n' }, 'dmsetup suspend --nolockfs --noflush n'],
  [{ kind: 'resume-dm', name: 'n' }, 'dmsetup resume --noudevsync n'],
  [{ kind: 'load-dm', name: 'n', table: [0, 8, 'error'] }, "dmsetup load n --table '0 8 error'"],
  [{ kind: 'resize-loop', device: '/dev/loop0' }, 'losetup --set-capacity /dev/loop0'],
  [
    { kind: 'grow-file', path: '/a', fromBytes: 512, bytes: 2048, allocation: 'fallocate' },
    'fallocate --offset 512 --length 1536 /a',
  ],
  [
    { kind: 'grow-file', path: '/a', fromBytes: 512, bytes: 2048, allocation: 'zeros' },
    'dd if=/dev/zero of=/a bs=1M count=1536 iflag=count_bytes oflag=append conv=notrunc,fsync status=none',
  ],
  [{ kind: 'make-sparse-file', path: '/a', bytes: 5 }, 'truncate -s 5 /a'],
  [{ kind: 'allocate-file', path: '/a', bytes: 5 }, 'fallocate --length 5 /a'],
  [
    { kind: 'fill-zeros', path: '/a', offsetBytes: 32768, bytes: 16384 },
    'dd if=/dev/zero of=/a bs=16384 seek=2 count=1 conv=notrunc,fsync status=none',
  ],
  [{ kind: 'copy-file', from: '/a', to: '/b' }, 'cp --reflink=auto --sparse=never /a /b'],
  [{ kind: 'copy-short-file', from: '/a', to: '/b' }, 'cp /a /b'],
  [{ kind: 'remove-file', path: '/a' }, 'rm -f /a'],
  [
    { kind: 'clear-entries', path: '/a', offsetBytes: 32, bytes: 48 },
    'dd if=/dev/zero of=/a bs=16 seek=2 count=3 conv=notrunc,fsync',
  ],
  [
    { kind: 'repair-files', device: '/dev/mapper/x', repair: 'safe' },
    'e2fsck -f -p /dev/mapper/x || [ $? -eq 1 ]',
  ],
  [
    { kind: 'repair-files', device: '/dev/mapper/x', repair: 'all' },
    'e2fsck -f -y /dev/mapper/x || [ $? -eq 1 ]',
  ],
  [{ kind: 'rename-file', from: '/a', to: '/b' }, 'mv -f /a /b'],
  [{ kind: 'sync', path: '/a' }, 'sync /a'],
  [
    { kind: 'restart', how: 'reboot' },
    'echo s > /proc/sysrq-trigger; echo b > /proc/sysrq-trigger',
  ],
  [
    { kind: 'restart', how: 'poweroff' },
    'echo s > /proc/sysrq-trigger; echo o > /proc/sysrq-trigger',
  ],
]

for (const [step, line] of each)
  test(`a step prints as: ${line}`, () => assert.is(stepsOf([step]), `${line}\n`))

test('bytes are written as they are', () => {
  const script = stepsOf([
    { kind: 'write-start', path: '/dev/stdout', bytes: [0, 37, 92, 39, 255] },
  ])
  const { stdout } = spawnSync('sh', ['-c', script.replace(/ \| dd.*/, '')])
  assert.equal([...stdout], [0, 37, 92, 39, 255])
})

test.run()
