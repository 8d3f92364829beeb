import * as assert from 'uvu/assert'

/** The fields of /proc/<pid>/mountinfo (proc(5)) that the tests look at. */
export interface MountLine {
  readonly id: string
  readonly parent: string
  readonly device: string
  readonly at: string
  readonly options: readonly string[]
  readonly type: string
  readonly superOptions: readonly string[]
}

export function readMountLines(text: string): MountLine[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ')
      const [id = '', parent = '', device = '', , at = '', options = ''] = before.split(' ')
      const [type = '', , superOptions = ''] = after.split(' ')
      return {
        id,
        parent,
        device,
        at: decodeField(at),
        options: options.split(','),
        type,
        superOptions: superOptions.split(','),
      }
    })
}

function decodeField(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)))
}

export const SCRATCH = '/run/initramfs/holdfast-scratch'
export const STATE = '/run/initramfs/holdfast-state'

/** What is mounted below the root, by path: 'scratch', 'state', 'image', or the type of another file system. */
export function viewMounts(lines: readonly MountLine[], root: string): Record<string, string> {
  const deviceAt = (at: string) => lines.filter((line) => line.at === at).at(-1)?.device
  const names = [
    [deviceAt(SCRATCH), 'scratch'],
    [deviceAt(STATE), 'state'],
    [deviceAt(root), 'image'],
  ]
  const below = lines.filter(({ at }) => at.startsWith(`${root}/`))
  const view = below.map(({ at, device, type }): [string, string] => [
    at.slice(root.length),
    names.find(([known]) => known === device)?.[1] ?? type,
  ])
  return Object.fromEntries(view.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** No mount below the root lies under another one that was made later, at its own place or above it. */
export function noneIsHidden(lines: readonly MountLine[], root: string): void {
  const byId = new Map(lines.map((line) => [line.id, line]))
  const isAncestor = (line: MountLine, of: MountLine): boolean => {
    const parent = byId.get(of.parent)
    return parent !== undefined && parent !== of && (parent === line || isAncestor(line, parent))
  }
  const below = lines.filter(({ at }) => at === root || at.startsWith(`${root}/`))
  for (const line of below) {
    const cover = below.find(
      (other) =>
        other !== line &&
        (line.at === other.at || line.at.startsWith(`${other.at}/`)) &&
        !isAncestor(other, line),
    )
    assert.is(cover, undefined, `the mount at ${line.at} is hidden by that at ${cover?.at}`)
  }
}
