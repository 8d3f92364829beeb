import { appendFileSync, copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CpioFile, formatCpio } from '../vm/image/cpio.ts'
import { scratchPath } from '../vm/image/disk.ts'
import { sourceTree } from '../vm/image/holdfast.ts'

/**
 * What is measured. ideal: the same mounts, loop devices and tables as holdfast makes, as a sh script without
 * a question in it. alone: the same, but device-mapper does not wait for udev. parts: holdfast, with every
 * program it runs marked by itself, and its own parts run by themselves.
 */
export type Measured = 'holdfast' | 'stock' | 'ideal' | 'alone' | 'parts'

const HOOKS = 'usr/lib/dracut/hooks'
const BENCH = 'usr/lib/bench'
const SWAP = `${BENCH}/swap.sh`

/** An initramfs with marks in it: the image, and behind it the hooks between marks. */
export function withMarks(image: string, measured: Measured, tree: string): string {
  const path = scratchPath(`initramfs-${measured}`)
  const hooks = measured === 'stock' ? stockFiles(tree) : holdfastFiles(measured)
  copyFileSync(image, path)
  // dracut pads its archive to whole blocks: the next one may begin where it ends.
  appendFileSync(path, formatCpio([...everywhere(), ...hooks]))
  return path
}

function everywhere(): CpioFile[] {
  return [
    { path: BENCH },
    { path: `${BENCH}/mark.sh`, text: guest('mark.sh') },
    { path: `${HOOKS}/pre-pivot/99-bench-end.sh`, text: guest('end.sh') },
  ]
}

function stockFiles(tree: string): CpioFile[] {
  const folder = join(tree, 'usr/lib/dracut/modules.d/90dmsquash-live')
  const original = (name: string) => readFileSync(join(folder, name), 'utf8')
  const parse = `${HOOKS}/cmdline/30-parse-dmsquash-live.sh`
  return [
    ...between('first', parse, original('parse-dmsquash-live.sh')),
    { path: `${BENCH}/dmsquash-live-root`, text: original('dmsquash-live-root.sh') },
    { path: 'usr/sbin/dmsquash-live-root', text: guest('stock-root.sh') },
  ]
}

function holdfastFiles(measured: Measured): CpioFile[] {
  const folder = join(sourceTree, 'dracut-module/50holdfast')
  const original = (name: string) => readFileSync(join(folder, name), 'utf8')
  const ideal = measured === 'ideal' || measured === 'alone'
  const script = (name: string) => (measured === 'alone' ? withoutUdev(guest(name)) : guest(name))
  const live = ideal ? script('ideal-live.sh') : original('mount-live-root.sh')
  const boot = ideal ? script('ideal-boot.sh') : original('set-up-store.sh')
  return [
    ...between('parse', `${HOOKS}/cmdline/29-parse-live-root.sh`, original('parse-live-root.sh')),
    ...between('live', 'usr/lib/holdfast/mount-live-root.sh', live),
    ...between('boot', `${HOOKS}/pre-pivot/05-set-up-store.sh`, boot),
    ...(measured === 'parts' ? partsFiles() : []),
  ]
}

/** Nobody waits for udev's links: the kernel's own device nodes are there at once. */
function withoutUdev(script: string): string {
  return script
    .replaceAll('dmsetup create', 'dmsetup create --noudevsync')
    .replaceAll('/dev/mapper/live-base', '/dev/dm-0')
    .replaceAll('/dev/mapper/live-snapshot', '/dev/dm-1')
    .replaceAll('/dev/mapper/live-rw', '/dev/dm-2')
}

/** Marks around each program that holdfast runs. */
function partsFiles(): CpioFile[] {
  return [
    { path: `${BENCH}/child`, text: guest('child.sh') },
    { path: SWAP, text: guest('swap.sh') },
    { path: `${HOOKS}/pre-pivot/04-bench-parts.sh`, text: guest('parts.sh') },
  ]
}

/** A hook, which is sourced, between two marks. */
function between(name: string, path: string, original: string): CpioFile[] {
  const inside = `${BENCH}/${name}`
  const swap = `[ ! -e /${SWAP} ] || . /${SWAP}`
  const text = `${swap}
. /${BENCH}/mark.sh
bench_mark ${name}-begin
. /${inside}
bench_mark ${name}-end
${swap}
`
  return [
    { path, text },
    { path: inside, text: original },
  ]
}

function guest(name: string): string {
  return readFileSync(new URL(`guest/${name}`, import.meta.url), 'utf8')
}
