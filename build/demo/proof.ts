import type { Report } from '../../test/vm/machine/report.ts'

/** What both boots do, without knowing which they are: the root tells them. */
export const SCRIPT = `
show() { printf '$ %s\\n' "$*"; "$@"; }
echo boot >> /etc/boots
[ -e /srv/kept ] || echo "written to the root of $(cat /proc/sys/kernel/random/boot_id)" > /srv/kept
sync
show cat /srv/kept
show wc -l /etc/boots
show dmsetup table
show holdfast status
echo "boots=$(wc -l < /etc/boots)"
echo "kept=$(cat /srv/kept)"
echo "boot-id=$(cat /proc/sys/kernel/random/boot_id)"
`

export interface Proof {
  /** What the second boot printed. */
  readonly screen: string
  readonly holds: readonly { readonly sentence: string; readonly isTrue: boolean }[]
}

/** What the two reports, and the disk afterwards, prove. */
export function prove(first: Report, second: Report, isClean: boolean): Proof {
  const [one, two] = [first.values, second.values]
  const wasFirst = one['boots'] === '1' && one['kept']?.endsWith(` ${one['boot-id']}`) === true
  return {
    screen: second.text.replace(/^[\w-]+=.*\n/gm, '').trimEnd(),
    holds: [
      { sentence: 'the first boot found neither file nor counter', isTrue: wasFirst },
      {
        sentence: 'the second boot read what the first had written',
        isTrue: wasFirst && two['kept'] === one['kept'] && two['boot-id'] !== one['boot-id'],
      },
      {
        sentence: 'the boot counter, a file of the root, stands at 2',
        isTrue: two['boots'] === '2',
      },
      {
        sentence: 'holdfast status says that the root keeps its changes',
        isTrue: second.exitStatus === 0 && /^PERSISTENT /m.test(second.text),
      },
      { sentence: 'the file system of the persistence disk was left clean', isTrue: isClean },
    ],
  }
}
