import { hintOf, RefusedError } from '../errors.ts'
import { findMount } from '../formats/mount-table.ts'
import { STATE_FOLDER } from '../machine/places.ts'
import type { Step } from '../plan/step.ts'
import { planScratchInRam, planScratchMount, planStateMount } from '../stateless/plan-backing.ts'
import { isReadOnlyMount } from '../stateless/probe-paths.ts'
import {
  type FoundSource,
  probeHostName,
  probeMounted,
  probeSources,
} from '../stateless/probe-sources.ts'
import { STOCK_STATE_LABEL } from '../stateless/settings.ts'
import { type Source, scratchSources, stateSources } from '../stateless/sources.ts'
import { carryOutReach } from './carry-out-reach.ts'
import type { StatelessContext } from './stateless-context.ts'

/** Mounts what is to hold scratch: a device where one is named and there, else RAM. Its name; undefined for nothing. */
export function mountScratch(context: StatelessContext): string | undefined {
  const { planning, settings, fstab, facts, root, run } = context
  // Which device is the state's is not known then, and the scratch device is wiped.
  if (planning.lostState !== undefined) return mountScratchInRam(context)
  const isNamed = fstab.some(({ at }) => at === settings.scratchName)
  const found = waitFor(context, settings.scratchName, scratchSources(settings, fstab), isNamed)
  const state = probeSources(planning.system, facts, allStateSources(context))
  const around = { root: root.mount, mounts: facts.mounts, state }
  const { mounted, whys } = tryMounts(context, found, (each) => planScratchMount(each, around))
  if (mounted !== undefined) return mounted
  for (const why of whys) run.miss(why)
  if (isNamed && found.length === 0) {
    run.miss(`${settings.scratchName} cannot be had as fstab has it`)
  }
  return mountScratchInRam(context)
}

function mountScratchInRam({ settings, run }: StatelessContext): string | undefined {
  const why = run.attempt(planScratchInRam(settings))
  if (why === undefined) return 'RAM'
  run.miss(why)
  return undefined
}

/** What keeps state, or why nothing does; `why` is undefined too where nobody asked for it. */
export interface MountedState {
  readonly name: string | undefined
  readonly why: string | undefined
  readonly hint: string
}

/** Mounts what keeps state, waiting for it as long as rd.holdfast.timeout= says. */
export function mountState(context: StatelessContext): MountedState {
  const { root, facts, run, planning, settings } = context
  const { lostState } = planning
  if (lostState !== undefined)
    return { name: undefined, why: lostState.why, hint: lostState.hint ?? '' }
  const sources = allStateSources(context)
  const asked = isStateAsked(context)
  const found = waitFor(context, settings.stateName, sources, asked)
  const around = { root: root.mount, mounts: facts.mounts }
  const tried = tryMounts(context, found, (each) => planStateMount(each, around))
  const { mounted, whys } = tried
  if (mounted === undefined) {
    const why = whys.length > 0 ? whys.join('; ') : absence(context, sources)
    const hint = tried.hint ?? hintFor(sources.at(-1))
    return { name: undefined, why: asked ? why : undefined, hint }
  }
  const mount = findMount(run.mounts(), STATE_FOLDER)
  if (planning.runner.dry || mount === undefined || !isReadOnlyMount(mount)) {
    return { name: mounted, why: undefined, hint: '' }
  }
  run.need([{ kind: 'unmount', at: STATE_FOLDER, restore: undefined }])
  return {
    name: undefined,
    why: `${mounted} is read-only`,
    hint: 'See what made it read-only: its disk, or an error on it.',
  }
}

function allStateSources({ planning, settings, fstab }: StatelessContext): Source[] {
  // Nobody is asked for the name where it is not needed.
  const needed = settings.clientState !== undefined
  const name = needed ? probeHostName(planning.system, planning.newRoot) : undefined
  return stateSources(settings, fstab, name)
}

/** A stock configuration names a label, whether there is such a device or not: that alone asks for nothing. */
function isStateAsked({ settings, fstab, isListed }: StatelessContext): boolean {
  const { stateLabel, stateName, clientState } = settings
  if (fstab.some(({ at }) => at === stateName) || clientState !== undefined) return true
  if (stateLabel !== undefined && stateLabel !== STOCK_STATE_LABEL) return true
  return isListed
}

