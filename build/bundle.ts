import { readFileSync } from 'node:fs'
import { type BuildOptions, buildSync } from 'esbuild'
import { projectFolder } from './paths.ts'

/** Bundles src/entry-node.ts with all it imports into one file. */
export function bundleForNode(outfile: string): void {
  const entryPoints = ['src/entry-node.ts']
  build({ entryPoints, outfile, platform: 'node', format: 'cjs', target: 'node22' })
}

/** The modules of the static executable, in the order in which it reads them. */
export const QUICKJS_MODULES = ['shared', 'boot', 'rest'] as const

/** Bundles both halves of the static executable: boot.js and rest.js, and in shared.js what both use. */
export function bundleForQuickJs(outdir: string): void {
  build({
    entryPoints: { boot: 'src/entry-quickjs-boot.ts', rest: 'src/entry-quickjs.ts' },
    outdir,
    splitting: true,
    chunkNames: 'shared',
    platform: 'neutral',
    format: 'esm',
    target: 'es2022',
    external: ['qjs:*'],
  })
}

function build(options: BuildOptions): void {
  const { version } = JSON.parse(readFileSync(`${projectFolder}/package.json`, 'utf8'))
  buildSync({
    absWorkingDir: projectFolder,
    bundle: true,
    ...options,
    mainFields: ['module', 'main'],
    conditions: ['import'],
    // yargs is entered below its Node surface, see src/yargs/platform.ts.
    alias: {
      'yargs/build': './node_modules/yargs/build',
      'cliui/build': './node_modules/cliui/build',
    },
    define: { HOLDFAST_VERSION: JSON.stringify(version) },
    // Names stay as they are: a bug report with them can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
  })
}
