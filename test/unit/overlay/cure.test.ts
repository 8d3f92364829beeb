import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseMountInfo } from '../../../src/formats/mount-table.ts'
import { planApart, planEmptying, planFilling } from '../../../src/overlay/plan-apart.ts'
import { planCure, planHeldGrowth } from '../../../src/overlay/plan-cure.ts'
import { parseLibraries } from '../../../src/overlay/probe-programs.ts'
import { apartArgv } from '../../../src/plan/print.ts'
import type { Step } from '../../../src/plan/step.ts'
import { lines, stepsOf } from '../script-of.ts'

const test = suite('cure')

const snapshot = {
  sectors: 1048576,
  origin: '254:0',
  cow: '7:2',
  persistent: 'PO',
  chunkSectors: 32,
} as const

test('the snapshot is an error for a moment, while the root above it is suspended', () => {
  const { steps, always } = planCure(snapshot)
  assert.is(
    stepsOf(steps),
    lines(
      'dmsetup suspend --nolockfs --noflush live-rw',
      'dmsetup suspend --nolockfs --noflush live-snapshot',
      "dmsetup load live-snapshot --table '0 1048576 error'",
      'dmsetup resume --noudevsync live-snapshot',
      'dmsetup suspend --nolockfs --noflush live-snapshot',
      "dmsetup load live-snapshot --table '0 1048576 snapshot 254:0 7:2 PO 32'",
      'dmsetup resume --noudevsync live-snapshot',
      'dmsetup resume --noudevsync live-rw',
    ),
  )
  // A table that is loaded and was not reached would count from this resume on.
  assert.is(
    stepsOf(always),
    lines(
      'dmsetup clear live-snapshot',
      'dmsetup resume --noudevsync live-snapshot',
      'dmsetup resume --noudevsync live-rw',
    ),
  )
})

test('writers wait while a store grows, and go on in any case', () => {
  const growth = { path: '/h/s', fromBytes: 16384, bytes: 49152, allocation: 'fallocate' } as const
  const { steps, always } = planHeldGrowth('live-snapshot', growth, '/dev/loop2')
  assert.is(
    stepsOf(steps),
    lines(
      'dmsetup suspend --nolockfs --noflush live-snapshot',
      'fallocate --offset 16384 --length 32768 /h/s',
      'sync /h/s',
      'losetup --set-capacity /dev/loop2',
    ),
  )
  assert.is(stepsOf(always), 'dmsetup resume --noudevsync live-snapshot\n')
})

const programs = [
  { name: 'sh', path: '/usr/bin/sh', libraries: ['/lib64/ld.so.2', '/lib/x/libc.so.6'] },
  { name: 'sync', path: '/bin/sync', libraries: ['/lib64/ld.so.2', '/lib/x/libc.so.6'] },
]
const nothing = { steps: [], always: [] }
const FILLED = lines(
  'mkdir -p /run/holdfast/apart',
  'mount -t ramfs -o mode=0700 ramfs /run/holdfast/apart',
  'mkdir -p /run/holdfast/apart/bin',
  'mkdir -p /run/holdfast/apart/lib64',
  'mkdir -p /run/holdfast/apart/lib/x',
  'cp --sparse=never --target-directory /run/holdfast/apart/bin /usr/bin/sh /bin/sync',
  'cp --sparse=never --target-directory /run/holdfast/apart/lib64 /lib64/ld.so.2',
  'cp --sparse=never --target-directory /run/holdfast/apart/lib/x /lib/x/libc.so.6',
)
const FOLDERS = lines(
  'mkdir -p /run/holdfast/apart/dev',
  'mkdir -p /run/holdfast/apart/proc',
  'mkdir -p /run/holdfast/apart/sys',
  'mkdir -p /run/holdfast/apart/h',
)
const SEEN = lines(
  'mount --bind /dev /run/holdfast/apart/dev',
  'mount --bind /proc /run/holdfast/apart/proc',
  'mount --bind /sys /run/holdfast/apart/sys',
  'mount --bind /h /run/holdfast/apart/h',
)

test('what is done apart has its own copies of programs and libraries, each once, and its own view of the devices', () => {
  const [apart] = planApart(programs, '/h', nothing)
  assert.ok(apart?.kind === 'apart')
  assert.is(stepsOf(apart.prepare), FILLED + FOLDERS + SEEN)
})

test('where the copies are in RAM already, no process is started for them, but for the view of the devices alone', () => {
  const steps = planApart(undefined, '/h', nothing)
  assert.is(stepsOf(steps.slice(0, -1)), FOLDERS)
  const apart = steps.at(-1)
  assert.ok(apart?.kind === 'apart')
  assert.is(stepsOf(apart.prepare), SEEN)
})

test('they are there as a whole or not at all, and go with their ramfs', () => {
  const mark = "printf %s '' > /run/holdfast/apart/filled\n"
  assert.is(stepsOf(planFilling(programs, [])), FILLED + mark)
  const text = '36 26 0:40 / /run/holdfast/apart rw,relatime - ramfs ramfs rw,mode=700\n'
  const mounts = parseMountInfo(`26 1 8:1 / / rw - ext4 x rw\n${text}`)
  const emptied = 'umount /run/holdfast/apart\n'
  assert.is(stepsOf(planFilling(programs, mounts)), emptied + FILLED + mark)
  assert.is(stepsOf(planEmptying()), emptied)
})

