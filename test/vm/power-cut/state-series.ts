import * as assert from 'uvu/assert'
import { seededRandom } from '../../unit/formats/seeded-random.ts'
import { ext4Disk } from '../image/disk.ts'
import { checkFileSystem } from '../image/ext4.ts'
import { QUICK_INIT, quickInitramfs } from '../image/quick-initramfs.ts'
import { inSlot } from '../image/slots.ts'
import { boot } from '../machine/boot.ts'
import type { Outcome } from '../machine/machine.ts'
import { ServedDisk } from '../machine/served-disk.ts'
import { rootWith } from '../root-with.ts'
import { assertScriptSucceeded, scenarios } from '../scenario.ts'

const ROOT = {
  '/etc/sysconfig/readonly-root': 'READONLY=yes\n',
  // By its name: with this init no udev rule makes links to labels.
  '/etc/fstab': 'LABEL=ROOT / ext4 ro 0 0\n/dev/sdb /var/lib/stateless/state ext4 noauto 0 0\n',
  '/etc/statetab': '/etc/hosts\n/srv/kept\n',
  '/etc/hosts': 'value 0 whole\n',
  '/srv/kept/number': 'value 0 whole\n',
}

/** Each value is whole; of those that were written without a sync, any may be there. */
const LOOK = `
echo "hosts=$(cat /etc/hosts)"
echo "number=$(cat /srv/kept/number)"
for file in /etc/made-*; do [ ! -e $file ] || echo "made-\${file#*-}=$(cat $file)"; done
echo listed=yes
`

const BEGIN = 'power-cut-begins-here'

const change = (boot: number) => `
echo ${BEGIN} > /dev/kmsg
for n in $(seq ${boot}01 ${boot}08); do
  echo "tried $n"
  sed -i "s/.*/value $n whole/" /etc/hosts /srv/kept/number || exit 3
  [ $((n % 3)) = 0 ] || { sync /etc/hosts /srv/kept/number && echo "synced $n" || exit 6; }
  echo $n > /etc/made-$n
  holdfast persist /etc/made-$n && echo "persisted $n" || exit 4
  sed -i s/^/again/ /etc/made-$n || exit 5
done
`

interface Series {
  readonly state: string
  readonly root: string
  readonly random: (limit: number) => number
  boots: number
  tried: number
  synced: number
  readonly persisted: Set<string>
  compared: number
}

/** Before the first request of this phase, and so many of them follow. */
const PHASES = [
  { name: 'while files are kept', from: new RegExp(BEGIN), requests: 220 },
  { name: 'while they are brought home at boot', from: undefined, requests: 60 },
] as const

async function bootOnce(series: Series, file: string, more: Partial<Parameters<typeof boot>[0]>) {
  return boot({
    suite: 'bookworm',
    initramfs: 'script',
    image: await quickInitramfs('bookworm'),
    cmdline: `${QUICK_INIT} root=/dev/sda ro`,
    disks: [{ file: series.root, readOnly: true }, { file }],
    script: LOOK,
    inSlot: true,
    ...more,
  })
}

async function cutOnce(series: Series, { name, from, requests }: (typeof PHASES)[number]) {
  const { random } = series
  series.boots++
  const lostPercent = 30 + random(71)
  const disk = await ServedDisk.of(series.state, () => random(100) < lostPercent)
  const at = 1 + random(requests)
  const begin = () => disk.failAfter('cut', at)
  if (from === undefined) begin()
  const outcome = await bootOnce(series, disk.file, {
    reactions: from === undefined ? [] : [{ when: from, act: begin }],
    killOn: disk.whenCut,
    script: `${LOOK}${change(series.boots)}`,
  })
  disk.close()
  const { pendingBlocks = 0, lostBlocks = 0 } = disk.loss ?? {}
  console.log(`boot ${series.boots}, ${name}, cut at ${at}: ${lostBlocks} of ${pendingBlocks} lost`)
  if (outcome.exit !== 'killed') assertScriptSucceeded(outcome)
  compare(series, outcome)
}

/** What was synced or persisted in an earlier boot is there, and what is there is whole. */
function compare(series: Series, { report }: Outcome): void {
  const { values, text } = report
  if (values['listed'] === 'yes') {
    for (const name of ['hosts', 'number']) {
      const value = Number(/^value (\d+) whole$/.exec(values[name] ?? '')?.[1])
      assert.ok(value >= series.synced, `${name}: ${values[name]}, synced was ${series.synced}`)
      assert.ok(value <= series.tried, `${name}: ${values[name]}, tried was ${series.tried}`)
      series.compared++
    }
    for (const name of series.persisted) {
      assert.match(values[`made-${name}`] ?? '', new RegExp(`^(again)?${name}$`), `made-${name}`)
      series.compared++
    }
  }
  const last = (word: string) => [...text.matchAll(new RegExp(`^${word} (\\d+)\n`, 'gm'))]
  series.tried = Number(last('tried').at(-1)?.[1] ?? series.tried)
  series.synced = Number(last('synced').at(-1)?.[1] ?? series.synced)
  for (const [, name = ''] of last('persisted')) series.persisted.add(name)
}

async function runStateSeries(seed: number, count: number): Promise<void> {
  const state = await ext4Disk({ bytes: 64e6, label: 'stateless-state' })
  const root = await rootWith(ROOT)
  await quickInitramfs('bookworm')
  const random = seededRandom(400 + seed)
  const persisted = new Set<string>()
  const series = { state, root, random, boots: 0, tried: 0, synced: 0, persisted, compared: 0 }
  await inSlot(async () => {
    for (let cut = 0; cut < count; cut++) await cutOnce(series, PHASES[cut % 2]!)
    const outcome = await bootOnce(series, state, {})
    assertScriptSucceeded(outcome)
    compare(series, outcome)
  })
  await checkFileSystem(state)
  console.log(`${count} power cuts of a state device: ${series.compared} comparisons`)
}

/** Registers and runs so many series of so many power cuts of a state device, each a test. */
export function testStateCuts(series: number, count: number): void {
  const cuts = scenarios('power cuts of a state device')
  for (let seed = 1; seed <= series; seed++) {
    cuts(
      `26: a kept file is old or new, never between; what persist has said stays, seed ${seed}`,
      () => runStateSeries(seed, count),
    )
  }
  cuts.run()
}
