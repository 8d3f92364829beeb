import { initramfs } from '../vm/image/initramfs.ts'
import { liveMedium } from '../vm/image/medium.ts'
import { rootTree } from '../vm/image/tree.ts'
import { boot } from '../vm/machine/boot.ts'
import { checkOutcome } from './guest-script.ts'
import { type Measured, withMarks } from './marks.ts'
import { type Measurement, parseMeasurement } from './measurement.ts'

export const SUITE = 'bookworm'
const CMDLINE = 'root=live:CDLABEL=LIVE rd.live.image rd.live.overlay=/dev/sdb:/persist-hda.img'
// Every mark goes through, and the kernel notes who made which process.
const TRACING =
  'printk.devkmsg=on log_buf_len=1M trace_event=sched:sched_process_fork trace_buf_size=1M'
const MODULES = ['loop', 'isofs', 'squashfs', 'ext4', 'dm_mod', 'dm_snapshot']

/** The initramfs kinds that are booted. */
export type Kind = 'bench' | 'bench-node' | 'bench-stock'

/** The first boot with a persistence disk, which formats the store; nothing of it is measured. */
export async function formatStore(kind: Kind, persistence: string): Promise<void> {
  const disks = [{ file: await liveMedium(SUITE), readOnly: true }, { file: persistence }]
  const script = 'echo kept > /etc/kept && dmsetup status | grep " snapshot "'
  checkOutcome(await boot({ suite: SUITE, initramfs: kind, cmdline: CMDLINE, disks, script }))
}

/** A boot that finds a formatted store, and what was marked in it. What it writes is thrown away. */
export async function measureBoot(
  kind: Kind,
  measured: Measured,
  persistence: string,
  modulesLoaded: boolean,
): Promise<Measurement> {
  const image = await initramfs(SUITE, kind)
  const preload = modulesLoaded ? MODULES.map((name) => `rd.driver.pre=${name}`).join(' ') : ''
  const outcome = await boot({
    suite: SUITE,
    initramfs: kind,
    image: withMarks(image, measured, await rootTree(SUITE)),
    cmdline: `${TRACING} ${preload} ${CMDLINE}`,
    disks: [
      { file: await liveMedium(SUITE), readOnly: true },
      { file: persistence, discard: true },
    ],
    // The store has to be the one of the first boot.
    script: `
      [ "$(cat /etc/kept)" = kept ] || exit 1
      dmesg | grep ' bench'
      mount -t tracefs tracefs /sys/kernel/tracing && grep sched_process_fork: /sys/kernel/tracing/trace`,
    icount: true,
  })
  checkOutcome(outcome)
  return parseMeasurement(outcome.report.text)
}
