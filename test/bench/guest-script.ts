import { readFileSync } from 'node:fs'
import { boot } from '../vm/machine/boot.ts'
import type { Outcome } from '../vm/machine/machine.ts'

/** The text of a file in test/bench/guest. */
export function guestFile(name: string): string {
  return readFileSync(new URL(`guest/${name}`, import.meta.url), 'utf8')
}

/** A guest script before which the named files of test/bench/guest are laid into /run. */
export function withFiles(names: readonly string[], script: string): string {
  const files = names.map(
    (name) => `cat > /run/${name} << 'END-OF-FILE'\n${guestFile(name)}END-OF-FILE\n`,
  )
  return `${files.join('')}${script}`
}

/** Boots and gives what the guest script printed. Throws where it did not end with 0. */
export async function reportOf(options: Parameters<typeof boot>[0]): Promise<string> {
  const outcome = await boot(options)
  checkOutcome(outcome)
  return outcome.report.text
}

/** Throws, with the end of the console and of the report, unless the guest script ended with 0. */
export function checkOutcome({ exit, log, report }: Outcome): void {
  if (report.exitStatus === 0) return
  throw new Error(`A boot failed (${exit}): ${log.slice(-6000)}\n${report.text.slice(-2000)}`)
}
