/** Files of yargs that its package does not export; build/bundle.ts says where they lie. */
declare module 'yargs/build/lib/yargs-factory.js' {
  export function YargsFactory(platform: object): () => import('yargs').Argv
}

declare module 'cliui/build/lib/index.js' {
  export function cliui(options: object, text: object): object
}

declare module 'yargs-parser/browser' {
  const parser: object
  export default parser
}
