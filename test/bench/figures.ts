import {
  countForks,
  type Maker,
  type Measurement,
  median,
  type Span,
  spansOf,
  sum,
} from './measurement.ts'
import { type Size, ZSTD_LEVEL } from './size.ts'
import { formatRow } from './table.ts'

type Boots = readonly Measurement[]

/** All that one run of the bench measured. */
export interface Measured {
  readonly holdfast: Boots
  readonly node: Boots
  readonly stock: Boots
  readonly ideal: Boots
  readonly parts: Boots
  readonly nodeParts: Boots
  /** The same boots with the modules in the kernel before the first mark. */
  readonly loaded: {
    readonly holdfast: Boots
    readonly stock: Boots
    readonly ideal: Boots
    readonly alone: Boots
  }
  readonly sizes: Readonly<Record<'plain' | 'holdfast' | 'node' | 'stock', Size>>
}

/** The hooks of holdfast, or what stands in their place; stock's script and the mount that it leaves to a hook. */
const HOOKS = /^(parse|live|boot|stock)$/
const FIRST_TO_LAST = /^(first|parse|live|boot|stock)$/

/** The tables, in Markdown. */
export function formatFigures(all: Measured): string {
  const { sizes } = all
  const columns = [all.holdfast, all.node, all.stock, all.ideal]
  const added = (of: (size: Size) => number) =>
    [sizes.holdfast, sizes.node, sizes.stock].map((size) => formatKb(of(size) - of(sizes.plain)))
  const whole = (of: (size: Size) => number) =>
    [sizes.holdfast, sizes.node, sizes.stock].map((size) => formatKb(of(size)))
  const peaks = [all.parts, all.nodeParts, all.stock].map((boots) => formatValue(boots, 'peak'))
  return [
    CONDITIONS,
    '',
    formatRow('', 'holdfast', 'holdfast-node', 'stock', 'ideal sequence'),
    formatRow('---', '---:', '---:', '---:', '---:'),
    formatRow(`initramfs, zstd -${ZSTD_LEVEL}`, ...whole((size) => size.zstdBytes), ''),
    formatRow('of it added by the module', ...added((size) => size.zstdBytes), ''),
    formatRow('RAM for the unpacked initramfs', ...whole((size) => size.unpackedBytes), ''),
    formatRow('of it added by the module', ...added((size) => size.unpackedBytes), ''),
    formatRow('time in the hooks, until the root is mounted', ...columns.map(formatHookTimes)),
    formatRow(
      'first hook to mounted root, with all that waits between',
      ...columns.map(formatElapsed),
    ),
    formatRow('the same hooks, kernel modules already loaded', ...loadedTimes(all)),
    formatRow('processes: own + udev + kernel', ...columns.map(formatProcesses)),
    formatRow('peak memory of the helper', ...peaks, ''),
    formatRow(
      'available memory before switch_root',
      ...columns.map((boots) => formatValue(boots, 'MemAvailable')),
    ),
    '',
    ...verdict(all),
    '',
    formatRow("What holdfast's time is made of", 'ms'),
    formatRow('---', '---:'),
    ...shares(all).map(([what, seconds]) => formatRow(what, formatMs(seconds))),
    '',
  ].join('\n')
}

const CONDITIONS = `Debian 12, kernel 6.1, dracut 059, initramfs without systemd; second boot of the recipe, so the store is
formatted; milliseconds of a guest clock that counts 2 ns an instruction, two boots each. The ideal sequence is a sh
script of the same mounts, loop devices and tables that asks nothing and checks nothing.`

/** The goals, and how far they are. */
function verdict(all: Measured): string[] {
  const { holdfast, stock, ideal, loaded } = all
  const [first] = holdfast
  const own = first === undefined ? Number.NaN : countForks(first, spansOf(first, HOOKS), 'own')
  const notOurs = sum(
    shares(all).flatMap(([, seconds, whose]) => (whose === 'others' ? [seconds] : [])),
  )
  const reached = medianHookSeconds(holdfast) * 4 <= medianHookSeconds(stock)
  return [
    `Goal: a quarter of stock's time (${reached ? 'reached' : 'missed'}: ${formatRatio(holdfast, stock)}; with the kernel`,
    `modules already loaded ${formatRatio(loaded.holdfast, loaded.stock)}) and at most 15 processes of its own`,
    `(${own <= 15 ? 'reached' : 'missed'}: ${own}). The ideal sequence takes ${formatRatio(ideal, stock)} of stock's time, with the modules`,
    `loaded ${formatRatio(loaded.ideal, loaded.stock)}: loading modules, udev, the kernel's work and the start of the programs, which both`,
    `have in common, come to ${formatMs(notOurs)} ms.`,
  ]
}

