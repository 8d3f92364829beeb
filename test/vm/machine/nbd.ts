/**
 * A network block device as QEMU speaks it: newstyle handshake, one export, simple replies. Numbers and names are those
 * of doc/proto.md in github.com/NetworkBlockDevice/nbd; all are big-endian.
 */
import { createServer, type Server, type Socket } from 'node:net'

/** What is done with a disk. `data` is what is to be written. `forced`: on the disk before it is answered (FUA). */
export type Request =
  | { kind: 'read'; offset: number; length: number }
  | { kind: 'write'; offset: number; data: Buffer; forced: boolean }
  | { kind: 'flush' }

/** The bytes that were read, none for what reads nothing, `error` for EIO, and `silence` for no answer at all. */
export type Answer = Buffer | 'error' | 'silence'

/** Serves a disk of that many bytes on a unix socket, with a write cache that the client knows of. */
export function serveNbd(
  path: string,
  bytes: number,
  answer: (request: Request) => Answer,
): Promise<Server> {
  const server = createServer(async (socket) => {
    try {
      const take = taker(socket)
      await shakeHands(socket, take, bytes)
      await transmit(socket, take, answer)
    } catch (error) {
      if (!(error instanceof GoneError)) throw error
    }
    socket.destroy()
  })
  return new Promise((resolve, reject) => {
    server.on('error', reject).listen(path, () => resolve(server))
  })
}

const NBDMAGIC = 0x4e42444d41474943n
const IHAVEOPT = 0x49484156454f5054n
const NBD_FLAG_FIXED_NEWSTYLE = 1
const NBD_OPT_GO = 7
const NBD_REPLY_MAGIC = 0x3e889045565a9n
const NBD_REP_ACK = 1
const NBD_REP_INFO = 3
const NBD_REP_ERR_UNSUP = 2 ** 31 + 1
const NBD_INFO_EXPORT = 0
const NBD_FLAG_HAS_FLAGS = 1
const NBD_FLAG_SEND_FLUSH = 4
const NBD_FLAG_SEND_FUA = 8

/** Until the client wants the export. Whatever else it asks for is not supported. */
async function shakeHands(socket: Socket, take: Take, bytes: number): Promise<void> {
  socket.write(Buffer.concat([u64(NBDMAGIC), u64(IHAVEOPT), u16(NBD_FLAG_FIXED_NEWSTYLE)]))
  await take(4)
  for (;;) {
    const head = await take(16)
    const option = head.readUInt32BE(8)
    await take(head.readUInt32BE(12))
    const reply = (type: number, data: Buffer) =>
      socket.write(
        Buffer.concat([u64(NBD_REPLY_MAGIC), u32(option), u32(type), u32(data.length), data]),
      )
    if (option === NBD_OPT_GO) {
      const flags = NBD_FLAG_HAS_FLAGS | NBD_FLAG_SEND_FLUSH | NBD_FLAG_SEND_FUA
      reply(NBD_REP_INFO, Buffer.concat([u16(NBD_INFO_EXPORT), u64(BigInt(bytes)), u16(flags)]))
      reply(NBD_REP_ACK, Buffer.alloc(0))
      return
    }
    reply(NBD_REP_ERR_UNSUP, Buffer.alloc(0))
  }
}

const NBD_SIMPLE_REPLY_MAGIC = 0x67446698
const NBD_CMD_READ = 0
const NBD_CMD_WRITE = 1
const NBD_CMD_FLUSH = 3
const NBD_CMD_FLAG_FUA = 1
const NBD_EIO = 5

/** Answers one request after the other, until the client disconnects. */
async function transmit(
  socket: Socket,
  take: Take,
  answer: (request: Request) => Answer,
): Promise<void> {
  for (;;) {
    const head = await take(28)
    const request = await readRequest(take, head)
    if (request === undefined) return
    const given = answer(request)
    if (given === 'silence') continue
    const [error, data] = given === 'error' ? [NBD_EIO, Buffer.alloc(0)] : [0, given]
    const cookie = head.subarray(8, 16)
    socket.write(Buffer.concat([u32(NBD_SIMPLE_REPLY_MAGIC), u32(error), cookie, data]))
  }
}

/** undefined for NBD_CMD_DISC, and for what was not announced. */
async function readRequest(take: Take, head: Buffer): Promise<Request | undefined> {
  const forced = (head.readUInt16BE(4) & NBD_CMD_FLAG_FUA) !== 0
  const offset = Number(head.readBigUInt64BE(16))
  const length = head.readUInt32BE(24)
  switch (head.readUInt16BE(6)) {
    case NBD_CMD_READ:
      return { kind: 'read', offset, length }
    case NBD_CMD_WRITE:
      return { kind: 'write', offset, data: await take(length), forced }
    case NBD_CMD_FLUSH:
      return { kind: 'flush' }
    default:
      return undefined
  }
}

/** Gives that many bytes as soon as they are there. Rejects with a GoneError where the other end went away first. */
type Take = (bytes: number) => Promise<Buffer>

class GoneError extends Error {}

function taker(socket: Socket): Take {
  const chunks: AsyncIterator<Buffer> = socket[Symbol.asyncIterator]()
  let buffered = Buffer.alloc(0)
  return async (bytes) => {
    while (buffered.length < bytes) {
      // A machine that is killed may leave a connection that was reset.
      const { done, value } = await chunks.next().catch(() => ({ done: true, value: undefined }))
      if (done || value === undefined) throw new GoneError()
      buffered = Buffer.concat([buffered, value])
    }
    const taken = buffered.subarray(0, bytes)
    buffered = buffered.subarray(bytes)
    return taken
  }
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}
