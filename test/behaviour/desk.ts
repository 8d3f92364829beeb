import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { callUntouched } from './untouched.ts'

const RECORD = /^mkdir -p \/run\/holdfast\nprintf %s '(.*?)' > \/run\/holdfast\/boot\.json\n/ms

const MONITOR = /^# the monitor makes .*?\nln -s \S+ \S+\n/ms

/** The path of facts/<name>.json. */
export function factsFile(name: string): string {
  return fileURLToPath(new URL(`facts/${name}.json`, import.meta.url))
}

/** The plan for facts/<name>.json, which a shell can read, with its record and the monitor's files taken out. */
export function dryRun(command: string, name: string, ...more: string[]) {
  const outcome = callUntouched({
    argv: [command, '--dry-run', '--facts', factsFile(name), ...more],
  })
  const { status, stderr } = spawnSync('sh', ['-n'], { input: outcome.stdout, encoding: 'utf8' })
  assert.is(status, 0, stderr)
  const record = RECORD.exec(outcome.stdout)?.[1]
  const shortened = outcome.stdout.replace(RECORD, '(record)\n').replace(MONITOR, '(monitor)\n')
  const script = shortened.trimEnd().split('\n')
  return { ...outcome, script, record: record === undefined ? undefined : JSON.parse(record) }
}
