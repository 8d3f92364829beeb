/**
 * The arguments that holdfast knows, each with its other spellings; the first of a list that is on the
 * line at all decides. dracut's names by version: dracut.cmdline(7) of 004, 059, 104 and 110.
 */
export const NAMES = {
  store: ['rd.live.overlay', 'rd.overlay', 'overlay'],
  reset: ['rd.live.overlay.reset', 'rd.overlay.reset', 'reset_overlay'],
  readOnly: ['rd.live.overlay.readonly', 'rd.overlay.readonly', 'readonly_overlay'],
  size: ['rd.live.overlay.size', 'rd.overlay.size'],
  overlayFs: ['rd.live.overlay.overlayfs', 'rd.overlay.overlayfs'],
  thin: ['rd.live.overlay.thin', 'rd.overlay.thin'],
  fileSystem: ['rd.live.overlay.cowfs', 'rd.overlay.cowfs'],
  noPrompt: ['rd.live.overlay.nouserconfirmprompt', 'rd.overlay.nouserconfirmprompt'],
  crypt: ['rd.overlay.crypt', 'rd.live.overlay.crypt'],
  liveImage: ['rd.live.image', 'liveimg'],
  liveDirectory: ['rd.live.dir', 'live_dir'],
  squashImage: ['rd.live.squashimg'],
  copyToRam: ['rd.live.ram', 'live_ram'],
  readOnlyRoot: ['readonlyroot'],
  notReadOnlyRoot: ['noreadonlyroot'],
  onFail: ['rd.holdfast.onfail'],
  timeout: ['rd.holdfast.timeout'],
  state: ['rd.holdfast.state'],
  files: ['rd.holdfast.files'],
} as const

/** Names that dracut dropped, to what replaced them. */
export const DEPRECATED: ReadonlyMap<string, string> = new Map([
  ['overlay', NAMES.store[0]],
  ['reset_overlay', NAMES.reset[0]],
  ['readonly_overlay', NAMES.readOnly[0]],
  ['liveimg', NAMES.liveImage[0]],
  ['live_dir', NAMES.liveDirectory[0]],
  ['live_ram', NAMES.copyToRam[0]],
])

const KNOWN: readonly string[] = Object.values(NAMES).flat()
/** Other arguments are none of our business, however they are spelled. */
const OURS = /^rd\.(live\.overlay|overlay\.|holdfast)/
const FURTHEST = 3

/** Whether a name lies where only holdfast's own arguments are, and is none of them. */
export function isUnknown(name: string): boolean {
  return OURS.test(name) && !KNOWN.includes(name)
}

/** The known name that is most like this one; undefined when none is less than four letters away. */
export function nearestName(name: string): string | undefined {
  let nearest: string | undefined
  let least = FURTHEST + 1
  for (const known of KNOWN) {
    // A difference in length is the least that it takes, and spares the long names of nonsense.
    if (Math.abs(known.length - name.length) >= least) continue
    const distance = editDistance(name, known)
    if (distance < least) [nearest, least] = [known, distance]
  }
  return nearest
}

/** Letters to insert, delete or replace (Levenshtein), row by row. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < to.length; j++) {
      const replace = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1)
      next.push(Math.min(replace, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
