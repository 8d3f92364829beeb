/** The part of y18n that yargs asks for, in English alone: nothing that is printed depends on the locale. */
export const translation = {
  __: formatMessage,
  __n: (singular: string, plural: string, count: number, ...values: unknown[]) => {
    const message = count === 1 ? singular : plural
    return formatMessage(message, ...(message.includes('%d') ? [count, ...values] : values))
  },
  getLocale: () => 'en_US',
  setLocale: () => {},
  updateLocale: () => {},
}

/** Each %s and %d replaced by the next value. */
function formatMessage(message: string, ...values: readonly unknown[]): string {
  let next = 0
  return message.replace(/%[sd]/g, (directive) =>
    next < values.length ? String(values[next++]) : directive,
  )
}
