import type { Mount } from '../formats/mount-table.ts'

/** The folders that an overlay writes to, as whoever mounted it named them; undefined for one that only shows its layers. */
export function findUpperLayer({
  superOptions,
}: Mount): { readonly upper: string; readonly work: string | undefined } | undefined {
  const upper = findFolder(superOptions, 'upperdir=')
  if (upper === undefined) return undefined
  return { upper, work: findFolder(superOptions, 'workdir=') }
}

/** The kernel shows the folder as it was typed: a comma, colon or backslash has a backslash before it (ovl_unescape). */
function findFolder(options: readonly string[], name: string): string | undefined {
  const option = options.find((each) => each.startsWith(name))
  return option?.slice(name.length).replace(/\\(.)/g, '$1')
}
