import { hasText, u32 } from '../bytes.ts'
import { decodeUtf8 } from '../unicode.ts'
import type { Superblock } from './fields.ts'
import { labelOf, uuidOf } from './identity.ts'

/** LUKS 1 or 2 (cryptsetup's on-disk format). Version 1 has no label. */
export function probeLuks(head: Uint8Array): Superblock | undefined {
  if (!hasText(head, 0, 'LUKS\xba\xbe\0')) return undefined
  const uuid = labelOf(head, 168, 40).label
  return {
    type: 'crypto_LUKS',
    ...(head[7] === 2 ? labelOf(head, 24, 48) : {}),
    ...(uuid === undefined ? {} : { uuid }),
  }
}

/** A store of dm-snapshot; cow-store.ts tells more. */
export function probeSnapshotStore(head: Uint8Array): Superblock | undefined {
  return hasText(head, 0, 'SnAp') ? { type: 'DM_snapshot_cow' } : undefined
}

/** Swap space, made for pages of 4 KiB (include/linux/swap.h, union swap_header). */
export function probeSwap(head: Uint8Array): Superblock | undefined {
  if (!hasText(head, 4086, 'SWAPSPACE2') || u32(head, 1024) !== 1) return undefined
  return { type: 'swap', ...labelOf(head, 1052, 16), ...uuidOf(head, 1036) }
}

/** A physical volume of LVM 2: its label is in one of the first four sectors. */
export function probeLvm(head: Uint8Array): Superblock | undefined {
  for (let at = 0; at < 2048; at += 512) {
    if (!hasText(head, at, 'LABELONE') || !hasText(head, at + 24, 'LVM2 001')) continue
    const id = at + u32(head, at + 20)
    const uuid = decodeUtf8(head.subarray(id, id + 32))
    if (!/^[0-9A-Za-z]{32}$/.test(uuid)) return { type: 'LVM2_member' }
    const parts = /^(.{6})(....)(....)(....)(....)(....)(.{6})$/.exec(uuid) ?? []
    return { type: 'LVM2_member', uuid: parts.slice(1).join('-') }
  }
  return undefined
}
