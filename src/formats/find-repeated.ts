/** Takes numbers from 0 to Number.MAX_SAFE_INTEGER one by one and tells whether one came twice. */
export interface Repeated {
  add(value: number): void
  /** A number that came twice; undefined when there is none. */
  find(): number | undefined
}

/** 128 MiB: a quarter of what the kernel needs for as many entries. */
const MOST_VALUES = 2 ** 24
const FIRST_VALUES = 1024

/**
 * Numbers cost 8 bytes each, and never more than 128 MiB in all: of more than 16 million, those that came twice are
 * found only where both are among the same 16 million.
 */
export function findRepeated(most = MOST_VALUES): Repeated {
  let values = new Float64Array(Math.min(FIRST_VALUES, most))
  let count = 0
  let found: number | undefined
  const compare = () => {
    found ??= repeatedIn(values.subarray(0, count).sort())
    count = 0
  }
  return {
    add(value) {
      if (count === most) compare()
      if (count === values.length) {
        const larger = new Float64Array(Math.min(most, values.length * 2))
        larger.set(values)
        values = larger
      }
      values[count] = value
      count++
    },
    find() {
      compare()
      return found
    },
  }
}

function repeatedIn(sorted: Float64Array): number | undefined {
  for (let at = 1; at < sorted.length; at++) {
    if (sorted[at] === sorted[at - 1]) return sorted[at]
  }
  return undefined
}
