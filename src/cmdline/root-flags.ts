import type { Findings } from './findings.ts'
import { type Argument, findArgument } from './kernel-cmdline.ts'

/** Mount options up to a comma outside double quotes (SELinux contexts hold commas). */
const OPTION = /(?:"[^"]*(?:"|$)|[^,"])+/g

/** The options of the last rootflags=; one with a control character is left out. */
export function parseRootFlags(cmdline: readonly Argument[], findings: Findings): string[] {
  const argument = findArgument(cmdline, 'rootflags')
  const options = argument?.value?.match(OPTION) ?? []
  const usable = options.filter((option) => !/\p{Cc}/u.test(option))
  if (argument !== undefined && usable.length < options.length) {
    findings.problem(argument, 'mount options with control characters in them are left out')
  }
  return usable
}
