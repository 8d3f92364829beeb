/**
 * make bench: prints the figures and writes them to the README, each part between its own marks there. With
 * names of parts as arguments only these.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sourceTree } from '../vm/image/holdfast.ts'
import { benchActivation } from './activation.ts'
import { benchBoots } from './boots.ts'
import { benchDiscards } from './discards.ts'
import { benchDiskTraffic } from './disk-traffic.ts'
import { benchMonitor } from './monitor.ts'
import { benchStatetab } from './statetab.ts'

const PARTS: Readonly<Record<string, () => Promise<string>>> = {
  boots: benchBoots,
  'disk-traffic': benchDiskTraffic,
  discards: benchDiscards,
  activation: benchActivation,
  monitor: benchMonitor,
  statetab: benchStatetab,
}

const asked = process.argv.slice(2)
for (const name of asked.length > 0 ? asked : Object.keys(PARTS)) {
  const bench = PARTS[name]
  if (bench === undefined) throw new Error(`Failed to measure '${name}': there is no such part`)
  const figures = await bench()
  console.log(`\n${figures}`)
  keep(name, figures)
}

function keep(part: string, text: string): void {
  const path = join(sourceTree, 'README.md')
  const readme = readFileSync(path, 'utf8')
  const between = new RegExp(`(<!-- figures: ${part} -->\n)[^]*(<!-- /figures: ${part} -->)`)
  if (!between.test(readme)) throw new Error(`Failed to keep '${part}': '${path}' has no place`)
  writeFileSync(
    path,
    readme.replace(between, (_, begin, end) => `${begin}\n${text}\n${end}`),
  )
}
