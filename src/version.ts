/** Put in by build/bundle.ts, from package.json. */
declare const HOLDFAST_VERSION: string | undefined

export const version = typeof HOLDFAST_VERSION === 'string' ? HOLDFAST_VERSION : 'unbundled'
