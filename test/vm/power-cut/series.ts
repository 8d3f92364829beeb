import * as assert from 'uvu/assert'
import { seededRandom } from '../../unit/formats/seeded-random.ts'
import { bootDisk } from '../image/boot-disk.ts'
import { persistenceDisk } from '../image/disk.ts'
import { checkFileSystem } from '../image/ext4.ts'
import { tryLive } from '../live-boot.ts'
import type { Outcome } from '../machine/machine.ts'
import { type Loss, ServedDisk } from '../machine/served-disk.ts'
import { inQuickSlot, quickly } from '../quick-boot.ts'
import { assertScriptSucceeded } from '../scenario.ts'
import { type CutScenario, planSeries } from './cut-scenarios.ts'
import { KeptFiles, LIST_FILES } from './kept-files.ts'

/** What a series came to, to be added up. */
export interface Tally {
  /** How many there were of each kind that lost at least one block; the others do not count, and were repeated. */
  cuts: Map<string, number>
  boots: number
  pendingBlocks: number
  lostBlocks: number
  filesChecked: number
}

// A cut may come after the phase is over, or find nothing that was not flushed.
const MOST_TRIES = 8

/**
 * One disk, and one power cut after the other, each in the phase that planSeries says. Throws where a file is lost, where
 * a boot does not come up persistent, and where a file system is not consistent in the end.
 */
export async function runSeries(seed: number): Promise<Tally> {
  const { cuts } = planSeries(seed)
  if (cuts.some(({ boot }) => boot !== undefined)) await bootDisk('bookworm', 'systemd')
  return inQuickSlot(() => cutAll(seed))
}

async function cutAll(seed: number): Promise<Tally> {
  const random = seededRandom(seed)
  const { storeBytes, cuts } = planSeries(seed)
  const path = await persistenceDisk({ storeBytes })
  const series = { seed, path, random, files: new KeptFiles(), boots: 0, losses: [] as Loss[] }
  for (const scenario of cuts) {
    const wanted = series.losses.length + 1
    for (let tries = 0; series.losses.length < wanted; tries++) {
      assert.ok(tries < MOST_TRIES, `seed ${seed}: no cut lost a block in: ${scenario.name}`)
      await cutOnce(series, scenario)
    }
  }
  await checkAll(series)
  return {
    cuts: count(cuts.map(({ name }) => name)),
    boots: series.boots,
    pendingBlocks: sum(series.losses.map((loss) => loss.pendingBlocks)),
    lostBlocks: sum(series.losses.map((loss) => loss.lostBlocks)),
    filesChecked: series.files.checked,
  }
}

function count(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

interface Series {
  readonly seed: number
  readonly path: string
  readonly random: (limit: number) => number
  readonly files: KeptFiles
  boots: number
  readonly losses: Loss[]
}

const STORE = 'rd.live.overlay=/dev/sdb:/persist-hda.img'

async function cutOnce(series: Series, scenario: CutScenario): Promise<void> {
  const { random, files } = series
  series.boots++
  // Of the blocks that were not flushed, 30 to 100 of 100 are lost.
  const lostPercent = 30 + random(71)
  const atRequest = 1 + random(scenario.requests)
  const disk = await ServedDisk.of(series.path, () => random(100) < lostPercent)
  const begin = () => disk.failAfter('cut', atRequest)
  if (scenario.from === undefined) begin()
  if (scenario.empties) files.allowEmpty()
  const outcome = await tryLive({
    ...(await bootOf(scenario)),
    inSlot: true,
    disks: [{ file: disk.file }],
    reactions: scenario.from === undefined ? [] : [{ when: scenario.from, act: begin }],
    killOn: disk.whenCut,
    script: `${LIST_FILES}${JUDGE_MADE}boot=${series.boots}\n${scenario.script ?? ''}`,
  })
  disk.close()
  if (scenario.empties) files.allowEmpty()
  const where = `seed ${series.seed}, boot ${series.boots}, ${scenario.name}, cut at ${atRequest}`
  console.log(`${where}: ${formatLoss(disk.loss)}, ${Math.round(outcome.seconds)} s`)
  assertKept(series, outcome, where)
  if (disk.loss && disk.loss.lostBlocks > 0) series.losses.push(disk.loss)
}

/** Quick, unless the phase needs more than the commands of holdfast. */
async function bootOf({ boot, cmdline = '' }: CutScenario) {
  if (boot !== undefined) return { ...boot, cmdline: `${STORE} ${cmdline}` }
  return quickly(`${STORE} ${cmdline}`)
}

/** What `holdfast create` has made is whole, and goes again. */
const JUDGE_MADE = `
for made in /run/initramfs/overlayfs/made-*.img; do
  [ ! -e "$made" ] || holdfast check "$made" > /dev/null || echo "BROKEN $made"
  rm -f "$made"
done
`

/** A boot that was cut off early has said nothing yet, or the half of a line; what it has said must be right. */
function assertKept(
  { files }: Series,
  { exit, log, report, ...rest }: Outcome,
  where: string,
): void {
  if (exit !== 'killed') assertScriptSucceeded({ exit, log, report, ...rest })
  const unsaid = exit === 'killed' ? 'persistent' : 'unknown'
  const mode = /^mode=(.*)\n/m.exec(report.text)?.[1] ?? unsaid
  assert.not.match(log, /TEMPORARY:.*/, where)
  assert.is(mode, 'persistent', where)
  assert.not.match(report.text, /BROKEN.*/, where)
  assert.equal(files.compare(report), [], `files lost: ${where}`)
}

/** Comes up undisturbed, finds all files, and neither file system has an error. */
async function checkAll(series: Series): Promise<void> {
  series.boots++
  const outcome = await tryLive({
    ...(await quickly(STORE)),
    inSlot: true,
    disks: [{ file: series.path }],
    script: `${LIST_FILES}${JUDGE_MADE}
      mount -o remount,ro / || exit 4
      e2fsck -fn /dev/mapper/live-rw || exit 5`,
  })
  assertKept(series, outcome, 'the last boot')
  await checkFileSystem(series.path)
}

function formatLoss(loss: Loss | undefined): string {
  if (loss === undefined) return 'not reached'
  const { pendingBlocks, lostBlocks } = loss
  return `${pendingBlocks} blocks pending, ${lostBlocks} lost, ${pendingBlocks - lostBlocks} kept`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
