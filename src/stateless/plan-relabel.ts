import type { Step } from '../plan/step.ts'
import type { PathMount } from './kept-path.ts'

const FOLDER = '/run/systemd/relabel-extra.d'

/** Whether the root loads a policy of SELinux at boot, by the text of its /etc/selinux/config. */
export function hasPolicy(config: string): boolean {
  const mode = /^\s*SELINUX\s*=\s*(\w+)/m.exec(config)?.[1]
  return mode === 'enforcing' || mode === 'permissive'
}

/**
 * Has systemd give labels to what is mounted, right after it has loaded the policy of SELinux: each path with what is below it, but
 * for other mounts (systemd 246). Of a folder that OverlayFS shows, if `isLayerLabelled` says that the folders in its layer have
 * their labels, the kept files alone: a label that is set copies a file up, also one that is the same.
 */
export function planRelabel(mounts: readonly PathMount[], isLayerLabelled: boolean): Step[] {
  if (mounts.length === 0) return []
  const paths = mounts.flatMap(({ path, type, shows }) =>
    type === 'overlay' && isLayerLabelled ? shows.map((shown) => shown.path) : [path],
  )
  return [
    { kind: 'make-directory', path: FOLDER },
    {
      kind: 'write-file',
      path: `${FOLDER}/holdfast.relabel`,
      text: paths.map((path) => `${path}\n`).join(''),
    },
  ]
}
