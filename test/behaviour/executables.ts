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
}

/** The static executable's outcome, after the other one's proved to be the same, byte for byte. */
export function callBoth({ argv, env = {} }: Call): Outcome {
  const [quickjs, node] = ['holdfast', 'holdfast-node'].map((name) => {
    const { status, stdout, stderr, error } = spawnSync(`${distFolder}/${name}`, argv, {
      encoding: 'utf8',
      env,
      timeout: 30_000,
    })
    if (error) throw error
    return { status, stdout, stderr: withoutStack(stderr) }
  }) as [Outcome, Outcome]
  assert.equal(node, quickjs, `holdfast-node does not behave as holdfast: ${argv.join(' ')}`)
  return quickjs
}

/** Where a bug was met is told by each engine in its own way. */
function withoutStack(stderr: string): string {
  return stderr.replace(/^ +at .*\n/gm, '')
}

/** A uvu suite with a name. */
export function behaviour(title: string) {
  return uvuSuite(title)
}
