/** A point of a boot: the guest's clock, and the processes made so far. */
export interface Mark {
  readonly name: string
  readonly seconds: number
  readonly processes: number
}

/** Who made a process: the hooks and the helper and what they call, udev for an event, or the kernel. */
export type Maker = 'own' | 'udev' | 'kernel'

export interface Measurement {
  readonly marks: readonly Mark[]
  /** Who made each process that was traced, from the start of the machine on. */
  readonly forks: readonly Maker[]
  /** What the guest said about itself, in KiB; the largest where it said it more than once. */
  readonly values: ReadonlyMap<string, number>
}

/** From NAME-begin to NAME-end, without what a mark itself takes. */
export interface Span {
  readonly name: string
  readonly seconds: number
  readonly begin: Mark
  readonly end: Mark
}

/** Reads what a guest reported: its log's lines with marks and values, its trace of forks. */
export function parseMeasurement(text: string): Measurement {
  const marks = [...text.matchAll(/^\[ *([\d.]+)\] bench (\S+) (\d+)/gm)].map(
    ([, seconds, name = '', processes]) => ({
      name,
      seconds: Number(seconds),
      processes: Number(processes),
    }),
  )
  const values = new Map<string, number>()
  for (const [, name = '', kib] of text.matchAll(/ bench-value (\w+):? (\d+)/g)) {
    values.set(name, Math.max(values.get(name) ?? 0, Number(kib)))
  }
  return { marks, forks: parseForks(text), values }
}

const KTHREADD = 2

function parseForks(text: string): Maker[] {
  const makers = new Map<number, Maker>([[KTHREADD, 'kernel']])
  const lines = text.matchAll(/: sched_process_fork: comm=(.*) pid=(\d+) .* child_pid=(\d+)/g)
  return [...lines].map(([, comm = '', parent, child]) => {
    const maker = makers.get(Number(parent)) ?? (comm === 'systemd-udevd' ? 'udev' : 'own')
    if (maker !== 'own') makers.set(Number(child), maker)
    return maker
  })
}

/** The spans whose names match, in their order. */
export function spansOf({ marks }: Measurement, names: RegExp): Span[] {
  const markSeconds = median(rawSpans(marks, /^null$/).map((span) => span.seconds))
  return rawSpans(marks, names).map((span) => ({ ...span, seconds: span.seconds - markSeconds }))
}

function rawSpans(marks: readonly Mark[], names: RegExp): Span[] {
  return marks.flatMap((begin, index) => {
    const name = /^(.*)-begin/.exec(begin.name)?.[1]
    const rest = begin.name.slice(`${name}-begin`.length)
    if (name === undefined || !names.test(`${name}${rest}`)) return []
    const end = marks.slice(index).find((mark) => mark.name === `${name}-end${rest}`)
    if (end === undefined) return []
    const seconds = end.seconds - begin.seconds
    return [{ name: `${name}${rest}`, seconds, begin, end }]
  })
}

/** Init itself is made before the kernel traces anything. */
const NOT_TRACED = 1

/** How many processes of that maker were made in these spans. Counted, not timed: the trace has a clock of its own. */
export function countForks({ forks }: Measurement, spans: readonly Span[], maker: Maker): number {
  const made = spans.flatMap(({ begin, end }) =>
    forks.slice(begin.processes - NOT_TRACED, end.processes - NOT_TRACED),
  )
  return made.filter((each) => each === maker).length
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
