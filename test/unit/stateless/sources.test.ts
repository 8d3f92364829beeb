import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError } from '../../../src/errors.ts'
import { parseFstab } from '../../../src/formats/fstab.ts'
import { parseMountInfo } from '../../../src/formats/mount-table.ts'
import type { BlockDevice, Facts } from '../../../src/machine/facts.ts'
import type { Step } from '../../../src/plan/step.ts'
import { parseLocalAddresses } from '../../../src/stateless/local-addresses.ts'
import {
  planScratchInRam,
  planScratchMount,
  planStateMount,
} from '../../../src/stateless/plan-backing.ts'
import {
  type FoundSource,
  probeHostName,
  probeMounted,
  probeSources,
} from '../../../src/stateless/probe-sources.ts'
import { parseSettings } from '../../../src/stateless/settings.ts'
import { scratchSources, stateSources } from '../../../src/stateless/sources.ts'
import { disk, factsOf } from '../facts-of.ts'
import { mapSystem } from '../map-system.ts'
import { lines, stepsOf } from '../script-of.ts'

const test = suite('where scratch and state come from')

const S = '/run/initramfs/holdfast-scratch'
const ST = '/run/initramfs/holdfast-state'
const ROOT = '20 1 8:1 / /sysroot ro - ext4 /dev/sda1 ro'
const [ROOT_MOUNT] = parseMountInfo(ROOT)

function state(settings: string, fstab = '', hostName?: string) {
  return stateSources(parseSettings(settings, undefined), parseFstab(fstab), hostName)
}

test('state: the line of fstab, then the label, then the server', () => {
  const found = state(
    'STATE_LABEL=CONFIG\nSTATE_MOUNT=/config\nCLIENTSTATE=srv:/exp',
    '/dev/HostVG/Config /config ext4 defaults,noauto,noatime,x-systemd.automount 0 0',
    'host7',
  )
  assert.equal(
    found.map(({ kind, name, source, type, options }) => [kind, name, source, type, options]),
    [
      ['device', '/dev/HostVG/Config', '/dev/HostVG/Config', 'ext4', ['noatime']],
      ['device', 'LABEL=CONFIG', 'LABEL=CONFIG', 'auto', []],
      ['other', 'srv:/exp/host7', 'srv:/exp/host7', 'nfs', ['rw', 'nolock', 'retry=0']],
    ],
  )
})

test('a machine without a name has no folder on the server', () => {
  assert.equal(state('CLIENTSTATE=srv:/exp'), [])
})

test('STATE_OPTIONS are for the line of fstab alone', () => {
  const [listed, labelled] = state(
    'STATE_LABEL=L\nSTATE_MOUNT=/s\nSTATE_OPTIONS="-t xfs -o noexec"',
    'UUID=1 /s auto rw',
  )
  assert.equal([listed?.type, listed?.options], ['xfs', ['rw', 'noexec']])
  assert.equal([labelled?.type, labelled?.options], ['auto', []])
})

test('a label that XFS cannot hold is looked for cut off as well, on XFS alone', () => {
  const names = state('STATE_LABEL=stateless-state').map(({ name, xfsAlone }) => [name, xfsAlone])
  assert.equal(names, [
    ['LABEL=stateless-state', false],
    ['LABEL=stateless-st', true],
  ])
  const devices = (type: 'xfs' | 'ext4') => {
    const links = ['/dev/disk/by-label/stateless-st']
    return probeSources(
      mapSystem({
        blocks: { '/dev/disk/by-label/stateless-st': '8:16', '/dev/sdb': '8:16' },
        texts: {
          '/run/udev/control': '',
          '/sys/dev/block/8:16/size': '100',
          '/sys/class/block/sdb/size': '100',
          '/sys/class/block/sdb/dev': '8:16',
        },
        bytes: { '/dev/sdb': superblock(type) },
      }),
      factsOf([disk('sdb', '8:16', type, { links })]),
      state('STATE_LABEL=stateless-state'),
    ).map(({ device }) => device?.node)
  }
  assert.equal([devices('xfs'), devices('ext4')], [['/dev/sdb'], []])
})

function superblock(type: 'xfs' | 'ext4'): Uint8Array {
  const bytes = new Uint8Array(1 << 17)
  if (type === 'xfs') bytes.set([...'XFSB'].map((letter) => letter.charCodeAt(0)))
  else bytes.set([0x53, 0xef], 1024 + 56)
  return bytes
}

