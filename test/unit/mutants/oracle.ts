import { BASE_SECTORS, type MutatedStore } from './store.ts'

/** What the kernel may be given, told by the format alone: slow, simple, and with nothing of holdfast's in it. */
export type Judgement =
  | { readonly fit: true; readonly entries: number; readonly entriesBehindEnd: boolean }
  | { readonly fit: false; readonly why: string }

const SMALLEST_CHUNKS = 3n

/** Whether dm-snapshot over the base of BASE_SECTORS would find all that the store holds, and harm nothing by it. */
export function judgeByFormat(store: MutatedStore): Judgement {
  const u32 = (at: number) => Number(u64(store, BigInt(at)) & 0xffff_ffffn)
  if (store.bytes < 16) return unfit('no header')
  if (isZero(store, 0, 4096)) {
    if (!isZero(store, 4096, 65536)) return unfit('lost its header')
    return BigInt(store.bytes) >= SMALLEST_CHUNKS * 16384n ? fit(0, false) : unfit('too small')
  }
  const [magic, valid, version, chunkSectors] = [u32(0), u32(4), u32(8), u32(12)]
  if (magic !== 0x70416e53) return unfit('no store')
  if (valid === 0) return unfit('invalid')
  if (version !== 1) return unfit('version')
  const powers = Array.from({ length: 22 }, (_, power) => 2 ** power)
  if (chunkSectors === undefined || !powers.includes(chunkSectors)) return unfit('chunk size')
  return judgeTable(store, BigInt(chunkSectors))
}

function judgeTable(store: MutatedStore, chunkSectors: bigint): Judgement {
  const chunkBytes = chunkSectors * 512n
  const chunks = BigInt(store.bytes) / chunkBytes
  const perArea = chunkBytes / 16n
  if (chunks < SMALLEST_CHUNKS) return unfit('too small')
  const olds = new Set<bigint>()
  const news = new Set<bigint>()
  for (let entry = 0n; ; entry++) {
    const area = entry / perArea
    const areaChunk = 1n + area * (perArea + 1n)
    if (areaChunk >= chunks) return unfit(`area ${area} is not in the file`)
    const at = areaChunk * chunkBytes + (entry % perArea) * 16n
    const [oldChunk, newChunk] = [u64(store, at), u64(store, at + 8n)]
    if (newChunk === 0n) {
      const end = (areaChunk + 1n) * chunkBytes
      const isTorn = hasEntries(store, end - 16n, end)
      const next = end + perArea * chunkBytes
      if (isTorn && next / chunkBytes >= chunks) return unfit('a hole in the list, at its end')
      if (isTorn && hasEntries(store, next, next + chunkBytes)) return unfit('a hole in the list')
      if (isBrokenInside(store, at, end)) return unfit(`entry ${entry}: destroyed, others follow`)
      return fit(Number(entry), hasEntries(store, at, end))
    }
    if (newChunk >= chunks) return unfit(`entry ${entry}: not in the file`)
    if (newChunk % (perArea + 1n) === 1n) return unfit(`entry ${entry}: in metadata`)
    if (oldChunk * chunkSectors >= BigInt(BASE_SECTORS))
      return unfit(`entry ${entry}: not in the base`)
    if (olds.has(oldChunk)) return unfit(`entry ${entry}: chunk of the base twice`)
    if (news.has(newChunk)) return unfit(`entry ${entry}: chunk of the store twice`)
    olds.add(oldChunk)
    news.add(newChunk)
  }
}

function hasEntries(store: MutatedStore, from: bigint, to: bigint): boolean {
  for (let at = from; at < to && at < BigInt(store.start.length); at += 16n) {
    if (u64(store, at + 8n) !== 0n) return true
  }
  return false
}

/**
 * Whether a sector has an entry behind an empty one. Each write of the kernel fills entries up in their order, and a disk
 * keeps of each sector what one write has put there: whatever power cuts come, the empty ones of a sector are its last.
 */
function isBrokenInside(store: MutatedStore, listEnd: bigint, areaEnd: bigint): boolean {
  for (let sector = listEnd - (listEnd % 512n); sector < areaEnd; sector += 512n) {
    let isOver = false
    for (let at = sector; at < sector + 512n && at < BigInt(store.start.length); at += 16n) {
      const isEmpty = u64(store, at + 8n) === 0n
      if (isOver && !isEmpty) return true
      isOver ||= isEmpty
    }
  }
  return false
}

/** What is past the end of the bytes that are there reads as zeros. */
function u64({ start }: MutatedStore, at: bigint): bigint {
  const eight = new Uint8Array(8)
  if (at < start.length) eight.set(start.subarray(Number(at), Number(at) + 8))
  return new DataView(eight.buffer).getBigUint64(0, true)
}

function isZero({ start }: MutatedStore, from: number, to: number): boolean {
  return start.subarray(from, to).every((byte) => byte === 0)
}

function fit(entries: number, entriesBehindEnd: boolean): Judgement {
  return { fit: true, entries, entriesBehindEnd }
}

function unfit(why: string): Judgement {
  return { fit: false, why }
}
