import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { toArgv } from '../../../../src/plan/command.ts'
import type { KeptEntry } from '../../../../src/stateless/kept-entry.ts'
import { familyRemark } from '../../../../src/stateless/kept-files/family.ts'
import type { ListedFile } from '../../../../src/stateless/kept-files/layer-facts.ts'
import { planFill, planLabels } from '../../../../src/stateless/kept-files/plan-fill.ts'
import { planKeptFiles } from '../../../../src/stateless/kept-files/plan-kept-files.ts'
import { planLayers } from '../../../../src/stateless/kept-files/plan-layers.ts'
import { layerMount } from '../../../../src/stateless/kept-files/plan-mounts.ts'
import { findTypeHindrance } from '../../../../src/stateless/kept-files/upper-types.ts'
import type { KeptPath } from '../../../../src/stateless/kept-path.ts'
import { hasPolicy, planRelabel } from '../../../../src/stateless/plan-relabel.ts'

const plans = suite('kept files: plans')

const view = (path: string) => `/sysroot${path}`

/** A file in a folder that the root has; `kept` is where the device has it, when that is elsewhere. */
function listed(path: string, { kept = path, bytes = 1 } = {}): ListedFile {
  return { path, kept, folder: path.slice(0, path.lastIndexOf('/')) || '/', bytes }
}

function layers(paths: readonly string[], foreign: readonly string[] = []) {
  const plan = planLayers(
    view,
    paths.map((path) => listed(path)),
    [],
    foreign,
  )
  const folders = plan.folders.map(({ folder, files }) => [folder, files.map(({ path }) => path)])
  return { folders, bound: plan.bound.map(({ path }) => path), remarks: plan.remarks }
}

plans('the topmost folder that has listed files serves all that lies in it, and no other', () => {
  const { folders, bound } = layers([
    '/etc/ssh/key',
    '/etc/shadow',
    '/srv/a/x',
    '/srv/b/y',
    '/etcetera/z',
  ])
  assert.equal(folders, [
    ['/etc', ['/etc/ssh/key', '/etc/shadow']],
    ['/srv/a', ['/srv/a/x']],
    ['/srv/b', ['/srv/b/y']],
    ['/etcetera', ['/etcetera/z']],
  ])
  assert.equal(bound, [])
})

plans(
  'a folder that cannot have a mount leaves its files to be mount points, and why is said once',
  () => {
    const { folders, bound, remarks } = layers(
      [
        '/one',
        '/srv/a,b/x',
        '/srv/a:b/x',
        '/srv/a\\b/x',
        '/srv/a"b/x',
        '/var/lib/x',
        '/var/lib/y',
        '/var/lib/deep/z',
      ],
      ['/var/lib/mounted', '/etc/elsewhere'],
    )
    assert.equal(folders, [['/var/lib/deep', ['/var/lib/deep/z']]])
    assert.is(bound.length, 7)
    assert.ok(
      remarks.some((remark) =>
        /^\/var\/lib\/x and 1 more .*\/var\/lib\/mounted is mounted below \/var\/lib$/.test(remark),
      ),
    )
    assert.ok(remarks.some((remark) => /^\/one cannot be renamed/.test(remark)))
    assert.is(remarks.length, 6)
  },
)

plans('scratch between two folders would be mounted on top of the files in the lower one', () => {
  const onScratch = (path: string) =>
    /^\/etc\/a(\/|$)/.test(path) ? `/scratch${path}` : view(path)
  const files = ['/etc/x', '/etc/a/y', '/etc/a/b/z', '/etc/b/v'].map((path) => listed(path))
  const { folders } = planLayers(onScratch, files, [], [])
  assert.equal(
    folders.map((each) => [each.folder, each.files.map(({ path }) => path)]),
    [
      ['/etc', ['/etc/x', '/etc/b/v']],
      ['/etc/a', ['/etc/a/y', '/etc/a/b/z']],
    ],
  )
})

