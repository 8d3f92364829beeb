import type { Server } from 'node:net'
import { scratchPath } from '../image/disk.ts'
import { type Answer, type Request, serveNbd } from './nbd.ts'
import { VolatileDisk } from './volatile-disk.ts'

/**
 * cut: the power goes; from then on there is no answer, and `whenCut` says that the machine is to be killed.
 * hang: there is no answer any more. errors: every request fails with EIO.
 */
export type Fault = 'cut' | 'hang' | 'errors'

/** What the power cut did to the disk's write cache. */
export interface Loss {
  pendingBlocks: number
  lostBlocks: number
}

/** A disk that this process serves to one machine, and that can be made to fail. */
export class ServedDisk {
  /** For Disk.file. QEMU lets the guest know of the write cache, and keeps none of its own. */
  readonly file: string
  /** Aborted at the moment of the cut: see Boot.killOn. */
  readonly whenCut: AbortSignal
  readonly #disk: VolatileDisk
  #server: Server | undefined
  #requests = 0
  #fault: Fault | undefined
  #plan: { fault: Fault; atRequest: number } | undefined
  #loss: Loss | undefined
  readonly #cut = new AbortController()
  readonly #isLost: () => boolean

  private constructor(path: string, socket: string, isLost: () => boolean) {
    this.file = `nbd:unix:${socket}`
    this.whenCut = this.#cut.signal
    this.#disk = new VolatileDisk(path)
    this.#isLost = isLost
  }

  /** Serves the file; `isLost` is asked for each block that a cut finds unflushed. */
  static async of(path: string, isLost = () => true): Promise<ServedDisk> {
    const socket = scratchPath('nbd')
    const served = new ServedDisk(path, socket, isLost)
    served.#server = await serveNbd(socket, served.#disk.bytes, (request) =>
      served.#answer(request),
    )
    return served
  }

  /** How many requests have changed something: writes and flushes. Reads do not count. */
  get requests(): number {
    return this.#requests
  }

  /** What the cut cost; undefined as long as there was none. */
  get loss(): Loss | undefined {
    return this.#loss
  }

  /** The fault begins with the n-th write or flush from now on; with 0, at once and for reads too. */
  failAfter(fault: Fault, requests: number): void {
    if (requests === 0) this.#begin(fault)
    else this.#plan = { fault, atRequest: this.#requests + requests }
  }

  /** To be called when the machine has ended. What it did not flush is not on the disk. */
  close(): void {
    // Requests of a machine that was killed may still be under way.
    this.#fault = 'hang'
    this.#server?.close()
    this.#disk.close()
  }

  #answer(request: Request): Answer {
    if (this.#fault === undefined && request.kind !== 'read') {
      this.#requests++
      if (this.#requests === this.#plan?.atRequest) this.#begin(this.#plan.fault, request)
    }
    if (this.#fault !== undefined) return this.#fault === 'errors' ? 'error' : 'silence'
    return carryOut(this.#disk, request)
  }

  /** A write that a cut falls on has reached the cache; a flush has not done anything yet. */
  #begin(fault: Fault, request?: Request): void {
    this.#fault = fault
    if (fault !== 'cut') return
    if (request?.kind === 'write') this.#disk.write(request.offset, request.data)
    const { pendingBlocks } = this.#disk
    this.#loss = { pendingBlocks, lostBlocks: this.#disk.losePower(this.#isLost) }
    this.#cut.abort()
  }
}

function carryOut(disk: VolatileDisk, request: Request): Buffer {
  switch (request.kind) {
    case 'read':
      return disk.read(request.offset, request.length)
    case 'write':
      disk.write(request.offset, request.data)
      if (request.forced) disk.flush(request.offset, request.data.length)
      return Buffer.alloc(0)
    case 'flush':
      disk.flush()
      return Buffer.alloc(0)
  }
}
