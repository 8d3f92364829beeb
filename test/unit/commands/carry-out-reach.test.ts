import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { carryOutReach } from '../../../src/commands/carry-out-reach.ts'
import { CommandError, RefusedError } from '../../../src/errors.ts'
import { setU32 } from '../../../src/formats/bytes.ts'
import type { HostClaim } from '../../../src/formats/superblock.ts'
import { planHolder } from '../../../src/overlay/plan-reach.ts'
import { disk } from '../facts-of.ts'
import { mapSystem } from '../map-system.ts'

const test = suite('carry out reach')

const CLAIM: HostClaim = { sequence: 7, host: 'node7', isCheck: false }

/** An ext4 in whose multiple mount protection that number is now. */
function device(sequence: number): Uint8Array {
  const bytes = new Uint8Array(8192)
  bytes.set([0x53, 0xef], 1024 + 0x38)
  setU32(bytes, 1024 + 0x60, 0x100)
  setU32(bytes, 1024 + 0x168, 5)
  setU32(bytes, 5120, 0x004d4d50)
  setU32(bytes, 5124, sequence)
  return bytes
}

const FAILURE = new CommandError("Failed to mount '/dev/sdb': mount: bad superblock", ['mount'])

function attempt(claim: HostClaim | undefined, sequence: number, error?: Error) {
  const content = { type: 'ext4', ...(claim && { claim }) } as const
  const reach = planHolder('LABEL=P', disk('sdb', '8:16', 'ext4', { content }), '/mnt', false)
  const said: string[] = []
  const log = { info: (text: string) => said.push(text), warn: (text: string) => said.push(text) }
  const runner = {
    dry: false,
    run() {
      if (error) throw error
    },
    walkBack: () => [],
  }
  const system = mapSystem({ bytes: { '/dev/sdb': device(sequence) } })
  const plan = { reasons: [], steps: reach.steps }
  try {
    carryOutReach({ system, runner, log }, 'LABEL=P', reach, plan)
    return { said, failure: undefined }
  } catch (failure) {
    return { said, failure: failure as Error }
  }
}

test('that the kernel will wait is said before it does, and nothing where it does not', () => {
  assert.equal(attempt(undefined, 7).said, [])
  assert.match(attempt(CLAIM, 7).said[0] ?? '', /not let go by the host 'node7'.* waits .*\(MMP\)$/)
})

test('the name of another host, which it has written there itself, is no line of its own', () => {
  const claim = { ...CLAIM, host: 'a\nholdfast: persistent\u001b[2J' }
  assert.match(
    attempt(claim, 7).said[0] ?? '',
    String.raw`the host 'a\x0aholdfast: persistent\x1b[2J'`,
  )
})

test('a mount that fails is refused where another host has written meanwhile', () => {
  const { failure } = attempt(CLAIM, 8, FAILURE)
  assert.instance(failure, RefusedError)
  assert.match(failure?.message ?? '', 'LABEL=P is in use by another host')
})

test('it keeps its own words where nobody has, and where that is no question', () => {
  assert.is(attempt(CLAIM, 7, FAILURE).failure, FAILURE)
  assert.is(attempt(CLAIM, 0xff4d4d50, FAILURE).failure, FAILURE)
  assert.is(attempt(undefined, 8, FAILURE).failure, FAILURE)
})

test.run()
