import { UsageError } from '../errors.ts'
import type { Mount } from '../formats/mount-table.ts'
import type { HostClaim, Superblock } from '../formats/superblock.ts'
import type { BlockDevice, Facts } from '../machine/facts.ts'
import { type System, SystemError } from '../machine/system.ts'

/** The facts in a file that `holdfast probe --json` made. Throws a UsageError that says what is wrong with the file. */
export function readFactsFile(system: System, path: string): Facts {
  const facts = parseJson(path, readText(system, path))
  const misfit = checkFacts(facts)
  if (misfit !== undefined) throw anotherShape(path, `facts${misfit} is not what it should be`)
  const { mounts } = facts as Facts
  // The walk from mount to mount would not end.
  const repeated = mounts.find(({ mountId }, index) =>
    mounts.some((other, at) => at < index && other.mountId === mountId),
  )
  if (repeated) throw anotherShape(path, `two mounts have the mountId ${repeated.mountId}`)
  return facts as Facts
}

function readText(system: System, path: string): string {
  try {
    return system.readText(path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new UsageError(`Failed to read '${path}': ${error.code}`)
  }
}

/** In JSON null stands for what is not known. The engine's own words differ from engine to engine. */
function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text, (_key, value) => value ?? undefined)
  } catch {
    throw anotherShape(path, 'it is not JSON')
  }
}

function anotherShape(path: string, what: string): UsageError {
  return new UsageError(`'${path}' is not what \`holdfast probe --json\` prints: ${what}`)
}

/** Where a value does not fit ("", ".devices[2].name"); undefined when all of it fits. */
type Check = (value: unknown) => string | undefined

const check =
  (fits: (value: unknown) => boolean): Check =>
  (value) =>
    fits(value) ? undefined : ''
const text = check((value) => typeof value === 'string')
const flag = check((value) => typeof value === 'boolean')
const amount = check((value) => Number.isFinite(value) && (value as number) >= 0)

function optional(fits: Check): Check {
  return (value) => (value === undefined ? undefined : fits(value))
}

function list(fits: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return ''
    const misfits = Array.from(value, fits)
    const index = misfits.findIndex((misfit) => misfit !== undefined)
    return index < 0 ? undefined : `[${index}]${misfits[index]}`
  }
}

function record<T>(fields: { readonly [Key in keyof Required<T>]: Check }): Check {
  return (value) => {
    if (typeof value !== 'object' || value === null) return ''
    for (const [name, fits] of Object.entries<Check>(fields)) {
      const misfit = fits((value as Readonly<Record<string, unknown>>)[name])
      if (misfit !== undefined) return `.${name}${misfit}`
    }
    return undefined
  }
}

const checkMount = record<Mount>({
  mountId: amount,
  parentId: amount,
  device: text,
  root: text,
  mountPoint: text,
  options: list(text),
  fsType: text,
  source: text,
  superOptions: list(text),
})

const checkContent = record<Superblock>({
  type: text,
  label: optional(text),
  uuid: optional(text),
  bytes: optional(amount),
  needsRecovery: optional(flag),
  needsCheck: optional(flag),
  isSpread: optional(flag),
  claim: optional(record<HostClaim>({ sequence: amount, host: text, isCheck: flag })),
})

const checkDevice = record<BlockDevice>({
  name: text,
  node: text,
  number: text,
  sectors: amount,
  readOnly: flag,
  partition: flag,
  links: list(text),
  content: optional(checkContent),
  isBusy: optional(flag),
  dm: optional(record<NonNullable<BlockDevice['dm']>>({ name: text, uuid: text })),
  loop: optional(record<NonNullable<BlockDevice['loop']>>({ backingFile: text, autoClear: flag })),
  slaves: list(text),
  holders: list(text),
})

const checkFacts = record<Facts>({
  cmdline: text,
  newRoot: text,
  mounts: list(checkMount),
  devices: list(checkDevice),
  memoryBytes: amount,
  missingModules: list(text),
})
