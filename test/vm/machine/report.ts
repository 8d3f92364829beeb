/** What the guest script said: nothing of it is kernel's or systemd's. */
export interface Report {
  /** All its output. */
  text: string
  /** Its lines of the form `name=value`. */
  values: Readonly<Record<string, string>>
  /** Its exit status; absent where it never ran to its end. */
  exitStatus?: number
}

const EXIT_STATUS = /^guest-exit-status=(\d+)\n/m

/** Reads what the guest wrote to its second serial line. */
export function parseReport(serial: string): Report {
  const whole = serial.replaceAll('\r', '')
  const text = whole.replace(EXIT_STATUS, '')
  const values: Record<string, string> = {}
  for (const [, name = '', value = ''] of text.matchAll(/^([\w.-]+)=(.*)$/gm)) values[name] = value
  const exitStatus = EXIT_STATUS.exec(whole)?.[1]
  return {
    text,
    values,
    ...(exitStatus === undefined ? {} : { exitStatus: Number(exitStatus) }),
  }
}
