/** Something of that size at that path. */
export interface Sized {
  readonly path: string
  readonly bytes: number
}

/** Collects the `count` largest of what it is given, in memory for about twice as many. */
export class Largest<Item extends Sized> {
  readonly #count: number
  #kept: Item[] = []

  constructor(count: number) {
    this.#count = count
  }

  add(item: Item): void {
    this.#kept.push(item)
    if (this.#kept.length > 2 * this.#count + 100) this.#kept = this.inOrder()
  }

  /** Largest first; of equals, by path. */
  inOrder(): Item[] {
    const ordered = [...this.#kept].sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
    return ordered.slice(0, this.#count)
  }
}
