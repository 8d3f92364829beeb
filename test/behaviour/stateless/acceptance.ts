import { suite } from 'uvu'
import {
  type Computer,
  type ComputerSpec,
  type Executable,
  findObstacle,
  openComputer,
} from './computer.ts'

const EXECUTABLES: readonly Executable[] = ['holdfast', 'holdfast-node']

export type Check = (computer: Computer, executable: Executable) => Promise<void>

/** Registers an acceptance test, by its number, for each executable: a computer that is booted as `check` says. */
export type Accept = (number: string, title: string, spec: ComputerSpec, check: Check) => void

export interface AcceptanceSuite {
  readonly accept: Accept
  run(): void
}

export function acceptanceSuite(title: string): AcceptanceSuite {
  const test = suite(title)
  const obstacle = findObstacle()
  if (obstacle !== undefined) console.log(`${title}: skipped, ${obstacle}`)
  const register = obstacle === undefined ? test : test.skip
  return {
    accept(number, name, spec, check) {
      for (const executable of EXECUTABLES) {
        register(`${number}: ${name} (${executable})`, async () => {
          const computer = await openComputer(executable, spec)
          // What the check found counts more than what is found at the end.
          await check(computer, executable).catch(async (error) => {
            await computer.close().catch(() => undefined)
            throw error
          })
          await computer.close()
        })
      }
    },
    run: () => test.run(),
  }
}
