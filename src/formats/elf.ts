import { type ByteReader, hasText, u8, u16, u32, u64 } from './bytes.ts'

/* An executable's header and program headers, elf(5); little endian, 64 or 32 bits. */

const PT_INTERP = 3
/** No interpreter's path is longer: PATH_MAX. */
const MOST_PATH_BYTES = 4096

/** The program that starts an executable and loads its libraries; undefined for a static one, and for what is none. */
export function readInterpreter(read: ByteReader): string | undefined {
  const header = read(0, 64)
  if (!hasText(header, 0, '\x7fELF') || u8(header, 5) !== 1) return undefined
  const wide = u8(header, 4) === 2
  const [tableAt, entryBytes, entries] = wide
    ? [u64(header, 32), u16(header, 54), u16(header, 56)]
    : [u32(header, 28), u16(header, 42), u16(header, 44)]
  if (tableAt === undefined) return undefined
  const table = read(tableAt, entryBytes * entries)
  for (let at = 0; at + entryBytes <= table.length; at += entryBytes) {
    if (u32(table, at) !== PT_INTERP) continue
    const [offset, bytes] = wide
      ? [u64(table, at + 8), u64(table, at + 32)]
      : [u32(table, at + 4), u32(table, at + 16)]
    if (offset === undefined || bytes === undefined || bytes > MOST_PATH_BYTES) return undefined
    return String.fromCharCode(...read(offset, bytes)).replace(/\0.*$/s, '')
  }
  return undefined
}
