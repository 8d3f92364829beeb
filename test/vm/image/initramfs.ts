import { join } from 'node:path'
import { cached, recipe } from './cache.ts'
import { inMountNamespace } from './command.ts'
import { holdfastHash, installHoldfast, sourceTree } from './holdfast.ts'
import { lvmTree } from './lvm.ts'
import { kernelRelease, rootTree, type Suite } from './tree.ts'

/**
 * systemd, script: holdfast, in the two kinds of initramfs that dracut makes.
 * stock, stock-script: dmsquash-live in its place and no holdfast, to compare with.
 * both: holdfast beside dmsquash-live, with systemd.
 * node: as systemd, but with the executable that pkg made.
 * lvm: as script, made where lvm2 is installed.
 * bench-plain, bench, bench-node, bench-stock: without systemd and without anything of the tests in them, to be
 * measured: neither of the two live modules, holdfast with each of its executables, dmsquash-live.
 */
export type Initramfs =
  | ('systemd' | 'script' | 'stock' | 'stock-script' | 'both' | 'node' | 'lvm')
  | ('bench-plain' | 'bench' | 'bench-node' | 'bench-stock')

// What no test machine has. Half of an initramfs is the hardware database.
const NOT_NEEDED = 'hwdb nvdimm virtfs virtiofs kernel-modules-extra lunmask resume plymouth'

const SYSTEMD = [
  ...['systemd', 'systemd-initrd', 'dracut-systemd', 'systemd-udevd', 'systemd-journald'],
  ...['systemd-tmpfiles', 'systemd-sysctl', 'systemd-modules-load', 'systemd-ask-password'],
  ...['systemd-cryptsetup', 'systemd-pcrphase', 'systemd-sysusers'],
]

// With a hook that makes a dry run before the real one: see test/vm/guest/51holdfast-tests.
const HOLDFAST = 'holdfast holdfast-tests'
const STOCK = ['--add', 'dmsquash-live']

const WITHOUT_SYSTEMD = ['--omit', `${NOT_NEEDED} ${SYSTEMD.join(' ')}`]

const DRACUT_ARGUMENTS: Record<Initramfs, readonly string[]> = {
  systemd: ['--add', HOLDFAST, '--omit', NOT_NEEDED],
  script: ['--add', HOLDFAST, ...WITHOUT_SYSTEMD],
  lvm: ['--add', HOLDFAST, ...WITHOUT_SYSTEMD],
  stock: [...STOCK, '--omit', NOT_NEEDED],
  'stock-script': [...STOCK, ...WITHOUT_SYSTEMD],
  node: ['--add', HOLDFAST, '--omit', NOT_NEEDED],
  'bench-plain': WITHOUT_SYSTEMD,
  bench: ['--add', 'holdfast', ...WITHOUT_SYSTEMD],
  'bench-node': ['--add', 'holdfast', ...WITHOUT_SYSTEMD],
  'bench-stock': [...STOCK, ...WITHOUT_SYSTEMD],
  both: ['--add', `dmsquash-live ${HOLDFAST}`, '--omit', NOT_NEEDED],
}

const testModule = join(sourceTree, 'test/vm/guest/51holdfast-tests')

function testModuleHash(): string {
  return ['module-setup.sh', 'dry-run.sh']
    .map((name) => recipe(`file://${join(testModule, name)}`))
    .join()
}

/** An initramfs made by the suite's own dracut, not host-only and not compressed. */
export async function initramfs(suite: Suite, kind: Initramfs): Promise<string> {
  const tree = await (kind === 'lvm' ? lvmTree : rootTree)(suite)
  const stock = /stock|plain/.test(kind)
  const runtime = /node/.test(kind) ? 'node' : 'static'
  const ingredients = [
    tree,
    kind,
    recipe(import.meta.url),
    stock ? '' : holdfastHash(runtime),
    testModuleHash(),
  ]
  const install = stock ? ['true'] : installHoldfast('$PWD/merged', runtime)
  return cached(`${suite}-initramfs-${kind}`, ingredients, (path) =>
    inMountNamespace(script(install, kind === 'both'), [
      ...[tree, path, kernelRelease(tree), testModule],
      ...DRACUT_ARGUMENTS[kind],
    ]),
  )
}

/** What holdfast installs to leave dmsquash-live out. */
const SNIPPET = 'usr/lib/dracut/dracut.conf.d/50-holdfast.conf'

/** Runs dracut in an overlay of the tree, so that many may run on one tree and leave nothing in it. */
function script(install: readonly string[], withStock: boolean): string {
  return `tree=$1 image=$2 release=$3 test_module=$4
shift 4
mount -t tmpfs tmpfs /mnt
cd /mnt
mkdir upper work merged
mount -t overlay -o lowerdir="$tree",upperdir=upper,workdir=work overlay merged
${install.map((word) => `"${word}"`).join(' ')}
${withStock ? `rm merged/${SNIPPET}` : ''}
cp -r "$test_module" merged/usr/lib/dracut/modules.d/
mount -t proc proc merged/proc
mount -t sysfs sysfs merged/sys
mount --rbind /dev merged/dev
mount -t tmpfs tmpfs merged/var/tmp
chroot merged depmod "$release"
chroot merged env -u TMPDIR dracut --quiet --force --no-hostonly --no-hostonly-cmdline --reproducible \\
  --no-compress --kver "$release" "$@" /var/tmp/initramfs
cp merged/var/tmp/initramfs "$image"
`
}
