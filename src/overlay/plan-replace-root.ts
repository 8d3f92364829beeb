import type { MountStep, Step } from '../plan/step.ts'
import type { RootFacts } from './root-facts.ts'

export interface ReplaceRoot {
  readonly steps: readonly Step[]
  readonly letGo: readonly Step[]
}

/** Where mounts below the root wait while the root is taken apart. */
const CARRY_FOLDER = '/run/holdfast/carry'

/**
 * The steps that take the root's mount apart, do `between` while nothing holds its device (dm refuses an
 * origin that is mounted: EBUSY), and mount `replacement` in its place. What was mounted below the root is
 * kept by a second mount meanwhile and put back, so a tmpfs keeps its files. That one stands apart: what is
 * put back beneath the one mount would else appear beneath the other too, and hold it (systemd shares all mounts).
 * `asBefore` mounts the root again where a later step fails. `letGo` ends the second mounts: it comes last in a plan, for until then a failure still needs them.
 */
export function planReplaceRoot(
  root: RootFacts,
  between: readonly Step[],
  replacement: readonly Step[],
  asBefore: Step = mountAsBefore(root),
): ReplaceRoot {
  const carried = root.below.map((mount, index) => ({ mount, at: `${CARRY_FOLDER}/${index}` }))
  const keep = carried.flatMap(({ mount, at }): Step[] => [
    { kind: 'make-directory', path: at },
    { kind: 'bind-mount', from: mount.mountPoint, at, apart: true },
  ])
  const takeDown = [...carried].reverse().map(
    ({ mount, at }): Step => ({
      kind: 'unmount',
      at: mount.mountPoint,
      restore: { kind: 'bind-mount', from: at, at: mount.mountPoint },
    }),
  )
  const putBack = carried.map(
    ({ mount, at }): Step => ({ kind: 'bind-mount', from: at, at: mount.mountPoint }),
  )
  const letGo = [...carried].reverse().map(
    ({ mount, at }): Step => ({
      kind: 'unmount',
      at,
      restore: { kind: 'bind-mount', from: mount.mountPoint, at, apart: true },
    }),
  )
  const unmountRoot: Step = {
    kind: 'unmount',
    at: root.mount.mountPoint,
    restore: asBefore,
  }
  return {
    steps: [...keep, ...takeDown, unmountRoot, ...between, ...replacement, ...putBack],
    letGo,
  }
}

/**
 * The step that mounts the root as it was mounted: read-only if mount or file system were, whatever the order that
 * the kernel shows them in. seclabel is shown by the kernel but not taken by it.
 */
function mountAsBefore({ mount, device }: RootFacts): MountStep {
  const shown = [...mount.options, ...mount.superOptions]
  const options = new Set([shown.includes('ro') ? 'ro' : 'rw', ...shown])
  options.delete('seclabel')
  if (shown.includes('ro')) options.delete('rw')
  return {
    kind: 'mount',
    device: device?.node ?? mount.source,
    at: mount.mountPoint,
    type: mount.fsType,
    options: [...options],
    isRoot: true,
  }
}
