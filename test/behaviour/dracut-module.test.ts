import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { projectFolder } from '../../build/paths.ts'

const test = suite("dracut's module")

/** As dracut calls it. What a module needs is a program here: it can be had if that is there. */
const DRACUT = `
find_binary() { [[ " $HAS " == *" $1 "* ]]; }
check_module() { [[ " $add_dracutmodules " == *" $1 "* ]] && find_binary "$1"; }
dwarn() { echo "$*" >&2; }
add_dracutmodules=holdfast
. "$1"
depends`

const ALWAYS = 'base dm fs-lib rootfs-block shutdown udev-rules'

/** Of these files below /etc: the modules beside those that it always needs, and what is said. */
function depends(files: Readonly<Record<string, string>>, has = 'lvm nfs') {
  const root = mkdtempSync(`${tmpdir()}/sysroot-`)
  try {
    mkdirSync(`${root}/etc/sysconfig`, { recursive: true })
    for (const [name, text] of Object.entries(files)) writeFileSync(`${root}/etc/${name}`, text)
    const script = `${projectFolder}/dracut-module/50holdfast/module-setup.sh`
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', DRACUT, 'bash', script], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HAS: has, dracutsysrootdir: root },
    })
    assert.match(stdout, ALWAYS)
    return { more: stdout.replace(ALWAYS, '').trim(), said: stderr }
  } finally {
    rmSync(root, { recursive: true })
  }
}

const SETTINGS = 'sysconfig/readonly-root'

test('without readonly-root nothing more is needed', () => {
  assert.equal(depends({}), { more: '', said: '' })
  assert.equal(depends({ fstab: 'srv:/home /home nfs ro 0 0\n' }), { more: '', said: '' })
})

test('23: CLIENTSTATE brings NFS, and with it the network', () => {
  for (const line of [
    'CLIENTSTATE=srv:/exp',
    'CLIENTSTATE="srv:/exp"',
    " CLIENTSTATE='srv:/exp'",
  ]) {
    assert.equal(depends({ [SETTINGS]: `READONLY=yes\n${line}\n` }), { more: 'lvm nfs', said: '' })
  }
})

test('a CLIENTSTATE that is empty or a comment brings nothing', () => {
  for (const line of [
    'CLIENTSTATE=',
    'CLIENTSTATE=""',
    'CLIENTSTATE= # none',
    '#CLIENTSTATE=x:/y',
  ]) {
    assert.equal(depends({ [SETTINGS]: `READONLY=yes\n${line}\n` }), { more: 'lvm', said: '' })
  }
})

test('state that fstab has on a server brings NFS, under the stock name too; others on servers do not', () => {
  const settings = { [SETTINGS]: 'READONLY=yes\nSTATE_MOUNT=/config\n' }
  const more = (fstab: string) => depends({ ...settings, fstab }).more
  assert.is(more('/dev/sda1 / ext4 ro 0 0\nsrv:/config\t/config nfs4 rw 0 0\n'), 'lvm nfs')
  assert.is(more('srv:/s /var/lib/stateless/state nfs rw 0 0\n'), 'lvm nfs')
  assert.is(more('#srv:/config /config nfs rw 0 0\n/dev/sdb /config ext4 rw 0 0\n'), 'lvm')
  assert.is(more('srv:/home /home nfs rw 0 0\n'), 'lvm')
})

test('where NFS cannot be had it is said, and holdfast is in the initramfs all the same', () => {
  const { more, said } = depends({ [SETTINGS]: 'CLIENTSTATE=srv:/exp\n' }, 'lvm')
  assert.is(more, 'lvm')
  assert.match(said, "dracut's module nfs cannot be had")
})

test.run()
