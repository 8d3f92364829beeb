import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'

export interface Finished {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A mount and UTS namespace of its own, which lives until it is closed or this process ends. */
export interface Namespace {
  /** A path of the namespace as this process reaches it. A link that is not the last part leads astray. */
  reach(path: string): string
  /** The text of /proc/self/mountinfo as it reads in there. */
  mountInfo(): string
  /** The outcome of a program that runs in the namespace with an environment of its own. */
  run(argv: readonly string[], env?: Record<string, string>): Finished
  /** The same while this process goes on; `then` is called when standard error has the text. */
  start(
    argv: readonly string[],
    env: Record<string, string>,
    text: string,
    then: () => void,
  ): Promise<Finished>
  /** The output of a shell script that has to succeed; its arguments are $1 and so on. */
  sh(script: string, ...args: string[]): string
  close(): Promise<void>
}

const TIMEOUT_MS = 60_000

/** Ends when the pipe to it does, and the namespace with it. */
const KEEPER = 'echo ready; exec cat > /dev/null'

/** A new namespace in which the script has run; a copy of `parent`'s when there is one, else of this process's. */
export async function openNamespace(script: string, parent?: Namespace): Promise<Namespace> {
  const unshare = ['unshare', '--mount', '--uts', '--propagation', 'private', 'sh', '-ec']
  const argv = [...(parent === undefined ? [] : enter(parent)), ...unshare, `${script}\n${KEEPER}`]
  const keeper = spawn(argv[0]!, argv.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] })
  await untilReady(keeper)
  const prefix = ['nsenter', `--target=${keeper.pid}`, '--mount', '--uts']
  const namespace: Namespace = {
    reach: (path) => `/proc/${keeper.pid}/root${path}`,
    mountInfo: () => readFileSync(`/proc/${keeper.pid}/mountinfo`, 'utf8'),
    run(argv, env = {}) {
      const [command, ...args] = [...prefix, ...argv]
      const outcome = spawnSync(command!, args, {
        encoding: 'utf8',
        env: withPath(env),
        input: '',
        timeout: TIMEOUT_MS,
        killSignal: 'SIGKILL',
      })
      if (outcome.error) throw outcome.error
      return outcome
    },
    start: (argv, env, text, then) => finish([...prefix, ...argv], withPath(env), text, then),
    sh(text, ...args) {
      const { status, stdout, stderr } = namespace.run(['sh', '-ec', text, 'sh', ...args])
      assert.is(status, 0, `${text}: ${stderr}`)
      return stdout
    },
    async close() {
      const closed = new Promise((resolve) => keeper.on('close', resolve))
      keeper.stdin?.end()
      await closed
    },
  }
  entries.set(namespace, prefix)
  return namespace
}

const entries = new WeakMap<Namespace, string[]>()

function enter(namespace: Namespace): string[] {
  return entries.get(namespace) ?? []
}

function withPath(env: Record<string, string>) {
  return { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env }
}

function untilReady(keeper: ChildProcess): Promise<void> {
  let errors = ''
  keeper.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  return new Promise((resolve, reject) => {
    keeper.stdout?.once('data', () => resolve())
    keeper.once('error', reject)
    keeper.once('close', () => reject(new Error(`No namespace: ${errors}`)))
  })
}

function finish(
  argv: readonly string[],
  env: Record<string, string>,
  text: string,
  then: () => void,
): Promise<Finished> {
  const child = spawn(argv[0]!, argv.slice(1), { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    const before = stderr
    stderr += more
    if (stderr.includes(text) && !before.includes(text)) then()
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, stdout: '', stderr }))
  })
}
