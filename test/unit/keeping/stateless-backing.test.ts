import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { KeepingFacts } from '../../../src/keeping/backing.ts'
import { findRamLayers } from '../../../src/keeping/ram-layers.ts'
import { disk } from '../facts-of.ts'
import { place, running, say } from './keeping-of.ts'

const test = suite('which and lost: what rwtab and statetab list')

const MOUNTS = [
  '10 0 8:0 / / ro - ext4 /dev/sda ro',
  '11 10 0:2 / /run rw - tmpfs tmpfs rw',
  '12 11 8:16 / /run/initramfs/holdfast-state rw - ext4 /dev/sdb rw',
  '14 10 8:16 /srv/dir /srv/dir rw - ext4 /dev/sdb rw',
  '15 10 8:16 /.holdfast-dropped/1 /srv/old rw - ext4 /dev/sdb rw',
]
const IN_RAM = [
  '13 11 0:50 / /run/initramfs/holdfast-scratch rw - tmpfs holdfast-scratch rw',
  '16 10 0:50 /var/log /var/log rw - tmpfs holdfast-scratch rw',
]
const ON_DEVICE = IN_RAM.map((line) =>
  line.replace('0:50', '8:32').replace('tmpfs holdfast-scratch', 'ext4 /dev/sdc'),
)

function stateless(scratch: readonly string[]): KeepingFacts {
  const devices = [
    disk('sda', '8:0', 'ext4'),
    disk('sdb', '8:16', 'ext4'),
    disk('sdc', '8:32', 'ext4'),
  ]
  const made = running(devices, [...MOUNTS, ...scratch])
  const listed = new Map([
    ['/srv/dir', 'files:2'],
    ['/var/log', '/etc/rwtab:3'],
  ])
  return { ...made, listed }
}

test('what statetab lists is kept, and the words say on which device and where it is listed', () => {
  assert.is(
    say(stateless(IN_RAM), place('/srv/dir/x')),
    'kept: on /dev/sdb, with /srv/dir (files:2)',
  )
})

test('what rwtab lists is lost, on a tmpfs and on a device', () => {
  assert.is(say(stateless(IN_RAM), '/var/log/x'), 'lost: tmpfs at /var/log (/etc/rwtab:3)')
  assert.is(
    say(stateless(ON_DEVICE), '/var/log/x'),
    'lost: scratch at /var/log, which every boot begins empty (/etc/rwtab:3)',
  )
})

test('what was unpersisted is lost, although it still lies on the state device', () => {
  assert.is(
    say(stateless(IN_RAM), '/srv/old/x'),
    "lost: /srv/old was unpersisted: the next boot shows the image's own",
  )
})

test('lost walks scratch at the paths that show it, in RAM and on a device', () => {
  for (const scratch of [IN_RAM, ON_DEVICE]) {
    const { layers } = findRamLayers(stateless(scratch), false)
    assert.equal(
      layers.map(({ kind, name }) => `${kind} ${name}`),
      ['copies /srv/old', 'copies /var/log'],
    )
  }
})

const FILES = [
  '17 10 0:60 / /etc rw - overlay holdfast-files rw,lowerdir=/l,upperdir=/run/initramfs/holdfast-state/.holdfast/upper/etc,workdir=/w',
]

test('of a folder with kept files the listed ones are kept, and nothing beside them', () => {
  const made = stateless([...IN_RAM, ...FILES])
  const listed = new Map([
    ['/etc/passwd', 'files:1'],
    ['/etc/app', 'files:2'],
    ['/etc/late', 'files:3'],
  ])
  const isCarried = (path: string) => /^\/etc\/(passwd|old|app(\/.*)?)$/.test(path)
  const all = { ...made, listed, isCarried }
  assert.is(say(all, '/etc/passwd'), 'kept: on /dev/sdb (files:1)')
  assert.is(say(all, '/etc/app/conf'), 'kept: on /dev/sdb (files:2)')
  // Not listed any more; and listed, but by somebody who has not told holdfast.
  assert.match(say(all, '/etc/old'), /^lost: it is not listed:/)
  assert.is(
    say(all, '/etc/late'),
    'lost: it is listed (files:3), but the boot has not taken it up: the next one shows what it had before',
  )
  const words = 'lost: it is not listed: the next boot shows what it had before'
  assert.is(say(all, '/etc/hosts'), words)
  const missing = {
    ...place('/etc/new'),
    nearest: '/etc',
    kind: undefined,
    code: 'ENOENT',
  } as const
  assert.is(say(all, missing), `${words}; not there yet: /etc decides`)
  const { layers, apart } = findRamLayers(all, false)
  const upper = '/run/initramfs/holdfast-state/.holdfast/upper/etc'
  assert.equal(
    layers.filter(({ name }) => name === '/etc').map(({ kind, folder }) => [kind, folder]),
    [['upper', upper]],
  )
  assert.ok(apart.has(`${upper}/passwd`) && apart.has(`${upper}/app`))
  assert.not(apart.has(`${upper}/late`))
  const hidden = { ...all, isCarried: () => undefined }
  assert.is(
    say(hidden, '/etc/passwd'),
    'unclear: it is listed (files:1): only root can see whether it is kept',
  )
  assert.is(say(hidden, '/etc/hosts'), words)
})

test.run()
