import * as assert from 'uvu/assert'
import { seededRandom } from '../../unit/formats/seeded-random.ts'
import { persistenceDisk } from '../image/disk.ts'
import { checkFileSystem } from '../image/ext4.ts'
import { bootLive, tryLive } from '../live-boot.ts'
import type { Outcome } from '../machine/machine.ts'
import { type Loss, ServedDisk } from '../machine/served-disk.ts'
import { assertScriptSucceeded } from '../scenario.ts'
import { type CutScenario, planSeries } from './cut-scenarios.ts'
import { KeptFiles, LIST_FILES } from './kept-files.ts'

/** What a series came to, to be added up. */
export interface Tally {
  /** Those that lost at least one block; the others do not count, and were repeated. */
  cuts: number
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
  const random = seededRandom(seed)
  const path = await persistenceDisk()
  const series = { path, random, files: new KeptFiles(), boots: 0, losses: [] as Loss[] }
  for (const scenario of planSeries(seed)) {
    const wanted = series.losses.length + 1
    for (let tries = 0; series.losses.length < wanted; tries++) {
      assert.ok(tries < MOST_TRIES, `seed ${seed}: no cut lost a block in: ${scenario.name}`)
      await cutOnce(series, scenario)
    }
  }
  await checkAll(series)
  return {
    cuts: series.losses.length,
    boots: series.boots,
    pendingBlocks: sum(series.losses.map((loss) => loss.pendingBlocks)),
    lostBlocks: sum(series.losses.map((loss) => loss.lostBlocks)),
    filesChecked: series.files.checked,
  }
}

interface Series {
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
    ...scenario.boot,
    cmdline: `${STORE} ${scenario.cmdline ?? ''}`,
    disks: [{ file: disk.file }],
    reactions: scenario.from === undefined ? [] : [{ when: scenario.from, act: begin }],
    killOn: disk.whenCut,
    script: `${LIST_FILES}boot=${series.boots}\n${scenario.script ?? ''}`,
  })
  disk.close()
  if (scenario.empties) files.allowEmpty()
  assertKept(series, outcome, `boot ${series.boots}, ${scenario.name}, cut at ${atRequest}`)
  if (disk.loss && disk.loss.lostBlocks > 0) series.losses.push(disk.loss)
}

/** A boot that was cut off early has said nothing yet; what it has said must be right. */
function assertKept({ files }: Series, outcome: Outcome, where: string): void {
  const { mode = outcome.exit === 'killed' ? 'persistent' : 'unknown' } = outcome.report.values
  if (outcome.exit !== 'killed') assertScriptSucceeded(outcome)
  assert.not.match(outcome.log, /TEMPORARY:.*/, where)
  assert.is(mode, 'persistent', where)
  assert.equal(files.compare(outcome.report), [], `files lost: ${where}`)
}

/** Comes up undisturbed, finds all files, and neither file system has an error. */
async function checkAll(series: Series): Promise<void> {
  series.boots++
  const outcome = await bootLive({
    cmdline: STORE,
    disks: [{ file: series.path }],
    script: `${LIST_FILES}
      mount -o remount,ro / || exit 4
      e2fsck -fn /dev/mapper/live-rw || exit 5`,
  })
  assertKept(series, outcome, 'the last boot')
  await checkFileSystem(series.path)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
