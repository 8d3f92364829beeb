import { scenarios } from '../scenario.ts'
import { planSeries } from './cut-scenarios.ts'
import { runSeries, type Tally } from './series.ts'

/** Registers and runs so many series of power cuts, each a test, and prints what they came to. */
export function testPowerCuts(count: number): void {
  const powerCuts = scenarios('power cuts')
  const tallies: Tally[] = []
  for (let seed = 1; seed <= count; seed++) {
    const names = planSeries(seed).cuts.map(({ name }) => name)
    powerCuts(`no synced file is lost, seed ${seed}: ${names.join(', ')}`, async () => {
      tallies.push(await runSeries(seed))
      console.log(formatTallies(tallies))
    })
  }
  powerCuts.run()
}

function formatTallies(tallies: readonly Tally[]): string {
  const total = (name: Exclude<keyof Tally, 'cuts'>) =>
    tallies.reduce((sum, tally) => sum + tally[name], 0)
  const kinds = new Map<string, number>()
  for (const [name, count] of tallies.flatMap(({ cuts }) => [...cuts])) {
    kinds.set(name, (kinds.get(name) ?? 0) + count)
  }
  const cuts = [...kinds.values()].reduce((sum, count) => sum + count, 0)
  const names = [...kinds].map(([name, count]) => `${count} ${name}`).join(', ')
  return (
    `${cuts} power cuts (${names}) in ${total('boots')} boots: ${total('lostBlocks')} of ` +
    `${total('pendingBlocks')} unflushed blocks lost, ${total('filesChecked')} times a synced file was there`
  )
}
