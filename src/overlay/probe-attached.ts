import { attempt } from '../machine/attempt.ts'
import type { BlockDevice, Facts } from '../machine/facts.ts'
import type { FileStat, System } from '../machine/system.ts'

/**
 * The loop devices that have a file, which lies at `path` and is `file`. The file is told by device and inode, for one
 * file has many paths. What the kernel calls the backing file may be hidden or gone: only where that cannot be told
 * does it cost a process, losetup. Changes nothing.
 */
export function probeAttached(
  system: System,
  facts: Facts,
  path: string,
  file: FileStat,
): BlockDevice[] {
  const loops = facts.devices.filter(({ loop }) => loop !== undefined)
  const verdicts = loops.map((device) => has(system, device, path, file))
  if (!verdicts.includes('unclear')) return loops.filter((_loop, at) => verdicts[at] === 'yes')
  const behind = askLosetup(system)
  return loops.filter((device, at) => {
    const known = behind.get(device.node)
    if (verdicts[at] !== 'unclear') return verdicts[at] === 'yes'
    return known === undefined ? device.loop?.backingFile === path : known === identify(file)
  })
}

type Verdict = 'yes' | 'no' | 'unclear'

function has(system: System, { loop }: BlockDevice, path: string, file: FileStat): Verdict {
  const backing = loop?.backingFile ?? ''
  const there = attempt(() => system.stat(backing), undefined)
  if (there !== undefined && identify(there) === identify(file)) return 'yes'
  return there === undefined || lastName(backing) === lastName(path) ? 'unclear' : 'no'
}

function identify({ device, inode }: FileStat): string {
  return `${device} ${inode}`
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Node of each loop device, and what its file is; a losetup that cannot tell knows of none. */
function askLosetup(system: System): ReadonlyMap<string, string> {
  const columns = 'NAME,BACK-INO,BACK-MAJ:MIN'
  const asked = ['losetup', '--list', '--noheadings', '--raw', '--output', columns]
  const rows = system.run(asked).stdout.split('\n')
  return new Map(
    rows.flatMap((row): [string, string][] => {
      // Older versions fill the device number up with spaces, which --raw escapes.
      const [node, inode, device] = row.replaceAll('\\x20', '').split(' ')
      return node === undefined || device === undefined ? [] : [[node, `${device} ${inode}`]]
    }),
  )
}
