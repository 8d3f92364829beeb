import type { Config } from '../cmdline/config.ts'
import type { Superblock } from '../formats/superblock.ts'

/**
 * The store's path when none is given: /<live dir>/overlay-<LABEL>-<UUID> of the medium, as stock dracut has it
 * (either may be empty); of the root's own file system where there is no medium.
 */
export function autoStorePath(config: Config, medium: Superblock | undefined): string {
  const directory = config.root.kind === 'live' ? config.root.directory : 'LiveOS'
  const label = (medium?.label ?? '').replaceAll('/', '_')
  return `/${directory}/overlay-${label}-${medium?.uuid ?? ''}`
}