/** By what was tried last. */
function hintFor(source: Source | undefined): string {
  switch (source?.kind) {
    case undefined:
      return 'Name the state device by STATE_LABEL= in /etc/sysconfig/readonly-root, or in fstab.'
    case 'other':
      return 'See that the network is up in the initramfs (rd.neednet=1, ip=), and that the server answers.'
    default:
      return `See that ${source?.name} is there, or wait longer: rd.holdfast.timeout=.`
  }
}

function absence({ planning, settings }: StatelessContext, sources: readonly Source[]): string {
  const { timeoutSeconds } = planning.config
  const [first] = sources
  if (first?.kind === 'folder') return `${first.name} is no folder of the root`
  if (first !== undefined) {
    return `${first.name} did not appear within ${timeoutSeconds} s (rd.holdfast.timeout=)`
  }
  return settings.clientState === undefined
    ? 'statetab lists paths, and nothing says where they are kept'
    : `this machine has no name, and ${settings.clientState} has a folder for each name`
}

const LOOK_EVERY_MS = 100
/** Volumes of LVM come by themselves in the booted system; in the initramfs somebody has to ask for them. */
const ACTIVATE_EVERY_MS = 3_000
const LVM = ['/usr/sbin/lvm', '/sbin/lvm']

/**
 * The sources as soon as a device of them is there, or after rd.holdfast.timeout= if they are asked for; a dry run does not
 * wait. What is mounted at the name already comes first.
 */
function waitFor(
  context: StatelessContext,
  name: string,
  sources: readonly Source[],
  isAsked: boolean,
): readonly FoundSource[] {
  const { planning, facts, run } = context
  const { system, config, runner, log } = planning
  const mounted = probeMounted(system, facts, name)
  if (mounted !== undefined) return [mounted]
  const [first] = sources.filter(({ kind }) => kind === 'device')
  const seconds = isAsked && !runner.dry && first !== undefined ? config.timeoutSeconds : 0
  const start = system.monotonicMs()
  const hasLvm = LVM.some((path) => system.exists(path))
  let activated = start - ACTIVATE_EVERY_MS
  for (let looks = 0; ; looks++) {
    const found = probeSources(system, facts, sources)
    const now = system.monotonicMs()
    if (seconds === 0 || found.some(({ device }) => device !== undefined)) return found
    if (now - start >= seconds * 1000) return found
    if (looks === 0) log.info(`waiting up to ${seconds} s for ${first?.name}`)
    if (hasLvm && now - activated >= ACTIVATE_EVERY_MS) {
      activated = now
      const why = run.attempt([{ kind: 'activate-volumes' }])
      if (why !== undefined) log.info(why)
      continue
    }
    system.sleep(LOOK_EVERY_MS)
  }
}

const LEAST_MOUNT_SECONDS = 5

interface Tried {
  /** By its name. */
  readonly mounted: string | undefined
  /** Why those before it cannot be, and what to do about the last of them. */
  readonly whys: readonly string[]
  readonly hint: string | undefined
}

/** Mounts the first that can be mounted. */
function tryMounts(
  { run, planning }: StatelessContext,
  found: readonly FoundSource[],
  plan: (each: FoundSource) => Step[],
): Tried {
  const { system, log, config } = planning
  const whys: string[] = []
  let hint: string | undefined
  for (const each of found) {
    const { device, source } = each
    // A server that does not answer is not waited for any longer than a device, but one that does takes its time.
    const seconds = Math.max(config.timeoutSeconds, LEAST_MOUNT_SECONDS)
    const limit = source.kind === 'other' ? seconds * 1000 : undefined
    const error = run.failure((runner) => {
      const steps = { reasons: [], steps: plan(each) }
      if (device === undefined) runner.run(steps)
      else carryOutReach({ system, runner, log }, source.name, { device }, steps)
    }, limit)
    if (error === undefined) return { mounted: nameOf(each), whys, hint }
    whys.push(error instanceof RefusedError ? `${error.message}: refused` : error.message)
    hint = hintOf(error)
  }
  return { mounted: undefined, whys, hint }
}

/** A device that was named by its path keeps that name. */
function nameOf({ source, device }: FoundSource): string {
  return source.device?.kind === 'path' ? source.name : (device?.node ?? source.name)
}
