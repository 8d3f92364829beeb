/** A line of the console and when it came, in seconds since the machine was started. */
export interface Line {
  seconds: number
  text: string
}

/** Something to be done once, when the console shows `when`. A prompt need not end its line. */
export interface Reaction {
  when: RegExp
  act: () => void
}

/** Collects what a serial console prints, stamps the lines and reacts to what they say. */
export class Console {
  readonly lines: Line[] = []
  #unfinished = ''
  #waiting: readonly Reaction[]
  readonly #startedAt = Date.now()

  constructor(reactions: readonly Reaction[]) {
    this.#waiting = reactions
  }

  get log(): string {
    return `${this.lines.map((line) => line.text).join('\n')}\n${this.#unfinished}`
  }

  add(chunk: string): void {
    const texts = (this.#unfinished + chunk).replaceAll('\r', '').split('\n')
    this.#unfinished = texts.pop() ?? ''
    const seconds = (Date.now() - this.#startedAt) / 1000
    for (const text of texts) this.lines.push({ seconds, text })
    for (const text of [...texts, this.#unfinished]) this.#react(text)
  }

  #react(text: string): void {
    const due = this.#waiting.filter((reaction) => reaction.when.test(text))
    if (due.length === 0) return
    this.#waiting = this.#waiting.filter((reaction) => !due.includes(reaction))
    for (const reaction of due) reaction.act()
  }
}
