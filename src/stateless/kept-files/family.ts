/** Programs write these together: one that is kept without another no longer fits it after a boot. */
const FAMILY = ['passwd', 'shadow', 'group', 'gshadow'].map((name) => `/etc/${name}`)

/** A remark when some of the files that hold the accounts are kept and others, which are there, are not. */
export function familyRemark(
  isKept: (path: string) => boolean,
  isThere: (path: string) => boolean,
): string | undefined {
  const kept = FAMILY.filter(isKept)
  const missing = FAMILY.filter((path) => !isKept(path) && isThere(path))
  if (kept.length === 0 || missing.length === 0) return undefined
  const names = (paths: readonly string[]) => paths.join(', ')
  return `${names(kept)} kept, ${names(missing)} not: what is done to accounts will not fit together after a boot`
}
