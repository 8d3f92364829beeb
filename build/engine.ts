import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { cached, keyOf, sha256 } from './cache.ts'
import { downloadSource } from './debian-source.ts'
import { engineFolder } from './paths.ts'
import { run } from './run.ts'

/** Bellard's QuickJS, the source package of Debian 13; Debian's patches touch only its build system. */
const SUITE = 'trixie'
const PACKAGE = 'quickjs'
const VERSION = '2025.04.26'
const ARCHIVE = `${PACKAGE}_${VERSION}.orig.tar.xz`
const ARCHIVE_SHA256 = 'ec81da5b3249ed648dbc7df4a1654988910e66a118d9b71cb63534216efcfbbe'

const ENGINE_SOURCES = ['quickjs', 'libregexp', 'libunicode', 'dtoa', 'cutils']
const DEFINES = ['-D_GNU_SOURCE', `-DCONFIG_VERSION="${VERSION.replaceAll('.', '-')}"`]

/** musl-gcc leaves out the kernel's headers, which lie among the system's own. */
const KERNEL_HEADERS = ['-idirafter', '/usr/include', '-idirafter', '/usr/include/x86_64-linux-gnu']
const OPTIMISE = [
  '-Os',
  '-flto=auto',
  '-fno-plt',
  '-fno-asynchronous-unwind-tables',
  '-ffunction-sections',
  '-fdata-sections',
]
const OWN_WARNINGS = ['-Wall', '-Wextra', '-Wno-unused-parameter', '-Wno-unused-result']

/** A folder with engine.o (QuickJS and build/engine, optimised together) and qjsc, its bytecode compiler. */
export function engine(): string {
  const own = readdirSync(engineFolder).sort()
  const contents = own.map((name) => readFileSync(`${engineFolder}/${name}`))
  const recipe = readFileSync(new URL(import.meta.url))
  const compiler = run('musl-gcc', ['--version'])
  const key = keyOf([recipe, compiler, ...own, ...contents])
  return cached('engine', key, (folder) => compile(source(), folder))
}

function source(): string {
  const folder = cached(PACKAGE, ARCHIVE_SHA256.slice(0, 16), (unfinished) => {
    downloadSource(SUITE, PACKAGE, unfinished)
    const found = sha256(`${unfinished}/${ARCHIVE}`)
    if (found !== ARCHIVE_SHA256) {
      throw new Error(`${ARCHIVE} has sha256 ${found}, not ${ARCHIVE_SHA256}: the archive changed`)
    }
    mkdirSync(`${unfinished}/source`)
    const into = ['--strip-components=1', `--directory=${unfinished}/source`]
    rmSync(`${unfinished}/apt`, { recursive: true })
    run('tar', ['--extract', `--file=${unfinished}/${ARCHIVE}`, ...into])
  })
  return `${folder}/source`
}

function compile(from: string, folder: string): void {
  const files = (names: readonly string[]) => names.map((name) => `${from}/${name}.c`)
  run('gcc', [
    ...['-O1', '-w', ...DEFINES, `-I${from}`, '-o', `${folder}/qjsc`],
    ...files(['qjsc', 'quickjs-libc', ...ENGINE_SOURCES]),
    ...['-lm', '-lpthread', '-ldl'],
  ])
  const flags = [...KERNEL_HEADERS, ...OPTIMISE, ...DEFINES, '-isystem', from, '-c']
  const own = readdirSync(engineFolder).filter((name) => name.endsWith('.c'))
  const paths = own.map((name) => `${engineFolder}/${name}`)
  run('musl-gcc', [...flags, ...OWN_WARNINGS, ...paths], { cwd: folder })
  run('musl-gcc', [...flags, '-w', ...files(ENGINE_SOURCES)], { cwd: folder })
  const objects = readdirSync(folder).filter((name) => name.endsWith('.o'))
  // One object now, so that a changed program is only linked to it: a second instead of twenty.
  const join = ['-r', '-nostdlib', '-flinker-output=nolto-rel', '-fwhole-program', '-w']
  run('musl-gcc', [...OPTIMISE, ...join, '-o', 'engine.o', ...objects], { cwd: folder })
}
