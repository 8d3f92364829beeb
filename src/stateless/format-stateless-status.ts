import { countPaths, type ListedPath, type StatelessOutcome } from './stateless-outcome.ts'

/** The listed paths as rows of the status. */
export function statelessRows(
  { scratch, volatile, state, kept, why, hint }: StatelessOutcome,
  detached: readonly ListedPath[],
): [key: string, text: string | undefined][] {
  const gone = detached.map(({ path, origin }) => `${path} (${origin})`).join(', ')
  return [
    ['scratch', scratch && `${countPaths(volatile)} in ${scratch}, lost at shutdown`],
    ['state', state === undefined ? 'none' : `${countPaths(kept)} kept on ${state}`],
    ...(why?.split('\n') ?? []).map((line): [string, string] => ['missing', line]),
    ['detached', gone === '' ? undefined : `${gone}: no mount is there any more`],
    ['try', hint],
  ]
}

/** The first line of the status of a root without a store. */
export function statelessHeadline({ rootReadOnly, volatile, kept }: StatelessOutcome): string {
  const paths = countPaths([...volatile, ...kept])
  return rootReadOnly
    ? `nothing can be written to the root, but for ${paths}`
    : `the root is as it was mounted, but for ${paths}`
}

/** As JSON, with stable keys. */
export function jsonStateless(
  outcome: StatelessOutcome,
  detached: readonly ListedPath[],
): Record<string, unknown> {
  return { ...outcome, detached: detached.map(({ path }) => path) }
}
