import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { setU32 } from '../../../src/formats/bytes.ts'
import { readInterpreter } from '../../../src/formats/elf.ts'

const test = suite('elf')

/** An executable of one program header, which is at 64, and a path at 128. */
function elf(wide: boolean, type: number, path: string): Uint8Array {
  const bytes = new Uint8Array(256)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, 1])
  setU32(bytes, wide ? 32 : 28, 64)
  setU32(bytes, wide ? 54 : 42, (wide ? 56 : 32) | (1 << 16))
  setU32(bytes, 64, type)
  setU32(bytes, 64 + (wide ? 8 : 4), 128)
  setU32(bytes, 64 + (wide ? 32 : 16), path.length + 1)
  bytes.set(
    [...path].map((letter) => letter.charCodeAt(0)),
    128,
  )
  return bytes
}

const interpreter = (bytes: Uint8Array) =>
  readInterpreter((offset, length) => bytes.slice(offset, offset + length))

test('the loader of an executable of 64 and of 32 bits', () => {
  assert.is(interpreter(elf(true, 3, '/lib64/ld-linux-x86-64.so.2')), '/lib64/ld-linux-x86-64.so.2')
  assert.is(interpreter(elf(false, 3, '/lib/ld-linux.so.2')), '/lib/ld-linux.so.2')
})

test('a static executable has none, nor has what is no executable, or cut off', () => {
  assert.is(interpreter(elf(true, 1, '/lib/x')), undefined)
  assert.is(interpreter(new Uint8Array(64)), undefined)
  assert.is(interpreter(new Uint8Array()), undefined)
  assert.is(interpreter(elf(true, 3, '/lib/x').slice(0, 70)), undefined)
})

test.run()
