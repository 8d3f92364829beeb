import { cliui } from 'cliui/build/lib/index.js'
import { YargsFactory } from 'yargs/build/lib/yargs-factory.js'
import Parser from 'yargs-parser/browser'
import { stringWidth, wrapText } from './column-layout.ts'
import { translation } from './translation.ts'

const absent = (what: string) => () => {
  throw new Error(`yargs asked for ${what}, which holdfast does not give it`)
}

/** A path's last part; yargs makes no other use of paths when it is given the program's name. */
const basename = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/**
 * yargs on any engine: everything that it would take from Node, given here, so that both executables
 * parse and print the same. It reads no file, no environment and no locale, and never exits.
 */
export const makeYargs = YargsFactory({
  assert: { notStrictEqual: () => {}, strictEqual: () => {} },
  cliui: (options: object) =>
    cliui(options, { stringWidth, stripAnsi: (text: string) => text, wrap: wrapText }),
  findUp: () => undefined,
  getCallerFile: absent('the calling file'),
  getEnv: () => undefined,
  getProcessArgvBin: () => 'holdfast',
  inspect: (value: unknown) => JSON.stringify(value),
  mainFilename: 'holdfast',
  Parser,
  path: {
    basename,
    dirname: absent('dirname'),
    extname: absent('extname'),
    join: absent('join'),
    relative: (_from: string, to: string) => to,
    resolve: (path: string) => path,
  },
  process: {
    argv: () => ['holdfast'],
    cwd: () => '/',
    emitWarning: absent('a warning'),
    execPath: () => 'holdfast',
    exit: absent('an exit'),
    nextTick: absent('a later turn'),
    stdColumns: null,
  },
  readFileSync: absent('a file'),
  readdirSync: absent('a folder'),
  require: absent('a module'),
  requireDirectory: absent('a folder of commands'),
  stringWidth,
  y18n: translation,
})
