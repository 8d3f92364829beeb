/** Where the copy lies while it is worked on. */
export function copyPath(storePath: string): string {
  return `${storePath}.recovery`
}

/** Where the store lies, as it was, when the cured one has its place. */
export function oldPath(storePath: string): string {
  return `${storePath}.before-recovery`
}
