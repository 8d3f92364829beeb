import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import * as assert from 'uvu/assert'
import { type MountLine, noneIsHidden, readMountLines, viewMounts } from './mount-view.ts'
import type { Finished, Namespace } from './namespace.ts'
import { listNames, listTree } from './tree.ts'
import { readXattrs } from './xattr.ts'

const ROOT = '/sysroot'
const HOLDFAST = ['/usr/sbin/holdfast', 'boot']
/** DRACUT_SYSTEMD: messages go to standard error and not to the kernel's log, which is this machine's. */
const ENV = { NEWROOT: ROOT, DRACUT_SYSTEMD: '1' }

/** What boot.json says of the stateless part, as far as the tests look at it. */
export interface StatelessRecord {
  readonly why?: string | null
  readonly volatile: readonly ListedPath[]
  readonly kept: readonly ListedPath[]
}

interface ListedPath {
  readonly path: string
  /** The file that lists it, and the line. */
  readonly origin: string
}

/** One boot: the root at /sysroot, and what holdfast made of it. Paths are those inside the root. */
export interface Boot {
  /** Asserts that a dry run changes nothing, and prints a script that a shell can read. Returns the script. */
  dryRun(): string
  run(): Finished
  /** The same while this process goes on; `then` is called when a message has the text. */
  runUntil(text: string, then: () => void): Promise<Finished>
  /** Asserts that holdfast finds nothing more to do. */
  runAgain(): void
  /** Of the last run. */
  readonly status: number | null
  readonly stderr: string
  /**
   * As viewMounts() has them. Of the files named, each that an overlay of its folder keeps counts as if it were mounted
   * itself: that is another way to the same.
   */
  mounts(...files: string[]): Record<string, string>
  /** The mount of a path of the machine, the root's before it: /sysroot/srv. */
  mountLine(at: string): MountLine | undefined
  /** The `stateless` key of the record. */
  record(): StatelessRecord | undefined
  read(path: string): string
  has(path: string): boolean
  /** What is in a folder and below. */
  names(path: string): string[]
  /** "mode uid:gid", with the mode in octal. */
  owned(path: string): string
  mtimeMs(path: string): number
  xattrs(path: string): Record<string, string>
  /** The length in bytes of the file system that a path is on. */
  capacityBytes(path: string): number
  /** Whether a shell can write to the file, or a new one in the folder. */
  isWritable(path: string): boolean
  /** A shell script with the root as its folder; $ROOT is that folder's path. It has to succeed. */
  sh(script: string): string
  readonly namespace: Namespace
}

export function openBoot(namespace: Namespace): Boot {
  const inside = (path: string) => namespace.reach(`${ROOT}${path}`)
  const lines = () => readMountLines(namespace.mountInfo())
  let last: Finished = { status: null, stdout: '', stderr: '' }
  const seen = () => ({
    mounts: namespace.mountInfo(),
    run: listTree(namespace.reach('/run')),
    root: listTree(inside('')),
  })
  const judge = (outcome: Finished) => {
    last = outcome
    assert.is.not(outcome.status, 70, outcome.stderr)
    assert.not.match(outcome.stderr, /[^\P{Cc}\n]/u, 'control characters')
    noneIsHidden(lines(), ROOT)
    return outcome
  }
  const boot: Boot = {
    namespace,
    dryRun() {
      const before = seen()
      const { status, stdout, stderr } = namespace.run([...HOLDFAST, '--dry-run'], ENV)
      assert.ok([0, 4].includes(status!), `dry run: ${status}: ${stderr}`)
      const syntax = spawnSync('sh', ['-n'], { input: stdout, encoding: 'utf8' })
      assert.is(syntax.status, 0, syntax.stderr)
      assert.equal(seen(), before, 'the dry run changed something')
      return stdout
    },
    run: () => judge(namespace.run(HOLDFAST, ENV)),
    runUntil: async (text, then) => judge(await namespace.start(HOLDFAST, ENV, text, then)),
    runAgain() {
      const before = seen()
      const { status, stderr } = namespace.run(HOLDFAST, ENV)
      assert.ok([0, last.status].includes(status), `second run: ${status}: ${stderr}`)
      assert.equal(seen(), before, 'a second run changed something')
    },
    get status() {
      return last.status
    },
    get stderr() {
      return last.stderr
    },
    mounts(...files) {
      const view = viewMounts(lines(), ROOT)
      const folders = new Set(
        files.map((path) => dirname(path)).filter((at) => view[at] === 'overlay'),
      )
      const kept = files.filter((path) => folders.has(dirname(path)))
      const others = Object.entries(view).filter(([at]) => !folders.has(at))
      return Object.fromEntries([...others, ...kept.map((path) => [path, 'state'])])
    },
    mountLine: (at) => lines().find((line) => line.at === at),
    record() {
      const path = namespace.reach('/run/holdfast/boot.json')
      return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).stateless : undefined
    },
    read: (path) => readFileSync(inside(path), 'utf8'),
    has: (path) => lstatSync(inside(path), { throwIfNoEntry: false }) !== undefined,
    names: (path) => listNames(inside(path)),
    owned(path) {
      const { mode, uid, gid } = lstatSync(inside(path))
      return `${(mode & 0o7777).toString(8)} ${uid}:${gid}`
    },
    mtimeMs: (path) => lstatSync(inside(path)).mtimeMs,
    xattrs: (path) => readXattrs(namespace, `${ROOT}${path}`),
    capacityBytes(path) {
      const { blocks, bsize } = statfsSync(inside(path))
      return blocks * bsize
    },
    isWritable(path) {
      const script = 'if [ -d "$1" ]; then : > "$1/.probe" && rm "$1/.probe"; else : >> "$1"; fi'
      return namespace.run(['sh', '-c', script, 'sh', `${ROOT}${path}`]).status === 0
    },
    sh: (script) => namespace.sh(`cd ${ROOT}; ROOT=${ROOT}; ${script}`),
  }
  return boot
}
