import { existsSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { factsFile } from './desk.ts'
import { behaviour, callBoth } from './executables.ts'
import { callUntouched } from './untouched.ts'

const test = behaviour('environment and streams')

const facts = factsFile('live-root')
const argv = ['boot', '--dry-run', '--facts', facts]
const expected = callBoth({ argv })
const LIBRARY = '/lib/x86_64-linux-gnu/libm.so.6'

for (const env of [
  { PATH: '' },
  { PATH: '/nosuch' },
  { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', LANGUAGE: 'tr' },
  { TZ: '/nosuch', HOME: '/nosuch', TERM: 'dumb', COLUMNS: '1' },
  { FORCE_COLOR: '3', CLICOLOR_FORCE: '1' },
  { NODE_OPTIONS: '--require=/nosuch --inspect-brk' },
  { NODE_DEBUG: 'fs,module', NODE_PENDING_DEPRECATION: '1', NODE_CHANNEL_FD: '1' },
  // The name that an earlier build gave to NODE_OPTIONS.
  { HOLDFAST_OPT: '--require=/nosuch', NODE_REDIRECT_WARNINGS: 'warnings' },
  { NODE_V8_COVERAGE: 'coverage', NODE_COMPILE_CACHE: 'cache', NODE_CHANNEL_FD: '0' },
  { NODE_DEBUG_NATIVE: 'CODE_CACHE', NODE_DISABLE_COMPILE_CACHE: '1', UV_USE_IO_URING: '1' },
  { NODE_EXTRA_CA_CERTS: '/nosuch', OPENSSL_CONF: '/nosuch', NODE_ICU_DATA: '/nosuch' },
  { OPENSSL_ENGINES: '/nosuch', OPENSSL_MODULES: '/nosuch', OPENSSL_CONF_INCLUDE: '/nosuch' },
  { PKG_EXECPATH: 'PKG_INVOKE_NODEJS', NODE_PATH: '/nosuch' },
  { DRACUT_SYSTEMD: '1', NEWROOT: '/nosuch', hookdir: '/nosuch' },
  { 'a=b': '', '': 'x', NO_EQUALS: '\u{1f4be}' },
] as Record<string, string>[]) {
  test(`${Object.keys(env).join(', ')}: nothing changes`, () => {
    assert.equal(callUntouched({ argv, env }), expected)
  })
}

if (existsSync(LIBRARY)) {
  test('LD_PRELOAD changes nothing', () => {
    assert.equal(callUntouched({ argv, env: { LD_PRELOAD: LIBRARY } }), expected)
  })
}

test('a command line in Turkish capitals means the same in every locale', () => {
  const cmdline = 'root=live:LABEL=\u0130I\u0131i rd.live.overlay=UUID=IiIi:/\u0130'
  const call = { argv: ['explain', '--cmdline', cmdline] }
  assert.equal(callBoth({ ...call, env: { LC_ALL: 'tr_TR.UTF-8' } }), callBoth(call))
})

for (const shell of ['>&-', '> /dev/full', '>&- 2>&- <&-', '> /dev/null 2> /dev/full']) {
  test(`a stream that takes nothing (${shell}) does not change the exit status`, () => {
    for (const [command, status] of [
      [argv, 0],
      [['explain', '--cmdline', 'rd.holdfast.onfail=x'], 2],
      [['create', '/dev/nosuch:/x'], 3],
    ] as const) {
      const outcome = callUntouched({ argv: command, shell })
      assert.is(outcome.stdout, '')
      assert.is(outcome.status, status)
    }
  })
}

test('a reader that goes away is no error', () => {
  const { status, stdout } = callUntouched({ argv: ['explain', '--cmdline', ''], shell: '| true' })
  assert.equal([status, stdout], [0, ''])
})

test('standard input is not read', () => {
  assert.equal(callUntouched({ argv, input: 'y\n'.repeat(1000) }), expected)
})

test('a folder that is gone is no hindrance', () => {
  const gone = 'cd "$(mktemp -d)" && rmdir "$PWD" && exec "$0" "$@"'
  const env = { PATH: '/usr/bin:/bin' }
  assert.equal(callBoth({ argv, env, script: gone }), expected)
})

test.run()
