import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Config, parseConfig } from '../../../src/cmdline/config.ts'
import { explainConfig } from '../../../src/cmdline/explain.ts'
import { seededRandom } from '../formats/seeded-random.ts'

const SEEDS = [
  'BOOT_IMAGE=/vmlinuz root=live:CDLABEL=LIVE rd.live.image rd.live.overlay=LABEL=P:/a/b.img quiet',
  'root=live:/x.iso overlay=/dev/disk/by-path/pci-0000:00:1f.2-ata-1:/x reset_overlay ro rootflags=a,"b,c"',
  'root=UUID=1 "rd.overlay=PARTLABEL=a b:../../x" rd.holdfast.onfail=shell rd.holdfast.timeout=9 rw',
  'root=live:LABEL=a rd.live.overlay=none rootflags=noatime',
  'root=live:UUID=1 rd.live.dir=a/../b iso-scan/filename=/../x rd.live.overlay.size=5 rd.overlay.rest',
]
const PIECES = [
  '"',
  "'",
  '=',
  ':',
  ':/',
  '/',
  '..',
  '/../',
  ' ',
  '\n',
  '\0',
  '\u001b[2J',
  '\u202e',
  '\ud83d',
  '😀',
  '\\',
  'auto',
  'none',
  'root=live:',
  ' rd.live.overlay=',
  '/dev/',
  'LABEL=',
  ' ro',
  '0',
  '%',
  ',',
  '__proto__',
]
const KINDS = ['untouched', 'temporary', 'none', 'persistent', 'unusable']
const LINES = 2000

/** Cuts, doubles and inserts at random, a few times. */
function mutate(text: string, random: (limit: number) => number): string {
  let mutated = text
  for (let left = 1 + random(8); left > 0; left--) {
    const from = random(mutated.length + 1)
    const to = Math.min(mutated.length, from + random(12))
    const piece = [PIECES[random(PIECES.length)], mutated.slice(from, to).repeat(2), ''][random(3)]
    mutated = mutated.slice(0, from) + piece + mutated.slice(random(2) === 0 ? from : to)
  }
  return mutated
}

function paths(config: Config): string[] {
  const { root, overlay } = config
  const live = root.kind === 'live' ? [root.directory, root.squashImage, root.isoFile ?? ''] : []
  const medium = root.kind === 'live' && 'path' in root.medium ? [root.medium.path] : []
  if (overlay.store.kind !== 'persistent') return [...live, ...medium]
  const { device, path } = overlay.store
  return [...live, ...medium, path ?? '', device.kind === 'path' ? device.path : '']
}

test(`${LINES} command lines gone wrong are read, without a path that climbs or a terminal code`, () => {
  const random = seededRandom(20260101)
  const seen = new Set<string>()
  for (let at = 0; at < LINES; at++) {
    const text = mutate(SEEDS[at % SEEDS.length] ?? '', random)
    const config = parseConfig(text)
    const shown = JSON.stringify(text)
    seen.add(config.overlay.store.kind)
    for (const path of paths(config)) {
      assert.not.ok(path.split('/').includes('..'), shown)
      assert.not.match(path, /\p{Cc}/u, shown)
    }
    assert.not.match(explainConfig(config).join(''), /[\p{Cc}\p{Cf}\p{Cs}]/u, shown)
  }
  assert.equal([...seen].sort(), [...KINDS].sort(), 'the lines reach every kind of store')
})

test('four KiB of anything are read', () => {
  const random = seededRandom(7)
  for (let at = 0; at < 50; at++) {
    const text = Array.from({ length: 4096 }, () => String.fromCharCode(random(256))).join('')
    assert.ok(KINDS.includes(parseConfig(text).overlay.store.kind))
  }
  for (const character of ['"', '=', ':', '/', '.', ' ', '\0', 'x']) {
    const config = parseConfig(`rd.live.overlay=${character.repeat(4096)}`)
    assert.ok(KINDS.includes(config.overlay.store.kind), character)
  }
})

test.run()
