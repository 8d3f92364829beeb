import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { scratchPath } from '../image/disk.ts'
import { networkTree } from './network-tree.ts'

/** An NFS 4 server that guests reach at SERVER, and what becomes of it while they run. */
export interface NfsServer {
  /** The folder that it exports as /exp, on this computer. */
  readonly folder: string
  /** What QEMU needs for a network with this server in it, and nothing else. */
  readonly network: string
  /** From now on nothing is answered any more, and connections stay as they are: like a cut cable. */
  cut(): void
  /** Each connection is answered only after so long. */
  delay(milliseconds: number): void
  close(): Promise<void>
}

export const SERVER = '10.0.2.100'

/** Starts a server on this computer; `listening` false: connections are taken by nobody. */
export async function startNfsServer({ listening = true } = {}): Promise<NfsServer> {
  const folder = scratchPath('nfs')
  mkdirSync(`${folder}/exp`, { recursive: true })
  const path = `${folder}/socket`
  const port = await freePort()
  const daemon = await startDaemon(folder, port)
  let isCut = false
  let delayMs = 0
  const sockets = new Set<Socket>()
  const server = createServer(async (client) => {
    sockets.add(client)
    client.on('error', () => undefined).on('close', () => sockets.delete(client))
    if (delayMs > 0) await sleep(delayMs)
    if (isCut) return
    const upstream = connect(port, '127.0.0.1')
    sockets.add(upstream)
    upstream.on('error', () => client.destroy()).on('close', () => sockets.delete(upstream))
    client.pipe(upstream).pipe(client)
  })
  if (listening) await new Promise<void>((resolve) => server.listen(path, resolve))
  const relay = new URL('relay.mjs', import.meta.url).pathname
  return {
    folder: `${folder}/exp`,
    network: `user,id=net,restrict=on,guestfwd=tcp:${SERVER}:2049-cmd:${process.execPath} ${relay} ${path}`,
    cut() {
      isCut = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    delay(milliseconds) {
      delayMs = milliseconds
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      daemon.kill()
    },
  }
}

async function startDaemon(folder: string, port: number) {
  const config = `${folder}/ganesha.conf`
  const log = `${folder}/ganesha.log`
  mkdirSync(`${folder}/recovery`)
  writeFileSync(config, configuration(folder, port))
  // Out of its tree, in which no file may change: it sees the folder alone of what is outside.
  const script = `tree=$1 folder=$2
    mount -t tmpfs tmpfs /mnt
    cd /mnt
    mkdir upper work merged
    mount -t overlay -o lowerdir="$tree",upperdir=upper,workdir=work overlay merged
    mkdir -p "merged$folder"
    mount --bind "$folder" "merged$folder"
    mount -t proc proc merged/proc
    mount --rbind /dev merged/dev
    exec setpriv --pdeathsig KILL chroot merged ganesha.nfsd -F -f "$folder/ganesha.conf" -L "$folder/ganesha.log" -p /run/ganesha.pid`
  const unshare = ['--mount', '--propagation=private', 'sh', '-ec', script, 'sh']
  const child = spawn('unshare', [...unshare, await networkTree('bookworm'), folder], {
    stdio: 'ignore',
  })
  const ended = () => child.kill('SIGKILL')
  process.on('exit', ended)
  child.on('close', () => process.off('exit', ended))
  const text = () => (existsSync(log) ? readFileSync(log, 'utf8') : '')
  while (!text().includes('NFS SERVER INITIALIZED')) {
    if (child.exitCode !== null) throw new Error(`The NFS server did not start: ${text()}`)
    await sleep(50)
  }
  return child
}

function configuration(folder: string, port: number): string {
  return `NFS_CORE_PARAM {
  NFS_Protocols = 4; NFS_Port = ${port}; Bind_addr = 127.0.0.1;
  Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false;
}
NFSV4 {
  Graceless = true; RecoveryBackend = fs; RecoveryRoot = ${folder}/recovery;
}
EXPORT {
  Export_Id = 1; Path = ${folder}/exp; Pseudo = /exp; Access_Type = RW; Squash = No_Root_Squash;
  SecType = sys; Protocols = 4; Transports = TCP;
  FSAL { Name = VFS; }
}
`
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('Failed to find a free port')),
      )
    })
  })
}
