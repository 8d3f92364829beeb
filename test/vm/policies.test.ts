import * as assert from 'uvu/assert'
import { persistenceDisk } from './image/disk.ts'
import { bootLive, pick, tryLive } from './live-boot.ts'
import { assertScriptSucceeded, scenarios } from './scenario.ts'

// Persistence was asked for and its device is not there, or comes late.
const policies = scenarios('policies')

const MISSING = 'rd.live.overlay=LABEL=NOWHERE:/persist-hda.img rd.holdfast.timeout=2'
const WHY = 'LABEL=NOWHERE did not appear within 2 s (rd.holdfast.timeout=)'

policies('28: temporary is the default: console, record and motd say why', async () => {
  const outcome = await bootLive({
    cmdline: MISSING,
    script: `
      cat /run/motd.d/holdfast
      holdfast status
      echo "status=$?"
      echo kept > /etc/kept && echo written=yes`,
  })
  assert.equal(pick(outcome, 'mode', 'why', 'status', 'written'), {
    mode: 'temporary',
    why: WHY,
    status: '4',
    written: 'yes',
  })
  assert.match(outcome.log, `holdfast: TEMPORARY: changes are lost at shutdown: ${WHY}`)
  assert.match(outcome.report.text, 'holdfast: TEMPORARY: changes are lost at shutdown')
})

policies('readonly: the base is back in its place and cannot be written to', async () => {
  const outcome = await bootLive({
    cmdline: `${MISSING} rd.holdfast.onfail=readonly`,
    script: `
      echo "source=$(sed -n 's/^\\([^ ]*\\) \\/ .*/\\1/p' /proc/mounts)"
      echo x > /etc/written || echo refused=yes`,
  })
  assert.equal(pick(outcome, 'mode', 'why', 'source', 'refused'), {
    mode: 'readonly',
    why: WHY,
    source: '/dev/mapper/live-base',
    refused: 'yes',
  })
})

policies('shell: an emergency shell, and after it another try and the boot goes on', async () => {
  const outcome = await tryLive({
    cmdline: `${MISSING} rd.holdfast.onfail=shell rd.shell=1 rd.emergency=`,
    typed: [
      { when: /holdfast:.# $/, keys: 'holdfast boot --dry-run; echo $? > /run/status\nexit\n' },
    ],
    // On the console the kernel may speak in between.
    script: 'echo "status=$(cat /run/status)"',
  })
  assertScriptSucceeded(outcome)
  assert.match(outcome.log, `holdfast: ${WHY}`)
  assert.match(outcome.log, 'dry run: changed nothing')
  assert.equal(pick(outcome, 'mode', 'why', 'status'), { mode: 'readonly', why: WHY, status: '4' })
})

for (const how of ['reboot', 'poweroff'] as const) {
  policies(`${how}: at once, without a prompt`, async () => {
    const outcome = await tryLive({ cmdline: `${MISSING} rd.holdfast.onfail=${how}` })
    assert.is(outcome.exit, how)
    assert.is(outcome.report.exitStatus, undefined)
    assert.match(outcome.log, 'dry run: changed nothing')
    assert.match(outcome.log, WHY)
  })
}

policies('a device that comes late is waited for', async () => {
  const disk = await persistenceDisk({ label: 'LATE' })
  const outcome = await bootLive({
    cmdline: 'rd.live.overlay=LABEL=LATE:/persist-hda.img rd.holdfast.timeout=60',
    disks: [{ file: disk, attachWhen: /waiting up to 60 s for LABEL=LATE/ }],
  })
  assert.equal(pick(outcome, 'mode', 'why'), { mode: 'persistent', why: '' })
  assertScriptSucceeded(outcome)
})

policies.run()
