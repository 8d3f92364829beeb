/**
 * Runs test/<suite> with uvu for each suite that is named. Its last line is "N passed, N failed"; it
 * fails when a test fails, when a suite ends without uvu's summary, and when one has no tests.
 */
import { spawn } from 'node:child_process'
import { distFolder, projectFolder } from './paths.ts'

interface Count {
  readonly passed: number
  readonly failed: number
}

const suites = process.argv.slice(2)
let passed = 0
let failed = 0
for (const suite of suites) {
  console.log(`\n# ${suite}`)
  const count = await runSuite(suite)
  passed += count.passed
  failed += count.failed
}
if (passed === 0) console.log('No test ran')
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)

/** uvu's own output, shown as it comes and counted at its end. */
async function runSuite(suite: string): Promise<Count> {
  const uvu = ['--import', 'tsx', 'node_modules/uvu/bin.js', '--no-color']
  const child = spawn(process.execPath, [...uvu, `test/${suite}`, String.raw`\.test\.ts$`], {
    cwd: projectFolder,
    env: { ...process.env, HOLDFAST_DIST: distFolder, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    process.stdout.write(text)
  })
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return countTests(output, status)
}

function countTests(output: string, status: number | null): Count {
  const total = Number(/^ *Total: +(\d+)/m.exec(output)?.[1] ?? 0)
  const passed = Number(/^ *Passed: +(\d+)/m.exec(output)?.[1] ?? 0)
  if (total === 0) console.log('This suite ended without having run a test')
  const broken = total === 0 || (status !== 0 && total === passed)
  return { passed, failed: broken ? 1 : total - passed }
}
