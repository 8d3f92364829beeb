import { hasText, u16, u32, u64 } from '../bytes.ts'
import type { Superblock } from './fields.ts'
import { lengthOf } from './identity.ts'

/** NTFS, from its boot sector. Its label lies deep in the file table and is not looked for. */
export function probeNtfs(head: Uint8Array): Superblock | undefined {
  if (!hasText(head, 3, 'NTFS    ')) return undefined
  const serial = [u32(head, 76), u32(head, 72)].map((word) => word.toString(16).padStart(8, '0'))
  return {
    type: 'ntfs',
    uuid: serial.join('').toUpperCase(),
    ...lengthOf(u64(head, 40), u16(head, 11)),
  }
}
