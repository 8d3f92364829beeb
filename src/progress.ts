import { formatBytes } from './formats/bytes.ts'
import type { System } from './machine/system.ts'

export interface Progress {
  add(bytes: number): void
  end(): void
}

const LINE_EVERY_MS = 10_000

/** Says on stderr how far long work has come: a line that is written over on a terminal, else one every ten seconds. */
export function openProgress(system: System, what: string, totalBytes: number): Progress {
  const started = system.monotonicMs()
  const terminal = system.isTerminal('stderr')
  let done = 0
  let said = started
  const line = (now: number) => {
    const seconds = Math.ceil((((now - started) / done) * (totalBytes - done)) / 1000)
    return `${what}: ${formatBytes(done)} of ${formatBytes(totalBytes)}, ${seconds} s left`
  }
  return {
    add(bytes) {
      done += bytes
      const now = system.monotonicMs()
      if (terminal) system.print('stderr', `\r${line(now)}\x1b[K`)
      else if (now - said >= LINE_EVERY_MS) {
        said = now
        system.print('stderr', `${line(now)}\n`)
      }
    },
    end: () => terminal && system.print('stderr', '\r\x1b[K'),
  }
}
