import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'

const BLOCK_BYTES = 4096

/**
 * A disk with a write cache that forgets when the power goes, over a file that is the platter. What is written is
 * kept in memory, in blocks of 4 KiB, until it is flushed; a block is on the platter wholly or not at all.
 */
export class VolatileDisk {
  readonly bytes: number
  readonly #platter: number
  readonly #pending = new Map<number, Buffer>()

  constructor(file: string) {
    this.#platter = openSync(file, 'r+')
    this.bytes = fstatSync(this.#platter).size
  }

  /** How many blocks would be lost now. */
  get pendingBlocks(): number {
    return this.#pending.size
  }

  read(offset: number, length: number): Buffer {
    const data = Buffer.alloc(length)
    readSync(this.#platter, data, 0, length, offset)
    for (const part of blocksOf(offset, length)) {
      const block = this.#pending.get(part.block)
      block?.copy(data, part.at, part.from, part.to)
    }
    return data
  }

  write(offset: number, data: Buffer): void {
    for (const { block, from, at, to } of blocksOf(offset, data.length)) {
      const cached = this.#pending.get(block) ?? this.read(block * BLOCK_BYTES, BLOCK_BYTES)
      data.copy(cached, from, at, at + to - from)
      this.#pending.set(block, cached)
    }
  }

  /** Puts all that is pending on the platter; with a range only the blocks that it touches. */
  flush(offset = 0, length = this.bytes): void {
    for (const block of [...this.#pending.keys()]) {
      const start = block * BLOCK_BYTES
      if (start + BLOCK_BYTES > offset && start < offset + length) this.#writeThrough(block)
    }
  }

  /** The power goes: each pending block for which `isLost` is true is gone, the others make it. Gives how many went. */
  losePower(isLost: () => boolean): number {
    const pending = this.pendingBlocks
    const kept = [...this.#pending.keys()].filter(() => !isLost())
    for (const block of kept) this.#writeThrough(block)
    this.#pending.clear()
    return pending - kept.length
  }

  close(): void {
    closeSync(this.#platter)
  }

  #writeThrough(block: number): void {
    const data = this.#pending.get(block)
    const start = block * BLOCK_BYTES
    if (data) writeSync(this.#platter, data, 0, Math.min(BLOCK_BYTES, this.bytes - start), start)
    this.#pending.delete(block)
  }
}

interface Part {
  block: number
  /** The part of the block that is meant. */
  from: number
  to: number
  /** Where it stands in the data. */
  at: number
}

function* blocksOf(offset: number, length: number): Generator<Part> {
  for (let at = 0; at < length; ) {
    const block = Math.floor((offset + at) / BLOCK_BYTES)
    const from = (offset + at) % BLOCK_BYTES
    const to = Math.min(BLOCK_BYTES, from + length - at)
    yield { block, from, to, at }
    at += to - from
  }
}
