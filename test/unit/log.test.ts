import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openLog, serviceLog, terminalLog } from '../../src/log.ts'
import { mapSystem } from './map-system.ts'

const test = suite('log')

function logged(dracutSystemd: string | undefined, initramfs: boolean, kmsgWorks = true) {
  const system = mapSystem({
    texts: initramfs ? { '/etc/initrd-release': '' } : {},
    environment: dracutSystemd === undefined ? {} : { DRACUT_SYSTEMD: dracutSystemd },
  })
  const kernel: string[] = []
  const writeText = (path: string, text: string) => {
    if (!kmsgWorks) system.writeText(path, text)
    kernel.push(`${path} ${text}`)
  }
  const log = openLog({ ...system, writeText })
  log.info('one')
  log.warn('two')
  return { kernel, printed: system.printed }
}

const ONE = 'stderr: holdfast: one\n'
const TWO = 'stderr: holdfast: two\n'

test('under systemd and on a running system all goes to standard error', () => {
  assert.equal(logged('1', true), { kernel: [], printed: [ONE, TWO] })
  assert.equal(logged(undefined, false), { kernel: [], printed: [ONE, TWO] })
})

test("without systemd it goes to the kernel's log, and warnings to the console as well", () => {
  const kernel = ['/dev/kmsg <30>holdfast: one\n', '/dev/kmsg <28>holdfast: two\n']
  assert.equal(logged(undefined, true), { kernel, printed: [TWO] })
})

test('of a service the journal gets the priorities, and a terminal does not', () => {
  for (const [environment, printed] of [
    [{ JOURNAL_STREAM: '8:1' }, ['stderr: <6>holdfast: one\n', 'stderr: <4>holdfast: two\n']],
    [{}, [ONE, TWO]],
  ] as const) {
    const system = mapSystem({ environment })
    const log = serviceLog(system)
    log.info('one')
    log.warn('two')
    assert.equal(system.printed, printed)
  }
})

test("where the kernel's log takes nothing, nothing is lost", () => {
  assert.equal(logged(undefined, true, false), { kernel: [], printed: [ONE, TWO] })
})

test('no text moves the cursor or turns the writing direction', () => {
  const system = mapSystem({})
  openLog(system).warn('a\x1b[2J\u202eb')
  assert.equal(system.printed, [`${String.raw`stderr: holdfast: a\x1b[2J\u202eb`}\n`])
})

const FORGED = 'a label\nholdfast: persistent: all is well\n<0>and loud\n'
const INDENTED = [
  'holdfast: a label',
  '          holdfast: persistent: all is well',
  '          <0>and loud',
]

test('no line in a text looks like one of ours, nor has it a priority of its own', () => {
  const system = mapSystem({})
  openLog(system).warn(FORGED)
  terminalLog(system).info(FORGED)
  const text = `stderr: ${INDENTED.join('\n')}\n`
  assert.equal(system.printed, [text, text])
})

test("in the kernel's log a text of several lines is one record", () => {
  const kernel: string[] = []
  const system = mapSystem({ texts: { '/etc/initrd-release': '' } })
  openLog({ ...system, writeText: (_path, text) => kernel.push(text) }).info(FORGED)
  assert.equal(kernel, [`<30>${INDENTED.join('\n')}\n`])
})

test('of a service each line has the priority of its message', () => {
  const system = mapSystem({ environment: { JOURNAL_STREAM: '8:1' } })
  serviceLog(system).warn(FORGED)
  assert.equal(system.printed, [`stderr: ${INDENTED.map((line) => `<4>${line}\n`).join('')}`])
})

test.run()
