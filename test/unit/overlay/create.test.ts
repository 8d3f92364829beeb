import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError, UsageError } from '../../../src/errors.ts'
import { chooseStoreBytes, parseSize, planCreate } from '../../../src/overlay/plan-create.ts'
import { lines, stepsOf } from '../script-of.ts'

const test = suite('create')

const FILE = '/run/holdfast/create/stores/a.img'

test('the store gets blocks and header under another name, and its own when both are on the disk', () => {
  const expected = lines(
    'mkdir -p /run/holdfast/create/stores',
    `rm -f ${FILE}.partial`,
    `fallocate --length 1048576 ${FILE}.partial`,
    String.raw`printf '\123\156\101\160\001\000\000\000\001\000\000\000\040\000\000\000' | dd of=${FILE}.partial conv=notrunc,fsync`,
    `sync ${FILE}.partial`,
    `mv -f ${FILE}.partial ${FILE}`,
    'sync /run/holdfast/create/stores',
  )
  assert.is(stepsOf(planCreate(FILE, 1 << 20, 'fallocate')), expected)
})

test('where there is no fallocate zeros are written, 64 MiB a step', () => {
  const script = stepsOf(planCreate(FILE, 160 << 20, 'zeros'))
  const zeros = script.split('\n').filter((line) => line.includes('/dev/zero'))
  const dd = (seek: number, count: number) =>
    `dd if=/dev/zero of=${FILE}.partial bs=16384 seek=${seek} count=${count} conv=notrunc,fsync status=none`
  assert.equal(zeros, [dd(0, 4096), dd(4096, 4096), dd(8192, 2048)])
  assert.not.match(script, 'fallocate')
})

const sizes: readonly (readonly [string, number])[] = [
  ['300M', 300 << 20],
  ['1.5GiB', 1.5 * 2 ** 30],
  ['2g', 2 ** 31],
  ['64KB', 65536],
  ['1T', 2 ** 40],
]

for (const [text, bytes] of sizes)
  test(`${text} are ${bytes} bytes`, () => assert.is(parseSize(text), bytes))

for (const text of ['', '300', '0M', '-1M', '1e3M', 'M', '1P', '1 G', 'G1']) {
  test(`'${text}' is no size`, () =>
    assert.throws(
      () => parseSize(text),
      (error: Error) => error instanceof UsageError,
    ))
}

test('no size is no size asked', () => assert.is(parseSize(undefined), undefined))

const GIB = 2 ** 30

test('it is as large as asked, in whole chunks', () => {
  assert.is(chooseStoreBytes(100 * 16384 + 1, undefined, GIB), 100 * 16384)
})

test('without a size it is as large as the base can ever need, where that fits', () => {
  // 2 GiB of base: 131072 chunks, header, 128 full areas and one more.
  assert.is(chooseStoreBytes(undefined, 2 ** 22, 4 * GIB), (2 + 131072 + 128) * 16384)
  assert.is(chooseStoreBytes(undefined, 2 ** 22, GIB), GIB - (4 << 20))
})

const FAT = 2 ** 32 - 1

test('on FAT it is no longer than a file can be there', () => {
  // 8 GiB of base.
  assert.is(chooseStoreBytes(undefined, 2 ** 24, 100 * GIB, FAT), 4 * GIB - 16384)
  assert.is(chooseStoreBytes(4 * GIB - 1, 2 ** 24, 100 * GIB, FAT), 4 * GIB - 16384)
})

const refused: readonly (readonly [string, Parameters<typeof chooseStoreBytes>, RegExp])[] = [
  ['more than is free', [2 * GIB, undefined, GIB], /2 GiB do not fit: 1 GiB are free/],
  [
    'more than a file can have on FAT',
    [4 * GIB, 1, 9 * GIB, FAT],
    /4 GiB do not fit: a file on FAT/,
  ],
  ['no size and no base', [undefined, undefined, GIB], /no base is there/],
  ['less than a store needs', [1024, undefined, GIB], /at least 48 KiB, and 0 B are to be had/],
  ['a full device', [undefined, 2 ** 22, 1 << 20], /at least 48 KiB, and 0 B are to be had/],
]

for (const [what, arguments_, why] of refused) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => chooseStoreBytes(...arguments_),
      (error: Error) => error instanceof RefusedError && why.test(error.message),
    )
  })
}

test.run()
