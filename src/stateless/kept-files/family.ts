/** Programs write these together: one that is kept without another no longer fits it after a boot. */
const FAMILY = ['passwd', 'shadow', 'group', 'gshadow']

/**
 * A remark when some of the files that hold the accounts are kept and others are not; undefined otherwise. `isThere`
 * tells whether the root has a file.
 */
export function familyRemark(
  kept: readonly string[],
  isThere: (path: string) => boolean,
): string | undefined {
  const all = FAMILY.map((name) => `/etc/${name}`)
  const listed = all.filter((path) => kept.includes(path))
  const missing = all.filter((path) => !kept.includes(path) && isThere(path))
  if (listed.length === 0 || missing.length === 0) return undefined
  return `${listed.join(', ')} kept and ${missing.join(', ')} not: accounts that are added or changed will not fit after a boot`
}