plans('deleted files get a mount that hides them, and are no mount points', () => {
  const gone = [listed('/etc/motd'), listed('/file')]
  const plan = planLayers(view, [], gone, [])
  assert.equal(plan.folders, [
    { folder: '/etc', files: [], deleted: [gone[0]], awaited: [], places: [] },
  ])
  assert.equal(plan.bound, [])
})

function keptFiles(entries: readonly KeptEntry[], hindrance?: string) {
  const asked = { hindrance, deleted: [], awaited: [], homeless: [] }
  const { mounts, misfits, bound } = planKeptFiles(view, entries, [], asked, false)
  return [
    mounts.map(({ path }) => path),
    [...bound, ...misfits].map(({ path }) => path),
    misfits.length,
  ]
}

plans(
  'a file that the device alone has needs a folder in the root, or a place that can be made',
  () => {
    const entry = (path: string, writable: boolean): KeptEntry => ({
      entry: { path, file: '/etc/statetab', line: 1 },
      path,
      kind: 'file',
      inRoot: false,
      writable,
      nearest: path.slice(0, path.lastIndexOf('/')) || '/',
      kept: { kind: 'file', path },
      bytes: 1,
    })
    assert.equal(keptFiles([entry('/srv/x', false)]), [['/srv'], [], 0])
    assert.equal(keptFiles([entry('/srv/x', true)], 'asked for'), [['/srv/x'], ['/srv/x'], 0])
    assert.equal(keptFiles([entry('/srv/x', false)], 'asked for'), [[], ['/srv/x'], 1])
    assert.equal(keptFiles([entry('/x', false)]), [[], ['/x'], 1])
  },
)

function fill(files: readonly ListedFile[], ways: Parameters<typeof planFill>[2] = []) {
  const { folders } = planLayers(view, files, [], [])
  return planFill('/state', folders, ways).map((step) =>
    (toArgv(step) ?? [step.kind, JSON.stringify(step)]).join(' '),
  )
}

plans(
  'the layer is emptied, and filled by one program for all files that are copied, and one for those that are long',
  () => {
    const files = Array.from({ length: 2000 }, (_, index) => listed(`/srv/${index}/file`))
    const steps = fill([
      ...files,
      listed('/etc/long', { bytes: 1 << 21 }),
      listed('/etc/short', { bytes: 1 << 20 }),
    ])
    assert.equal(steps.slice(0, 2), [
      'rm -rf --one-file-system /state/.holdfast/upper',
      'rm -rf --one-file-system /state/.holdfast/work',
    ])
    const copies = steps.filter((step) => step.includes(' cp '))
    const copied = copies.filter((step) => step.includes('cp -a --parents'))
    const linked = copies.filter((step) => step.includes('cp -al --parents'))
    assert.is(copied.length, 1)
    assert.match(copied[0] ?? '', /srv\/1999\/file .*etc\/short \/state\/.holdfast\/upper$/)
    assert.is(linked.length, 1)
    assert.match(linked[0] ?? '', /\/state etc\/long \/state\/.holdfast\/upper$/)
    assert.is(steps.at(-1), 'sync -f /state')
  },
)

plans(
  'a file that is kept by another name than it is seen by is copied from one to the other',
  () => {
    const steps = fill([
      listed('/usr/lib/app/conf', { kept: '/lib/app/conf' }),
      listed('/usr/lib/app/data', { kept: '/lib/app/data' }),
    ])
    const copies = steps.filter((step) => step.includes(' cp '))
    assert.is(copies.length, 1)
    assert.match(
      copies[0] ?? '',
      /\/state lib\/app\/conf lib\/app\/data \/state\/.holdfast\/upper\/usr$/,
    )
  },
)

plans(
  'the folders of the layer have mode and owner of those of the root, one program for each sort',
  () => {
    const folder = (path: string, mode: number, uid: number) => ({ path, mode, uid, gid: 0 })
    const ways = [folder('/etc', 0o755, 0), folder('/etc/a', 0o750, 3), folder('/etc/b', 0o755, 0)]
    const made = fill([listed('/etc/a/x'), listed('/etc/b/y'), listed('/etc/z')], ways).filter(
      (step) => step.startsWith('install') && !step.includes('.holdfast '),
    )
    assert.is(made.length, 2)
    assert.match(made[0] ?? '', /755 .*upper\/etc \/state\/.holdfast\/upper\/etc\/b$/)
    assert.match(made[1] ?? '', /750 --owner=3 .*upper\/etc\/a$/)
  },
)

