import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as assert from 'uvu/assert'
import { projectFolder } from '../../build/paths.ts'
import { behaviour } from './executables.ts'

const test = behaviour('make install')

// Relative to DESTDIR; where dracut is installed its own folder is asked for, and that is below /usr/lib too.
const INSTALLED = [
  'usr/lib/dracut/dracut.conf.d/50-holdfast.conf',
  'usr/lib/dracut/modules.d/50holdfast/module-setup.sh',
  'usr/lib/dracut/modules.d/50holdfast/mount-live-root.sh',
  'usr/lib/dracut/modules.d/50holdfast/parse-live-root.sh',
  'usr/lib/dracut/modules.d/50holdfast/set-up-store.sh',
  'usr/lib/dracut/modules.d/50holdfast/take-down.sh',
  'usr/lib/systemd/system/holdfast-monitor.service',
  'usr/sbin/holdfast',
  'usr/share/bash-completion/completions/holdfast',
  'usr/share/man/man7/holdfast.cmdline.7',
  'usr/share/man/man8/holdfast.8',
  'usr/share/zsh/site-functions/_holdfast',
]

test('installs what it says below DESTDIR, and uninstall leaves nothing', () => {
  const folder = mkdtempSync(`${tmpdir()}/install-`)
  try {
    make('install', folder)
    assert.equal(filesBelow(folder), INSTALLED)
    assert.is(statSync(`${folder}/usr/sbin/holdfast`).mode & 0o777, 0o755)
    const wanted = `${folder}/usr/lib/systemd/system/sysinit.target.wants/holdfast-monitor.service`
    assert.match(readFileSync(wanted, 'utf8'), /^ExecStart=\/usr\/sbin\/holdfast monitor$/m)
    make('uninstall', folder)
    assert.equal(filesBelow(folder), [])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** The executables are there: make is not to build them here. */
function make(target: string, folder: string): void {
  const built = ['dist/holdfast', 'dist/holdfast-node'].flatMap((file) => ['-o', file])
  const { MAKEFLAGS: _, ...env } = process.env
  const argv = ['-s', '-C', projectFolder, target, `DESTDIR=${folder}`, ...built]
  const { status, stderr } = spawnSync('make', argv, { encoding: 'utf8', env })
  assert.is(status, 0, stderr)
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(folder.length + 1))
    .sort()
}

test.run()
