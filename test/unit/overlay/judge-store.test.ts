import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError } from '../../../src/errors.ts'
import type { StaleEntries } from '../../../src/formats/cow-areas.ts'
import { judgeStore } from '../../../src/overlay/judge-store.ts'
import type { StoreFacts, StoreFile } from '../../../src/overlay/store-facts.ts'
import { storeFile, usedStore } from '../facts-of.ts'

const test = suite('judge store')

const NAME = '/dev/sdb:/x'
const UNTOUCHED = 'The store has not been touched: take a copy before anything else.'

function refusal(store: StoreFacts, reset = false): readonly [reason: string, hint: string] {
  try {
    judgeStore(NAME, store, reset)
  } catch (error) {
    if (error instanceof RefusedError) return [error.message, error.hint]
    throw error
  }
  throw new Error('the store was taken')
}

/** Ten entries, and these behind the end of the list. */
function usedWith(stale: StaleEntries): StoreFile {
  const store = usedStore(32, 10)
  return { ...store, usage: store.usage?.kind === 'sound' ? { ...store.usage, stale } : undefined }
}

const cow = { kind: 'store', valid: true, version: 1, chunkSectors: 32 } as const
const notAStore = 'Give another path, or make a store there with: holdfast create'

const refused: readonly (readonly [string, StoreFacts, reason: string, hint: string])[] = [
  [
    'a missing file',
    { kind: 'missing' },
    `there is no file '${NAME}'`,
    `Make a store there with: holdfast create ${NAME}`,
  ],
  [
    'one between two names',
    { kind: 'interrupted' },
    `there is no '${NAME}': a recovery of it was interrupted`,
    `Finish it with: holdfast recover ${NAME}. Nothing is lost: the old store is ${NAME}.before-recovery.`,
  ],
  [
    'a device node',
    { kind: 'unfit', why: 'x is a block' },
    `'${NAME}' is not a store: x is a block`,
    'A store is a regular file of one name on its own device, and no symbolic link leads to it.',
  ],
  [
    'a directory',
    { kind: 'directory', path: '/x' },
    `'${NAME}' is a directory, and a store is a file`,
    'Name a file, or ask for a directory with rd.live.overlay.overlayfs.',
  ],
  [
    'one that is attached',
    storeFile({ loop: '/dev/loop4' }),
    `'${NAME}' is attached already, to /dev/loop4`,
    'One store is attached once: two writers would destroy it.',
  ],
  [
    'an ext4 image, whose first 4 KiB are not zero',
    storeFile({ header: { kind: 'foreign' }, content: 'ext4' }),
    `'${NAME}' is not a store: it begins like ext4`,
    notAStore,
  ],
  [
    'a btrfs image, whose first 4 KiB are zero',
    storeFile({ content: 'btrfs' }),
    `'${NAME}' is not a store: it begins like btrfs`,
    notAStore,
  ],
  [
    'random bytes',
    storeFile({ header: { kind: 'foreign' } }),
    `'${NAME}' is not a store`,
    notAStore,
  ],
  [
    'an empty file',
    storeFile({ bytes: 0 }),
    `'${NAME}' has 0 B, too little for a store`,
    'Make a larger one with: holdfast create',
  ],
  [
    'a store of a later version',
    storeFile({ header: { kind: 'unfit', why: 'its version is 2, not 1' } }),
    `'${NAME}' is no store that can be used: its version is 2, not 1`,
    UNTOUCHED,
  ],
  [
    'one that is invalid',
    storeFile({ header: { ...cow, valid: false } }),
    `'${NAME}' is marked invalid: it ran full, or its disk failed`,
    `Cure it with: holdfast recover ${NAME}. The store has not been touched.`,
  ],
  [
    'one that is cut off',
    storeFile({ header: cow, usage: { kind: 'truncated', why: 'it ends too early' } }),
    `'${NAME}' is damaged: it ends too early`,
    UNTOUCHED,
  ],
  [
    'one in which entries were destroyed, and others follow',
    usedWith({ offsetBytes: 16384 + 12 * 16, bytes: 5 * 16, mayBeTorn: false }),
    `'${NAME}' is damaged: entry 10 is empty, and the kernel would leave out all that follow, up to entry 16`,
    `Look at it with: holdfast check ${NAME}. What follows is given up by holdfast recover --force ${NAME}, in a copy. The store has not been touched.`,
  ],
  [
    'one that has lost its header, and may hold changes',
    storeFile({ usage: { kind: 'corrupt', why: 'zeros' } }),
    `'${NAME}' is damaged: zeros`,
    UNTOUCHED,
  ],
  [
    'one whose metadata cannot be read',
    storeFile({ header: cow, usage: { kind: 'unreadable', why: 'it cannot be read at byte 8' } }),
    `'${NAME}' is damaged: it cannot be read at byte 8`,
    UNTOUCHED,
  ],
  [
    'one of which not even the beginning can be read',
    { kind: 'unreadable', why: 'it cannot be read at byte 0 (EIO)' },
    `'${NAME}' is damaged: it cannot be read at byte 0 (EIO)`,
    'Its disk fails: take a copy of what can still be read.',
  ],
]

for (const [what, store, reason, hint] of refused) {
  test(`${what} is refused`, () => {
    assert.equal(refusal(store), [reason, hint])
  })
}

test('what a torn write left is taken, to be cleared', () => {
  const stale = { offsetBytes: 16384 + 32 * 16, bytes: 5 * 16, mayBeTorn: true }
  assert.equal(judgeStore(NAME, usedWith(stale), false).stale, stale)
})

test('three chunks are the least', () => {
  assert.is(judgeStore(NAME, storeFile({ bytes: 3 * 16384 }), false).chunkSectors, 32)
  assert.match(refusal(storeFile({ bytes: 3 * 16384 - 1 }))[0], 'too little')
  assert.is(judgeStore(NAME, { ...usedStore(8, 1), bytes: 3 * 4096 }, false).usedBytes, 3 * 4096)
})

test('reset takes a damaged store, and no other thing', () => {
  const damaged = storeFile({ header: cow, usage: { kind: 'corrupt', why: 'x' } })
  const { path, bytes } = damaged
  assert.equal(judgeStore(NAME, damaged, true), {
    path,
    bytes,
    chunkSectors: 32,
    blank: false,
    usedBytes: 0,
    formattedChunkSectors: 32,
    allocatedBytes: 300 << 20,
    holderFreeBytes: 100 << 20,
    longestBytes: undefined,
    holdsChanges: false,
    leastBaseSectors: 0,
    stale: undefined,
  })
  const damage = { offsetBytes: 16384 + 12 * 16, bytes: 16, mayBeTorn: false }
  assert.is(judgeStore(NAME, usedWith(damage), true).stale, undefined)
  const lost = storeFile({ usage: { kind: 'corrupt', why: 'zeros' } })
  assert.is(judgeStore(NAME, lost, true).blank, false)
  assert.match(refusal(storeFile({ header: { kind: 'foreign' } }), true)[0], 'is not a store')
  assert.match(refusal(storeFile({ content: 'btrfs' }), true)[0], 'begins like btrfs')
  assert.match(refusal(storeFile({ header: cow, loop: '/dev/loop1' }), true)[0], 'attached already')
})

test.run()
