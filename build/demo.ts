/**
 * make demo: a read-only live image, booted twice in QEMU through a real dracut initramfs, keeps a file that was
 * written to its root. Ends with the proof, and with status 1 where there is none.
 */
import { spawnSync } from 'node:child_process'
import { persistenceDisk } from '../test/vm/image/disk.ts'
import { wasCleanlyUnmounted } from '../test/vm/image/ext4.ts'
import { initramfs } from '../test/vm/image/initramfs.ts'
import { liveMedium } from '../test/vm/image/medium.ts'
import { kernelImage, rootTree } from '../test/vm/image/tree.ts'
import { chooseAccelerator } from './demo/accelerator.ts'
import { type DemoBoot, demoMachine } from './demo/machine.ts'
import { type Proof, prove, SCRIPT } from './demo/proof.ts'
import { say, stage } from './demo/stages.ts'

const SUITE = 'bookworm'
const CMDLINE = 'root=live:CDLABEL=LIVE rd.live.overlay=/dev/sdb:/persist-hda.img'

if (process.getuid?.() !== 0) process.exit(runAsRoot())
try {
  await demo()
} catch (error) {
  console.error(`The demo failed: ${error instanceof Error ? error.message : error}`)
  process.exit(1)
}

/** The images hold files of root's and device nodes: they are made by root. */
function runAsRoot(): number {
  console.log('The images are made as root: going on with sudo')
  const kept = '--preserve-env=HOLDFAST_CACHE,HOLDFAST_KEEP_SCRATCH'
  const argv = [kept, process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const { status, error } = spawnSync('sudo', argv, { stdio: 'inherit' })
  if (error) console.error(`Failed to run 'sudo': ${error.message}. Run make demo as root.`)
  return status ?? 1
}

async function demo(): Promise<void> {
  say(`holdfast: ${CMDLINE}`)
  const tree = await stage('Debian 12 with its kernel, systemd and dracut (mmdebstrap)', () =>
    rootTree(SUITE),
  )
  await stage('the initramfs, with holdfast in it (dracut)', () => initramfs(SUITE, 'systemd'))
  const medium = await stage('the live ISO (squashfs.img, rootfs.img)', () => liveMedium(SUITE))
  const persistence = await stage('the persistence disk: ext4, 500 MB, 300 MiB of zeros', () =>
    persistenceDisk(),
  )
  const accelerator = await stage('does KVM run a guest?', () =>
    chooseAccelerator(kernelImage(tree)),
  )
  say(accelerator.why)
  const run = await demoMachine({
    suite: SUITE,
    accelerator: accelerator.name,
    cmdline: CMDLINE,
    disks: [{ file: medium, readOnly: true }, { file: persistence }],
    script: SCRIPT,
  })
  const first = await stage('first boot', () => run())
  const second = await stage('second boot, from the same two disks', () => run())
  const proof = prove(first.report, second.report, await wasCleanlyUnmounted(persistence))
  showProof(proof, first, second)
}

function showProof({ screen, holds }: Proof, first: DemoBoot, second: DemoBoot): void {
  say('what the second boot saw:')
  console.log(`\n${screen.replace(/^/gm, '    ')}\n`)
  for (const [number, boot] of [first, second].entries()) {
    const root =
      boot.rootSeconds === undefined ? '' : `, its root ready after ${boot.rootSeconds} s`
    console.log(
      `boot ${number + 1}: ${Math.round(boot.seconds)} s from power-on to power-off${root}`,
    )
  }
  for (const { sentence, isTrue } of holds) console.log(`${isTrue ? 'yes' : 'NO '}  ${sentence}`)
  if (!holds.every(({ isTrue }) => isTrue)) throw new Error('see above for what does not hold')
}
