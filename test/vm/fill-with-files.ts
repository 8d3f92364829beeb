import * as assert from 'uvu/assert'
import type { Outcome } from './machine/machine.ts'

/* Files of 128 KiB until nothing more fits: the guest tells of each that was fsynced, another boot has to find it. */

/** Below a folder. */
export const fillLoop = (folder: string) => `
mkdir ${folder}
n=0
while [ $n -lt 200 ]; do
  head -c 131072 /dev/urandom > ${folder}/$n && sync ${folder}/$n || break
  echo "synced-$n=$(sha256sum < ${folder}/$n)"
  n=$((n + 1))
done
echo "files=$n"`

/** On the root; `before` is a script that runs first. */
export const fillScript = (before = '') => `${before}
sync
${fillLoop('/kept')}
dmsetup status live-snapshot
sync -f /run
exit 0`

/** The files of a boot that wrote such files: how many, and what each has to be. */
export interface Filled {
  readonly count: number
  readonly hashes: Readonly<Record<string, string>>
}

/** What was fsynced, by the report of that boot; at least 20 files were, and not all that were to be. */
export function filled({ report }: Outcome): Filled {
  const count = Number(report.values['files'])
  assert.ok(count > 20 && count < 200, `${count} files were written before the store was full`)
  const hashes = Object.fromEntries(
    Object.entries(report.values).filter(
      ([name]) => /^synced-/.test(name) && Number(name.slice(7)) < count,
    ),
  )
  return { count, hashes }
}

/** Tells the hashes of so many files, and whether the root can be written to. */
export const listScript = (count: number) => `
n=0
while [ $n -lt ${count} ]; do echo "synced-$n=$(sha256sum < /kept/$n)"; n=$((n + 1)); done
echo x > /written && sync /written && echo written=yes`
