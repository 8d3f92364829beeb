import type { Mount } from '../formats/mount-table.ts'
import { viewOf } from '../machine/resolve-inside.ts'
import type { Step } from '../plan/step.ts'

/** libmount's own options of mounts, which the kernel does not keep. */
export const USER_TABLE_FILE = '/run/mount/utab'

/**
 * Marks the mounts at these paths of the root, as systemd knows those that came from the initramfs (x-initrd.mount,
 * systemd.mount(5)): it does not try to unmount them while services still run. One text, under the names that they have
 * once the root has been handed over; libmount itself would write the table anew for each mount, and under today's names.
 */
export function planUserTable(
  before: string,
  newRoot: string,
  paths: readonly string[],
  mounts: readonly Mount[],
): Step[] {
  const root = viewOf(newRoot)
  const topmost = new Map(mounts.map((mount) => [mount.mountPoint, mount]))
  const lines = paths.flatMap((path) => {
    const mount = topmost.get(root(path))
    return mount === undefined ? [] : [formatLine(path, mount)]
  })
  if (lines.length === 0) return []
  return [
    { kind: 'make-directory', path: '/run/mount' },
    { kind: 'write-file', path: USER_TABLE_FILE, text: `${before}${lines.join('')}` },
  ]
}

/** util-linux, libmount/src/tab_parse.c: mnt_parse_utab_line, and which mount it means: mnt_table_merge_user_fs. */
function formatLine(path: string, { source, root }: Mount): string {
  const words = [`SRC=${source}`, `TARGET=${path}`, `ROOT=${root}`, 'OPTS=x-initrd.mount']
  return `${words.map(encode).join(' ')}\n`
}

function encode(word: string): string {
  return word.replace(
    /[ \t\n\\]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )
}
