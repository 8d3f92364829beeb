/** An object of JSON whose values nobody has looked at yet. */
export type Fields = Readonly<Record<string, unknown>>

/** The object in a text that may be anybody's; undefined for a text that is no JSON, or another value. */
export function parseFields(text: string): Fields | undefined {
  try {
    return asFields(JSON.parse(text))
  } catch {
    // Nested too deeply it is an error of another kind, which differs from engine to engine.
    return undefined
  }
}

/** The value as an object; undefined for any other. */
export function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined
}
