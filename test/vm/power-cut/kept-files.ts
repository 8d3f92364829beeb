import type { Report } from '../machine/report.ts'

/** A boot prints the files that it finds as FOUND, and those that fsync has returned for as SYNCED. */
const LINE = /^(FOUND|SYNCED) ([0-9a-f]{64}) {2}\/var\/kept\/(\S+)\n/gm

/** Prints what is there, and that this was all. */
export const LIST_FILES = `
for file in /var/kept/*; do
  [ ! -e "$file" ] || echo "FOUND $(sha256sum $file)"
done
echo listed=yes
`

/** The files that must be there after any number of power cuts: those that a guest has reported as synced. */
export class KeptFiles {
  readonly #hashes = new Map<string, string>()
  #mayBeEmpty = false
  #checked = 0

  /** How many files were found to be what they were when they were synced, counted anew in each boot. */
  get checked(): number {
    return this.#checked
  }

  /** From now on, until files are listed again, it is as good when all of them are gone. */
  allowEmpty(): void {
    this.#mayBeEmpty = true
  }

  /**
   * Compares what a boot has found, and takes note of what it has synced; a boot that was cut off has printed less, or
   * nothing. Gives the names of the files that are lost or not what they were.
   */
  compare(report: Report): readonly string[] {
    const found = filesIn(report, 'FOUND')
    const lost = report.values['listed'] === 'yes' ? this.#lostIn(found) : []
    for (const [name, hash] of filesIn(report, 'SYNCED')) this.#hashes.set(name, hash)
    return lost
  }

  #lostIn(found: ReadonlyMap<string, string>): readonly string[] {
    if (this.#mayBeEmpty && found.size === 0) this.#hashes.clear()
    this.#mayBeEmpty = false
    const lost = [...this.#hashes].filter(([name, hash]) => found.get(name) !== hash)
    this.#checked += this.#hashes.size - lost.length
    return lost.map(([name]) => name)
  }
}

function filesIn({ text }: Report, word: string): ReadonlyMap<string, string> {
  const lines = [...text.matchAll(LINE)].filter(([, first]) => first === word)
  return new Map(lines.map(([, , hash = '', name = '']) => [name, hash]))
}
