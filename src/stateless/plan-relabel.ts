import type { Step } from '../plan/step.ts'
import type { PathMount } from './kept-path.ts'

const FOLDER = '/run/systemd/relabel-extra.d'

/**
 * Has systemd give labels to what is mounted, right after it has loaded the policy of SELinux: each path with what is below it, but
 * for other mounts (systemd 246). Nothing where the root's /etc/selinux/config, whose text is `config`, asks for no policy.
 */
export function planRelabel(config: string, mounts: readonly PathMount[]): Step[] {
  const mode = /^\s*SELINUX\s*=\s*(\w+)/m.exec(config)?.[1]
  if (mounts.length === 0 || (mode !== 'enforcing' && mode !== 'permissive')) return []
  const text = mounts.map(({ path }) => `${path}\n`).join('')
  return [
    { kind: 'make-directory', path: FOLDER },
    { kind: 'write-file', path: `${FOLDER}/holdfast.relabel`, text },
  ]
}