function hookSeconds(measurement: Measurement): number {
  return sum(spansOf(measurement, HOOKS).map((span) => span.seconds))
}

function medianHookSeconds(boots: Boots): number {
  return median(boots.map(hookSeconds))
}

function loadedTimes({ loaded }: Measured): string[] {
  return [
    formatHookTimes(loaded.holdfast),
    '',
    formatHookTimes(loaded.stock),
    formatHookTimes(loaded.ideal),
  ]
}

function formatHookTimes(boots: Boots): string {
  return `${boots.map((boot) => formatMs(hookSeconds(boot))).join(', ')} ms`
}

function formatElapsed(boots: Boots): string {
  const elapsed = boots.map((boot) => {
    const spans = spansOf(boot, FIRST_TO_LAST)
    return (spans.at(-1)?.end.seconds ?? Number.NaN) - (spans[0]?.begin.seconds ?? Number.NaN)
  })
  return `${elapsed.map(formatMs).join(', ')} ms`
}

function formatProcesses(boots: Boots): string {
  const boot = boots[0]
  if (boot === undefined) return ''
  const spans = spansOf(boot, HOOKS)
  const count = (maker: Maker) => countForks(boot, spans, maker)
  const total = sum(spans.map(({ begin, end }) => end.processes - begin.processes))
  return `${count('own')} + ${count('udev')} + ${count('kernel')} = ${total}`
}

function formatValue(boots: Boots, name: string): string {
  const kib = median(boots.map(({ values }) => values.get(name) ?? Number.NaN))
  return kib < 10_000 ? `${(kib / 1024).toFixed(1)} MiB` : `${Math.round(kib / 1024)} MiB`
}

function formatRatio(boots: Boots, others: Boots): string {
  return `${Math.round((100 * medianHookSeconds(boots)) / medianHookSeconds(others))} %`
}

/** Whether holdfast can do something about it. */
type Whose = 'all' | 'ours' | 'others'

/** From the whole down to the kernel's own share; what is named is taken off what is left. */
function shares({ holdfast, parts, loaded }: Measured): [string, number, Whose][] {
  const [measured] = parts
  if (measured === undefined) return []
  const part = (name: string) =>
    median(spansOf(measured, new RegExp(`^part:${name}$`)).map((span) => span.seconds))
  const children = spansOf(measured, /^child:/)
  const childSeconds = sum(children.map((span) => span.seconds))
  const starts = sum(children.map((span) => part(programOf(span))))
  const total = medianHookSeconds(holdfast)
  const modules = total - medianHookSeconds(loaded.holdfast)
  const waits = medianHookSeconds(loaded.ideal) - medianHookSeconds(loaded.alone)
  const own = total - childSeconds
  const startUp = 2 * part('start')
  return [
    ['all of it', total, 'all'],
    ['holdfast itself: two starts, as long as one that is refused at once', startUp, 'ours'],
    ['holdfast itself: reading the machine, planning, carrying out', own - startUp, 'ours'],
    [
      `start of the ${children.length} programs it runs, as long as their \`--version\``,
      starts,
      'others',
    ],
    ['kernel modules: read, checked, linked', modules, 'others'],
    ['device-mapper waits for udev', waits, 'others'],
    ['the kernel: loop devices, tables, mounts', childSeconds - starts - modules - waits, 'others'],
  ]
}

function programOf({ name }: Span): string {
  return name.slice('child:'.length)
}

function formatMs(seconds: number): string {
  return String(Math.round(seconds * 1000))
}

function formatKb(bytes: number): string {
  return `${Math.round(bytes / 1000).toLocaleString('en')} kB`
}