test('a bind mount in fstab is a folder inside the root', () => {
  const [source] = scratchSources(
    parseSettings('RW_MOUNT=/rw', undefined),
    parseFstab('/data//scratch/ /rw none bind,nosuid 0 0\nrelative /other none bind'),
  )
  assert.equal(
    [source?.kind, source?.source, source?.options],
    ['folder', '/data/scratch', ['nosuid']],
  )
  const settings = parseSettings('RW_MOUNT=/other', undefined)
  assert.equal(scratchSources(settings, parseFstab('relative /other none bind')), [])
})

const MOUNTS = [ROOT, '21 20 8:16 / /sysroot/data rw,nosuid - ext4 /dev/sdb rw']

function folder(path: string, mounts = MOUNTS): readonly FoundSource[] {
  const system = mapSystem({ texts: { '/sysroot/data/dir/x': '', '/sysroot/srv/x': '' } })
  const settings = parseSettings('RW_MOUNT=/rw', undefined)
  return probeSources(
    system,
    factsOf([], mounts),
    scratchSources(settings, parseFstab(`${path} /rw none bind`)),
  )
}

const device = (more: Partial<BlockDevice> = {}): FoundSource => {
  const [source] = state('STATE_LABEL=L')
  if (source === undefined) throw new Error('no source')
  return { source, device: disk('sdb', '8:16', 'ext4', more), folder: undefined }
}

function scratchSteps(found: FoundSource, facts: Facts, kept: readonly FoundSource[] = []): Step[] {
  if (ROOT_MOUNT === undefined) throw new Error('no root')
  return planScratchMount(found, { root: ROOT_MOUNT, mounts: facts.mounts, state: kept })
}

test('scratch on a device is mounted and wiped', () => {
  assert.is(
    stepsOf(scratchSteps(device(), factsOf([], [ROOT]))),
    lines(
      `mkdir -p ${S}`,
      `mount -t ext4 -o rw /dev/sdb ${S}`,
      `find ${S} -xdev -mindepth 1 -delete`,
    ),
  )
})

test('scratch is not taken from anything that somebody else uses', () => {
  const refusal = (
    found: FoundSource | undefined,
    mounts: string[],
    kept: readonly FoundSource[] = [],
  ) => {
    if (found === undefined) return 'nothing'
    try {
      return stepsOf(scratchSteps(found, factsOf([], mounts), kept))
    } catch (error) {
      return (error as RefusedError).message
    }
  }
  assert.match(refusal(device(), MOUNTS), 'is mounted at /sysroot/data, and would be wiped')
  assert.match(refusal(device({ holders: ['dm-0'] }), [ROOT]), 'is a part of dm-0')
  assert.match(refusal(device(), [ROOT], [device()]), 'is where state is kept')
  const [ofRoot] = folder('/srv')
  assert.match(refusal(ofRoot, MOUNTS), '/srv is a folder of the root')
  const [inside] = folder('/data/dir')
  assert.match(refusal(inside, MOUNTS), '/data/dir is no file system of its own')
  const [own] = folder('/data')
  assert.match(refusal(own, MOUNTS, folder('/data')), '/data is where state is kept')
  assert.is(
    refusal(own, MOUNTS),
    lines(
      `mkdir -p ${S}`,
      `mount --bind --make-private /sysroot/data ${S}`,
      `mount -o remount,bind,nosuid ${S}`,
      `find ${S} -xdev -mindepth 1 -delete`,
    ),
  )
})

test('two file systems in RAM are two, one server is one', () => {
  const other = (source: string, type: string): FoundSource => ({
    ...device(),
    device: undefined,
    source: { ...device().source, kind: 'other', source, type },
  })
  const facts = factsOf([], [ROOT])
  assert.ok(scratchSteps(other('tmpfs', 'tmpfs'), facts, [other('tmpfs', 'tmpfs')]))
  assert.throws(
    () => scratchSteps(other('s:/e', 'nfs'), facts, [other('s:/e', 'nfs')]),
    (error: Error) => error instanceof RefusedError,
  )
})

test('scratch in RAM has the options of RW_OPTIONS', () => {
  const settings = parseSettings('RW_OPTIONS="-o size=4m,mode=1777"', undefined)
  assert.is(
    stepsOf(planScratchInRam(settings)),
    lines(`mkdir -p ${S}`, `mount -t tmpfs -o mode=0755,size=4m,mode=1777 holdfast-scratch ${S}`),
  )
})

