import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as assert from 'uvu/assert'
import { type Call, callBoth, type Outcome } from './executables.ts'

/** The outcome of a call in an empty folder, after it proved to have made no file, mount, device or record. */
export function callUntouched(call: Call): Outcome {
  const folder = mkdtempSync(`${tmpdir()}/behaviour-`)
  try {
    const before = traces(folder)
    const outcome = callBoth({ cwd: folder, ...call })
    assert.equal(traces(folder), before, `changed the machine: ${call.argv.join(' ')}`)
    return outcome
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function traces(folder: string) {
  return {
    files: [folder, '/run', '/dev/mapper'].map(list),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8'),
    devices: list('/sys/class/block'),
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return ['(not there)']
  }
}
