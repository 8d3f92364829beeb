import { seededRandom } from '../formats/seeded-random.ts'
import type { Node } from './tree-system.ts'

/** An image, lists and a state device, all made by chance: the same ones for the same seed. */
export interface RandomSet {
  readonly image: Readonly<Record<string, Node>>
  readonly state: Readonly<Record<string, Node>>
  readonly rwtab: string
  readonly statetab: string
  /** Mount points of others below the root, as seen inside. */
  readonly foreign: readonly string[]
}

const NAMES = ['a', 'b', 'a.b', 'a-b', 'with space']
const TARGETS = ['a', '..', '../..', '/etc', '/', '../../../../../..', '/a/b', 'nowhere', '.']

export function randomSet(seed: number): RandomSet {
  const random = seededRandom(seed)
  const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)] as Item
  const path = () => `/${Array.from({ length: 1 + random(3) }, () => pick(NAMES)).join('/')}`
  const files = (count: number) => {
    const found: Record<string, Node> = {}
    for (let tries = 0; tries < count; tries++) {
      const at = path()
      const isTaken = Object.keys(found).some(
        (each) => each === at || each.startsWith(`${at}/`) || at.startsWith(`${each}/`),
      )
      if (!isTaken) found[at] = randomNode(random, pick)
    }
    return found
  }
  const odd = () => pick(['/', '/proc/x', '/var/rw/x', '/../etc', 'a', '//a//b/', '/var/state'])
  const listed = () => (random(12) === 0 ? odd() : path())
  const rwtabLine = () => {
    const word = pick(['empty', 'dirs', 'files', 'files', '#files', 'x'])
    return `${word} ${pick(["'", '"'])}`.replace(/.$/, (quote) => `${quote}${listed()}${quote}`)
  }
  const lines = (line: () => string) => Array.from({ length: random(20) }, line).join('\n')
  return {
    image: files(24),
    state: files(10),
    rwtab: lines(rwtabLine),
    statetab: lines(() => (random(10) === 0 ? `files ${listed()}` : listed())),
    foreign: random(3) === 0 ? [path()] : [],
  }
}

function randomNode(
  random: (limit: number) => number,
  pick: <Item>(items: readonly Item[]) => Item,
): Node {
  switch (random(6)) {
    case 0:
      return { link: pick(TARGETS) }
    case 1:
      return { kind: 'directory', mode: pick([0o755, 0o700, 0o1777]), uid: random(2) }
    case 2:
      return { kind: pick(['fifo', 'block', 'character', 'socket'] as const) }
    default:
      return 'text'
  }
}