function stateSteps(found: FoundSource, facts = factsOf([], [ROOT])): Step[] {
  if (ROOT_MOUNT === undefined) throw new Error('no root')
  return planStateMount(found, { root: ROOT_MOUNT, mounts: facts.mounts })
}

const MOUNT_STATE = [`mkdir -p ${ST}`, `mount -t ext4 -o rw,nodev /dev/sdb ${ST}`]

test('state is mounted without device nodes, and never from the root', () => {
  assert.is(stepsOf(stateSteps(device())), lines(...MOUNT_STATE))
  assert.throws(() => stateSteps(device({ number: '8:1' })), /holds the root itself/)
})

test('state is checked first where its superblock asks for it, and nobody has it mounted', () => {
  const damaged = device({ content: { type: 'ext4', needsCheck: true } })
  const steps = stateSteps(damaged)
  assert.equal(steps[0], { kind: 'repair-files', device: '/dev/sdb', repair: 'quick' })
  assert.is(stepsOf(steps.slice(1)), lines(...MOUNT_STATE))
  const used = factsOf([], [ROOT, '21 20 8:16 / /run/holder rw - ext4 /dev/sdb rw'])
  assert.is(stepsOf(stateSteps(damaged, used)), lines(...MOUNT_STATE))
})

test('state that cannot be written to, or that others have, is refused', () => {
  const refusal = (more: Partial<BlockDevice>) => {
    try {
      return stepsOf(stateSteps(device(more)))
    } catch (error) {
      assert.instance(error, RefusedError)
      const { message, hint } = error as RefusedError
      return `${message}. ${hint}`
    }
  }
  const claim = { sequence: 0xe24d4d50, host: 'node7', isCheck: true }
  assert.is(
    refusal({ readOnly: true }),
    'LABEL=L is write-protected. Take off the write protection.',
  )
  assert.match(refusal({ holders: ['dm-1'] }), /^LABEL=L is in use by dm-1\./)
  assert.match(refusal({ content: { type: 'ext4', claim } }), /being checked by the host 'node7'/)
})

test('what is mounted at the name already is found there', () => {
  const system = mapSystem({ texts: { '/sysroot/data/x': '', '/sysroot/srv/x': '' } })
  const facts = factsOf([], MOUNTS)
  assert.is(probeMounted(system, facts, '/data')?.folder?.at, '/sysroot/data')
  assert.is(probeMounted(system, facts, '/srv'), undefined)
})

test('the name of the machine is the kernel’s, or that in /etc/hostname of the root', () => {
  const name = (kernel: string, file?: string) =>
    probeHostName(
      mapSystem({
        texts: {
          '/proc/sys/kernel/hostname': `${kernel}\n`,
          ...(file === undefined ? {} : { '/sysroot/etc/hostname': `${file}\n` }),
        },
      }),
      '/sysroot',
    )
  assert.equal(
    [name('a', 'b'), name('(none)', 'b'), name('localhost', 'localhost'), name('')],
    ['a', 'b', undefined, undefined],
  )
})

const ROUTES = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
        |-- 127.0.0.1
           /32 host LOCAL
        |-- 192.0.2.0
           /24 link UNICAST
        |-- 192.0.2.15
           /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
Local:
        |-- 192.0.2.15
           /32 host LOCAL
     |-- 198.51.100.2
        /32 host LOCAL
`

test('a machine without a name is looked up by each of its addresses until one has one', () => {
  assert.equal(parseLocalAddresses(ROUTES), ['192.0.2.15', '198.51.100.2'])
  const asked: string[] = []
  const system = {
    ...mapSystem({ texts: { '/proc/net/fib_trie': ROUTES } }),
    run(argv: readonly string[]) {
      asked.push(argv.join(' '))
      const known = argv.includes('198.51.100.2')
      const stdout = known ? '198.51.100.2    host7.example host7\n' : ''
      return { status: known ? 0 : 2, stdout, stderr: '', timedOut: false }
    },
  }
  assert.is(probeHostName(system, '/sysroot'), 'host7.example')
  assert.equal(asked, ['getent hosts 192.0.2.15', 'getent hosts 198.51.100.2'])
})

test.run()
