import { persistenceDisk } from '../vm/image/disk.ts'
import { formatFigures } from './figures.ts'
import type { Measured } from './marks.ts'
import { formatStore, type Kind, measureBoot } from './measure.ts'
import { measureSize } from './size.ts'

/**
 * Boots holdfast and stock dmsquash-live in the same machine, its clock bound to instructions, and gives the tables
 * of sizes and times, in Markdown.
 */
export async function benchBoots(): Promise<string> {
  const ours = await formattedDisk('bench')
  const stocks = await formattedDisk('bench-stock')

  const holdfast = await measure('holdfast', 'bench', 'holdfast', ours, 2)
  const node = await measure('holdfast-node', 'bench-node', 'holdfast', ours, 2)
  const stock = await measure('stock', 'bench-stock', 'stock', stocks, 2)
  const ideal = await measure('ideal sequence', 'bench', 'ideal', ours, 2)
  const parts = await measure('parts of holdfast', 'bench', 'parts', ours, 1)
  const nodeParts = await measure('parts of holdfast-node', 'bench-node', 'parts', ours, 1)
  const loaded = {
    holdfast: await measure('holdfast, modules loaded', 'bench', 'holdfast', ours, 1, true),
    stock: await measure('stock, modules loaded', 'bench-stock', 'stock', stocks, 1, true),
    ideal: await measure('ideal, modules loaded', 'bench', 'ideal', ours, 1, true),
    alone: await measure('ideal without udev, modules loaded', 'bench', 'alone', ours, 1, true),
  }
  const sizes = {
    plain: await measureSize('bench-plain'),
    holdfast: await measureSize('bench'),
    node: await measureSize('bench-node'),
    stock: await measureSize('bench-stock'),
  }
  return formatFigures({ holdfast, node, stock, ideal, parts, nodeParts, loaded, sizes })
}

async function formattedDisk(kind: Kind): Promise<string> {
  console.log(`${kind}: first boot, the store is formatted`)
  const disk = await persistenceDisk()
  await formatStore(kind, disk)
  return disk
}

async function measure(
  what: string,
  kind: Kind,
  measured: Measured,
  disk: string,
  times: number,
  modulesLoaded = false,
) {
  const measurements = []
  for (let time = 1; time <= times; time++) {
    console.log(`${what}: boot ${time} of ${times}`)
    measurements.push(await measureBoot(kind, measured, disk, modulesLoaded))
  }
  return measurements
}
