import { readFileSync } from 'node:fs'
import { type BuildOptions, buildSync } from 'esbuild'
import { projectFolder } from './paths.ts'

/** Bundles src/entry-<engine>.ts with all it imports into one file, for the static executable or for Node. */
export function bundle(engine: 'quickjs' | 'node', outfile: string): void {
  const { version } = JSON.parse(readFileSync(`${projectFolder}/package.json`, 'utf8'))
  const engineOptions: BuildOptions =
    engine === 'node'
      ? { platform: 'node', format: 'cjs', target: 'node22' }
      : { platform: 'neutral', format: 'esm', target: 'es2022', external: ['qjs:*'] }
  buildSync({
    absWorkingDir: projectFolder,
    entryPoints: [`src/entry-${engine}.ts`],
    outfile,
    bundle: true,
    ...engineOptions,
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