plans(
  'the mount has the root below and asks for nothing that would leave a part of a file elsewhere',
  () => {
    const folder = { folder: '/etc', files: [], deleted: [], awaited: [], places: [] }
    assert.equal(layerMount('/state', view, folder, 3).options.slice(0, 6), [
      'lowerdir=/sysroot/etc',
      'upperdir=/state/.holdfast/upper/etc',
      'workdir=/state/.holdfast/work/3',
      'index=off',
      'metacopy=off',
      'redirect_dir=off',
    ])
  },
)

plans('a file system that cannot hold the layer is known by its type', () => {
  for (const type of ['ext4', 'xfs', 'btrfs', 'tmpfs'])
    assert.is(findTypeHindrance(type), undefined)
  for (const type of ['nfs', 'nfs4', 'vfat', 'fuseblk', 'overlay', undefined]) {
    assert.match(findTypeHindrance(type) ?? '', /cannot have its upper layer/)
  }
})

plans('accounts that are kept in part are remarked on; what is not there is not missed', () => {
  const remark = (kept: readonly string[], there: readonly string[]) =>
    familyRemark(
      (path) => kept.includes(path),
      (path) => there.includes(path),
    )
  const all = ['/etc/passwd', '/etc/shadow', '/etc/group', '/etc/gshadow']
  assert.is(remark([], all), undefined)
  assert.is(remark(all, all), undefined)
  assert.is(remark(['/etc/passwd', '/etc/shadow', '/etc/group'], all.slice(0, 3)), undefined)
  assert.match(remark(['/etc/shadow'], all) ?? '', '/etc/passwd, /etc/group, /etc/gshadow not')
})

plans('a policy is loaded by a root whose configuration of SELinux says so', () => {
  for (const config of ['# SELINUX=disabled\nSELINUX=enforcing\n', 'SELINUX=permissive'])
    assert.ok(hasPolicy(config))
  for (const config of ['', 'SELINUX=disabled\n', '#SELINUX=enforcing\n'])
    assert.not(hasPolicy(config))
})

plans(
  'labels are asked for of each path that is mounted; of a labelled layer, of what is kept',
  () => {
    const origin = { file: '/etc/statetab', line: 1 }
    const shows = ['/etc/passwd', '/etc/ssh/key'].map(
      (path): KeptPath => ({ path, kind: 'file', lasts: 'state', mode: 'overlay', origin }),
    )
    const mount = { path: '/etc', source: '', type: 'overlay', options: [], shows }
    const mounts = [mount, { ...mount, path: '/srv', type: 'none' }]
    const written = (isLayerLabelled: boolean) => planRelabel(mounts, isLayerLabelled).at(-1)
    const file = { kind: 'write-file', path: '/run/systemd/relabel-extra.d/holdfast.relabel' }
    assert.equal(written(false), { ...file, text: '/etc\n/srv\n' })
    assert.equal(written(true), { ...file, text: '/etc/passwd\n/etc/ssh/key\n/srv\n' })
    assert.equal(planRelabel([], true), [])
  },
)

plans('the folders of a layer get the labels of those of the root, by one program', () => {
  const ways = ['/etc', '/etc/ssh'].map((path) => ({ path, mode: 0o755, uid: 0, gid: 0 }))
  const [step, ...others] = planLabels('/state', view, ways)
  assert.equal(others, [])
  assert.ok(step)
  assert.equal((toArgv(step!) ?? []).slice(3), [
    ...['sh', '/sysroot/etc', '/state/.holdfast/upper/etc'],
    ...['/sysroot/etc/ssh', '/state/.holdfast/upper/etc/ssh'],
  ])
  assert.equal(planLabels('/state', view, []), [])
})

plans.run()
