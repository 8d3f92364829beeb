import type { ByteReader } from '../formats/bytes.ts'
import { attempt } from './attempt.ts'
import { type System, SystemError } from './system.ts'

/** A file or device cannot be read at a place; `why` says where. */
export class UnreadableError extends SystemError {
  readonly why: string
  constructor(error: SystemError, offsetBytes: number) {
    super(error.code, 'read', error.path)
    this.why = `it cannot be read at byte ${offsetBytes} (${error.code})`
  }
}

/** What the kernel reads at once: of a page, all or nothing. */
const PAGE_BYTES = 4096

/** A reader of a file or device that throws an UnreadableError with the first page that cannot be read. */
export function placedReader(system: System, path: string): ByteReader {
  return (offset, length) => {
    try {
      return system.readBytes(path, offset, length)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      throw new UnreadableError(error, firstUnreadable(system, path, offset, length))
    }
  }
}

function firstUnreadable(system: System, path: string, offset: number, length: number): number {
  const canRead = (at: number) => attempt(() => system.readBytes(path, at, 1).length >= 0, false)
  let at = offset
  while (at + PAGE_BYTES < offset + length && canRead(at)) {
    at = (Math.floor(at / PAGE_BYTES) + 1) * PAGE_BYTES
  }
  return at
}
