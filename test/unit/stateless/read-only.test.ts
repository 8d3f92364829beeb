import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseMountInfo } from '../../../src/formats/mount-table.ts'
import { planReadOnlyRoot, planReadOnlyView } from '../../../src/stateless/plan-read-only.ts'
import { lines, stepsOf } from '../script-of.ts'

const test = suite('a root that stays read-only')

const rootSteps = (line: string) => stepsOf(parseMountInfo(line).flatMap(planReadOnlyRoot))

test('a writable root becomes read-only; a folder that is the root without the rest of its file system', () => {
  assert.is(rootSteps('1 0 8:1 / /sysroot ro - ext4 /dev/sda1 rw'), '')
  assert.is(rootSteps('1 0 8:1 / /sysroot rw - ext4 /dev/sda1 ro'), '')
  assert.is(
    rootSteps('1 0 8:1 / /sysroot rw - ext4 /dev/sda1 rw'),
    'mount -o remount,ro /sysroot\n',
  )
  assert.is(
    rootSteps('1 0 8:1 /sub /sysroot rw - btrfs /dev/sda1 rw'),
    'mount -o remount,bind,ro /sysroot\n',
  )
})

const DROP_IN = '/run/systemd/system/systemd-remount-fs.service.d'
const dropIn = (more = '') =>
  lines(
    `mkdir -p ${DROP_IN}`,
    `printf %s '[Service]\nEnvironment=SYSTEMD_REMOUNT_ROOT_RW=0\n${more}' > ${DROP_IN}/holdfast.conf`,
  )
const VIEW = "'/dev/a / ext4 ro'"
const steps = (lies: 'image' | 'scratch' | 'state', fstab = '/dev/a / ext4 rw') =>
  stepsOf(planReadOnlyView(fstab, { at: '/sysroot/etc/fstab', lies }))

test('an fstab that says ro needs no view', () => {
  for (const lies of ['image', 'scratch', 'state'] as const) {
    assert.is(steps(lies, '/dev/a / ext4 ro'), dropIn())
    assert.is(steps(lies, ''), dropIn())
  }
})

test('in the image a copy is seen in its place, on scratch it is changed itself', () => {
  assert.is(
    steps('image'),
    lines(
      'mkdir -p /run/holdfast',
      `printf %s ${VIEW} > /run/holdfast/fstab`,
      'mount --bind --make-private /run/holdfast/fstab /sysroot/etc/fstab',
    ) + dropIn(),
  )
  assert.is(steps('scratch'), `printf %s ${VIEW} > /sysroot/etc/fstab\n${dropIn()}`)
})

test('one that is kept is left as it is, and only who would remount the root reads a copy', () => {
  assert.is(
    steps('state'),
    lines('mkdir -p /run/holdfast', `printf %s ${VIEW} > /run/holdfast/fstab`) +
      dropIn('Environment=LIBMOUNT_FSTAB=/run/holdfast/fstab\n'),
  )
})

test.run()
