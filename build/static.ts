/** Makes dist/holdfast: the program as QuickJS bytecode, linked statically with the engine. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { bundleForQuickJs, QUICKJS_MODULES } from './bundle.ts'
import { engine } from './engine.ts'
import { distFolder } from './paths.ts'
import { run } from './run.ts'

const MAX_BYTES = 1_000_000
/** What it adds to an initramfs, as dracut compresses one at its best. */
const MAX_COMPRESSED_BYTES = 500_000

const from = engine()
const work = mkdtempSync(`${tmpdir()}/holdfast-`)
try {
  bundleForQuickJs(work)
  const modules = QUICKJS_MODULES.map((name) => `${name}.js`)
  // -s: a bug is told with the names of functions, and without their lines, which are a quarter of the bytecode.
  const options = ['-c', '-m', '-s', '-p', 'code_', '-M', 'qjs:machine,machine', '-o', 'code.c']
  run(`${from}/qjsc`, [...options, ...modules], { cwd: work })
  const link = ['-Os', '-static', '-s', '-Wl,--gc-sections', '-o', 'holdfast']
  run('musl-gcc', [...link, `${from}/engine.o`, 'code.c', '-lm'], { cwd: work })
  run('strip', ['-s', '-R', '.comment', '-R', '.note.ABI-tag', 'holdfast'], { cwd: work })
  check(`${work}/holdfast`)
  mkdirSync(distFolder, { recursive: true })
  run('cp', [`${work}/holdfast`, `${distFolder}/holdfast.new`])
  renameSync(`${distFolder}/holdfast.new`, `${distFolder}/holdfast`)
} finally {
  rmSync(work, { recursive: true })
}

function check(executable: string): void {
  const { size } = statSync(executable)
  const compressed = Number(run('sh', ['-c', `zstd -19 -q -c '${executable}' | wc -c`]))
  console.log(`dist/holdfast: ${size} bytes, ${compressed} compressed`)
  if (size > MAX_BYTES || compressed > MAX_COMPRESSED_BYTES) {
    throw new Error(`dist/holdfast may have ${MAX_BYTES} bytes, ${MAX_COMPRESSED_BYTES} compressed`)
  }
  if (/INTERP|DYNAMIC/.test(run('readelf', ['--program-headers', '--wide', executable]))) {
    throw new Error('dist/holdfast is not static: an initramfs need not have what it would load')
  }
  run(executable, ['--version'])
}
