/** Of the 2 MiB that the kernel takes for arguments and environment (execve(2)), less than a quarter, at three bytes a unit. */
const BATCH_UNITS = 150_000

/** The paths in their order, in as few lists as fit each on one command line. */
export function inBatches(paths: readonly string[]): string[][] {
  const batches: string[][] = []
  let units = 0
  for (const path of paths) {
    const last = batches.at(-1)
    units += path.length + 1
    if (last !== undefined && units <= BATCH_UNITS) {
      last.push(path)
      continue
    }
    batches.push([path])
    units = path.length + 1
  }
  return batches
}
