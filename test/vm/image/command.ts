import { spawn } from 'node:child_process'

/**
 * Runs a command and gives its standard output.
 * Rejects with the command's own last words where its exit status is not 0.
 */
export function command(
  argv: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const [file = '', ...rest] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(file, rest, {
      cwd: options.cwd,
      // Times and hash seeds must not depend on the day: a base made anew has to be the same base.
      env: {
        ...process.env,
        LC_ALL: 'C',
        SOURCE_DATE_EPOCH: '1700000000',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const out: Buffer[] = []
    const words: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => words.push(chunk))
    child.on('error', reject)
    child.on('close', (status) => {
      const stdout = Buffer.concat(out).toString()
      if (status === 0) return resolve(stdout)
      const last = `${Buffer.concat(words)}${stdout}`.trim().split('\n').slice(-15).join('\n')
      reject(new Error(`Failed to run '${argv.join(' ').slice(0, 300)}' (exit ${status}): ${last}`))
    })
  })
}

/** Runs a shell script with its own mount namespace: no mount made in it outlives it. */
export function inMountNamespace(script: string, args: readonly string[]): Promise<string> {
  return command([
    'unshare',
    '--mount',
    '--propagation=private',
    'sh',
    '-euc',
    script,
    'sh',
    ...args,
  ])
}
