import { CommandError, RefusedError } from '../errors.ts'
import type { Mount } from '../formats/mount-table.ts'
import { probeMounts } from '../machine/probe.ts'
import type { View } from '../machine/resolve-inside.ts'
import { executor, type Runner } from '../plan/runner.ts'
import type { Step } from '../plan/step.ts'
import type { PathMount } from '../stateless/kept-path.ts'
import { planScratchCopies, planScratchRemoval } from '../stateless/plan-scratch.ts'
import { planSeeding, REMOVE_SEEDS, type TopOf } from '../stateless/plan-seeding.ts'
import { planTable } from '../stateless/plan-table.ts'
import { type Failed, inHalves } from './in-halves.ts'
import type { Planning } from './planning.ts'

/** Copying what a new state device begins with takes as long as there is much of it. */
export const SEED_TIMEOUT_MS = 600_000

/** Carries out the parts of a boot of which one may fail without the others, and collects what is missing. */
export class StatelessRun {
  private readonly planning: Planning
  private readonly done: Runner[] = []
  private readonly misses: string[] = []
  private hint: string | undefined

  constructor(planning: Planning) {
    this.planning = planning
  }

  /** Notes what was asked for and cannot be had. */
  miss(text: string, hint?: string): void {
    this.misses.push(text)
    this.hint ??= hint
  }

  /** All that is missing, in one text. */
  shortfall(): { readonly why: string | undefined; readonly hint: string | undefined } {
    const why = this.misses.length === 0 ? undefined : this.misses.join('\n')
    return { why, hint: this.hint }
  }

  /** Does all of the steps, or takes back what of them was done and gives the reason. */
  attempt(steps: readonly Step[], timeoutMs?: number): string | undefined {
    return this.failure((stage) => stage.run({ reasons: [], steps }), timeoutMs)?.message
  }

  /** The same for what is done with a runner; the reason as an error. */
  failure(
    work: (stage: Runner) => void,
    timeoutMs?: number,
  ): CommandError | RefusedError | undefined {
    const { runner, system, log } = this.planning
    const stage = runner.dry ? runner : executor(system, timeoutMs, log.warn)
    try {
      work(stage)
      this.done.push(stage)
      return undefined
    } catch (error) {
      if (!(error instanceof CommandError || error instanceof RefusedError)) throw error
      for (const trouble of stage.walkBack()) log.warn(trouble)
      return error
    }
  }

  /** The same, and what fails is missing. */
  need(steps: readonly Step[], timeoutMs?: number): void {
    const why = this.attempt(steps, timeoutMs)
    if (why !== undefined) this.miss(why)
  }

  /** Does each of the steps, whatever becomes of the others; what fails is missing. */
  tryEach(steps: readonly Step[], timeoutMs?: number): void {
    for (const step of steps) this.need([step], timeoutMs)
  }

  /** Makes the mounts and gives those that are there then; the others are missing, and so is why; but for OverlayFS. */
  mountPaths(root: View, mounts: readonly PathMount[]): readonly PathMount[] {
    const { runner, system } = this.planning
    const steps = planTable(root, mounts)
    if (runner.dry) {
      runner.run({ reasons: [], steps })
      return mounts
    }
    const before = topmostMounts(this.mounts())
    const stage = executor(system)
    let why = 'nobody said why'
    try {
      stage.run({ reasons: [], steps })
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      why = error.message
    }
    this.done.push(stage)
    const now = topmostMounts(this.mounts())
    const isMounted = ({ path }: PathMount) => {
      const mountId = now.get(root(path))
      return mountId !== undefined && mountId !== before.get(root(path))
    }
    const layers = mounts.filter((mount) => mount.type === 'overlay' && !isMounted(mount))
    for (const { path } of layers) this.planning.log.warn(`${path} gets no OverlayFS: ${why}`)
    const missing = mounts.filter((mount) => mount.type !== 'overlay' && !isMounted(mount))
    if (missing.length > 0) this.miss(`${missing.map(({ path }) => path).join(', ')}: ${why}`)
    return mounts.filter(isMounted)
  }

  /** Copies to the state device what it lacks; a path for which that fails is missing, and takes no other with it. */
  seed(view: View, paths: readonly string[], topOf: TopOf): void {
    this.missEach(
      inHalves(paths, (some) => {
        const why = this.attempt(planSeeding(view, some, topOf), SEED_TIMEOUT_MS)
        if (why !== undefined) this.need([REMOVE_SEEDS])
        return why
      }),
    )
  }

  /** The same to scratch. Gives the paths that are not whole there, and nothing of which is left. */
  copyToScratch(root: View, paths: readonly string[]): readonly string[] {
    const failed = inHalves(paths, (some) => {
      const why = this.attempt(planScratchCopies(root, some), SEED_TIMEOUT_MS)
      if (why !== undefined) this.need(planScratchRemoval(some))
      return why
    })
    this.missEach(failed)
    return failed.flatMap(({ items }) => items)
  }

  private missEach(failed: readonly Failed[]): void {
    for (const { items, why } of failed) this.miss(`${items.join(', ')}: ${why}`)
  }

  mounts(): Mount[] {
    return probeMounts(this.planning.system)
  }

  /** Takes back all that was done, last first. */
  walkBack(): void {
    for (const stage of this.done.splice(0).reverse()) {
      for (const trouble of stage.walkBack()) this.planning.log.warn(trouble)
    }
  }
}

/** The topmost mount at each mount point; the kernel lists those on top last. */
function topmostMounts(mounts: readonly Mount[]): ReadonlyMap<string, number> {
  return new Map(mounts.map(({ mountPoint, mountId }) => [mountPoint, mountId]))
}
