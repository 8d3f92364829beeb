import { seededRandom } from '../formats/seeded-random.ts'

/** What real command lines are made of; some contradict others. */
const WORDS = [
  ...['root=live:CDLABEL=LIVE', 'root=live:/dev/sda', 'root=LABEL=ROOT', 'root=/dev/sda2'],
  ...['rd.live.image', 'rd.live.overlay=/dev/sdb:/persist.img', 'rd.live.overlay=LABEL=P:/a b.img'],
  ...['rd.live.overlay=none', 'rd.live.overlay=', 'rd.live.overlay=/dev/sdb', 'rd.overlay'],
  ...['overlay=UUID=1-2:auto', 'rd.overlay=/dev/disk/by-path/pci-0000:00:1f.2-ata-1:/x'],
  ...[
    'rd.live.overlay.reset',
    'rd.live.overlay.reset=0',
    'rd.live.overlay.readonly',
    'reset_overlay',
  ],
  ...['rd.live.overlay.size=64', 'rd.live.overlay.size=-1', 'rd.live.overlay.overlayfs=1'],
  ...['rd.live.overlay.thin', 'rd.live.dir=LiveOS', 'rd.live.dir=../..', 'rd.live.squashimg=x.img'],
  ...[
    'rd.live.ram=1',
    'iso-scan/filename=/a.iso',
    'ro',
    'rw',
    'rootflags=ro,noatime',
    'rootflags=',
  ],
  ...['rd.holdfast.onfail=temporary', 'rd.holdfast.onfail=readonly', 'rd.holdfast.onfail=bogus'],
  ...['rd.holdfast.timeout=0', 'rd.holdfast.timeout=1e9', 'rd.holdfast.timeout=-5', 'readonlyroot'],
  ...['rd.live.overlay=/dev/sdb:/../../etc/shadow', 'rd.live.overlay=/dev/../etc:/x', 'quiet'],
  ...[
    '"rd.live.overlay=LABEL=a b:/x y"',
    'rd.live.overlay="/dev/sdb:/q.img"',
    "root='live:LABEL=L'",
  ],
]

const BROKEN = [
  '"',
  "'",
  '\\',
  '\u001b[31m',
  '\u0007',
  '\n',
  '\t',
  '\0',
  '\ud83d',
  '\udc00x',
  '\u202e',
]

type Random = (limit: number) => number

function pick<T>(random: Random, list: readonly T[]): T {
  return list[random(list.length)] as T
}

/** The command line with that number, the same at every call: often conflicting, sometimes not even text. */
export function mutatedCommandLine(number: number): string {
  const random = seededRandom(9_000_000 + number)
  const words = Array.from({ length: 1 + random(10) }, () => pick(random, WORDS))
  for (let left = random(4); left > 0; left--) mutate(words, random)
  return words.join(' ')
}

/**
 * One that can be given to a machine after its own: printable ASCII, not longer than the kernel takes, and with no
 * argument that chooses another root, or ends the boot as it says.
 */
export function bootableCommandLine(number: number): string {
  const line = mutatedCommandLine(number).replace(/[^ -~]/g, '')
  const other =
    /^["']?(root|ro|rw|init|rootflags|rd\.live\.(dir|squashimg|ram)|iso-scan\/filename)(=|["']?$)/
  const words = line.split(' ').filter((word) => !other.test(word))
  return words.join(' ').replace(/["']/g, '').slice(0, 1200)
}

function mutate(words: string[], random: Random): void {
  const at = random(words.length)
  const word = words[at] ?? ''
  const middle = random(word.length + 1)
  const mutations: readonly (() => string)[] = [
    () => word.slice(0, middle) + pick(random, BROKEN) + word.slice(middle),
    () => word.slice(0, middle) + word.slice(middle + 1 + random(5)),
    () => `${word} ${word}`,
    () => word.slice(0, middle) + pick(random, WORDS),
    () => nonsense(random, 4096),
    () => word.slice(0, middle) + String.fromCharCode(random(0x10000)) + word.slice(middle + 1),
    () => word.replace('=', '=='),
  ]
  words[at] = pick(random, mutations)()
}

function nonsense(random: Random, length: number): string {
  return Array.from({ length }, () => String.fromCharCode(1 + random(255))).join('')
}
