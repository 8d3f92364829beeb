import { spawnSync } from 'node:child_process'
import { suite as uvuSuite } from 'uvu'
import * as assert from 'uvu/assert'
import { distFolder } from '../../build/paths.ts'

export interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Call {
  readonly argv: readonly string[]
  /** The whole environment; empty when not given. */
  readonly env?: Record<string, string>
  readonly cwd?: string
  /** Standard input; none when not given. */
  readonly input?: string
  /** What a shell adds to the command line: redirections, or arguments that it expands. */
  readonly shell?: string
  /** A shell script in which "$0" "$@" is the call; `shell` does not count then. */
  readonly script?: string
}

const folder = process.env['HOLDFAST_DIST'] || distFolder

/**
 * The static executable's outcome, after the other one's proved to be the same, byte for byte. Neither may
 * hang, end with a bug, or print what acts on a terminal.
 */
export function callBoth(call: Call): Outcome {
  const [quickjs, node] = ['holdfast', 'holdfast-node'].map((name) =>
    callOne(`${folder}/${name}`, call),
  ) as [Outcome, Outcome]
  assert.equal(node, quickjs, `holdfast-node does not behave as holdfast: ${call.argv.join(' ')}`)
  return tame(call, quickjs)
}

/** The static executable's alone, which starts ten times as fast; the rest is as for both. */
export function callStatic(call: Call): Outcome {
  return tame(call, callOne(`${folder}/holdfast`, call))
}

/** The outcome of a call that did not end with a bug, and printed nothing that acts on a terminal. */
function tame({ argv }: Call, quickjs: Outcome): Outcome {
  const line = argv.join(' ')
  assert.is.not(quickjs.status, 70, `${line}: ${quickjs.stderr}`)
  assert.not.match(quickjs.stdout + quickjs.stderr, /[^\P{Cc}\n]/u, `control characters: ${line}`)
  return quickjs
}

function callOne(executable: string, call: Call): Outcome {
  const { argv, env = {}, cwd, input = '', shell } = call
  const script = call.script ?? (shell === undefined ? undefined : `"$0" "$@" ${shell}`)
  const [command, args] =
    script === undefined ? [executable, argv] : ['/bin/sh', ['-c', script, executable, ...argv]]
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    cwd,
    env,
    input,
    timeout: 30_000,
  })
  if (error) throw error
  return { status, stdout, stderr }
}

/** A uvu suite with a name. */
export function behaviour(title: string) {
  return uvuSuite(title)
}
