import { spawnSync } from 'node:child_process'

/** Runs a program of the build and gives its stdout, its warnings go to stderr; throws with the program's own words when it fails. */
export function run(program: string, args: readonly string[], options: { cwd?: string } = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    ...options,
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
    env: { ...process.env, LC_ALL: 'C' },
  })
  if (error) throw new Error(`Failed to run '${program}': ${error.message}`)
  if (status !== 0) {
    const words = `${stdout}${stderr}`.trim().split('\n').slice(-20).join('\n')
    throw new Error(`Failed to run '${program} ${args.slice(0, 3).join(' ')} ...': ${words}`)
  }
  process.stderr.write(stderr)
  return stdout
}