const scratch = mkdtempSync(join(tmpdir(), 'holdfast-cure-'))
test.after(() => rmSync(scratch, { recursive: true }))

/** The script that enters the folder, without entering it: with `program` in the place of dmsetup. */
function scriptWith(
  steps: readonly Step[],
  always: readonly Step[],
  program: string,
  enter = '',
): string {
  const folder = join(scratch, 'a folder')
  const argv = apartArgv({ kind: 'apart', folder, prepare: [], steps, always })
  assert.equal(argv.slice(0, 6), ['unshare', '--mount', '--propagation', 'private', 'sh', '-c'])
  const outside = argv[6] ?? ''
  assert.match(outside, `exec setsid --wait chroot '${folder}' /bin/sh -c `)
  return outside
    .replace(`exec setsid --wait chroot '${folder}'`, enter)
    .replace('PATH=/bin', () => `dmsetup() { ${program}; }`)
}

/** What the shell inside says when `program` is run in the place of dmsetup. */
function runInside(steps: readonly Step[], always: readonly Step[], program: string) {
  return spawnSync('sh', ['-c', scriptWith(steps, always, program)], { encoding: 'utf8' })
}

const suspend: Step = { kind: 'suspend-dm', name: 'a' }
const load: Step = { kind: 'load-dm', name: 'a', table: [0, 8, 'error'] }
const resume: Step = { kind: 'resume-dm', name: 'a' }

test('the shell does the steps, and always the end', () => {
  const { status, stdout } = runInside([suspend, load], [resume], 'echo "$1"')
  assert.is(status, 0)
  assert.is(stdout, 'suspend\nload\nresume\n')
})

test('a step that fails ends it with its own status, after what is always done, which may fail too', () => {
  const failing = 'echo "$1"; [ "$1" = suspend ]'
  const { status, stdout } = runInside([suspend, load, suspend], [resume, resume], failing)
  assert.is(status, 1)
  assert.is(stdout, 'suspend\nload\nresume\nresume\n')
})

test('it does not listen to the signals by which services are stopped', () => {
  const { status, stdout } = runInside([suspend, load], [resume], 'echo "$1"; kill -TERM $$')
  assert.is(status, 0)
  assert.is(stdout, 'suspend\nload\nresume\n')
})

test('one at a time: the second begins when the first has resumed what it suspended', async () => {
  const log = join(scratch, 'log')
  const script = scriptWith([suspend, load], [resume], `echo "$1" >> ${log}; sleep 0.1`)
  const ends = [1, 2].map(
    () => new Promise((end) => spawn('sh', ['-c', script], { stdio: 'ignore' }).on('close', end)),
  )
  assert.equal(await Promise.all(ends), [0, 0])
  const once = 'suspend\nload\nresume\n'
  assert.is(readFileSync(log, 'utf8'), once + once)
})

test('when holdfast is killed meanwhile, with all that it has started, it still goes on to its end', async () => {
  const [log, gate] = [join(scratch, 'killed'), join(scratch, 'gate')]
  spawnSync('mkfifo', [gate])
  const stub = `echo "$1" >> ${log}; [ "$1" != load ] || read -r _ < ${gate}`
  const script = scriptWith([suspend, load], [resume], stub, 'exec setsid --wait')
  const { pid = 0 } = spawn('sh', ['-c', script], { stdio: 'ignore', detached: true })
  // Opened for writing when the shell inside has opened it for reading.
  const writer = await open(gate, 'w')
  process.kill(-pid, 'SIGKILL')
  await writer.write('go on\n')
  await writer.close()
  for (let tries = 0; tries < 500 && !readFileSync(log, 'utf8').includes('resume'); tries++) {
    await sleep(10)
  }
  assert.is(readFileSync(log, 'utf8'), 'suspend\nload\nresume\n')
})

test('the libraries in what the loader of glibc lists, and that of musl', () => {
  assert.equal(
    parseLibraries(
      '\tlinux-vdso.so.1 (0x00007f1269b5f000)\n' +
        '\tlibdevmapper.so.1.02.1 => /lib/x86_64-linux-gnu/libdevmapper.so.1.02.1 (0x00007f1269abc000)\n' +
        '\t/lib64/ld-linux-x86-64.so.2 (0x00007f1269b61000)\n',
    ),
    ['/lib/x86_64-linux-gnu/libdevmapper.so.1.02.1', '/lib64/ld-linux-x86-64.so.2'],
  )
  assert.equal(
    parseLibraries(
      '\t/lib/ld-musl-x86_64.so.1 (0x7f9)\n\tlibc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f9)\n',
    ),
    ['/lib/ld-musl-x86_64.so.1', '/lib/ld-musl-x86_64.so.1'],
  )
})

test.run()
