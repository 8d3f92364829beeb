import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'

export type Accelerator = 'kvm' | 'tcg'

/** A guest under KVM is through in a second; where KVM only pretends, nobody waits for it. */
const LONGEST_MS = 6_000

/** Without a root the kernel panics, and by then it has run most of its own code. */
const RAN = /Kernel panic - not syncing: VFS/

/** KVM where it runs a guest, else TCG; and the reason in a sentence. Takes no more than six seconds. */
export async function chooseAccelerator(
  kernel: string,
): Promise<{ readonly name: Accelerator; readonly why: string }> {
  const trouble = isWritable('/dev/kvm') ? await tryKvm(kernel) : '/dev/kvm cannot be opened'
  if (trouble === undefined) return { name: 'kvm', why: 'KVM runs guests' }
  return {
    name: 'tcg',
    why: `no KVM, ${trouble}: the guests are emulated (TCG), which takes longer`,
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Boots the kernel without anything else. What went wrong; undefined when it ran. */
function tryKvm(kernel: string): Promise<string | undefined> {
  const child = spawn('qemu-system-x86_64', [
    ...['-machine', 'q35', '-accel', 'kvm', '-cpu', 'max', '-m', '256'],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-serial', 'stdio'],
    ...['-kernel', kernel, '-append', 'console=ttyS0 panic=-1'],
  ])
  let output = ''
  let tooLong = false
  const timer = setTimeout(() => {
    tooLong = true
    child.kill('SIGKILL')
  }, LONGEST_MS)
  return new Promise((resolve, reject) => {
    const add = (chunk: Buffer) => {
      output += chunk.toString()
      if (RAN.test(output)) child.kill('SIGKILL')
    }
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    child.on('error', reject)
    child.on('close', () => {
      clearTimeout(timer)
      if (RAN.test(output)) return resolve(undefined)
      const words = /qemu-system-x86_64: (.*)/.exec(output)?.[1] ?? 'its guest ended at once'
      resolve(tooLong ? `its guest did not run within ${LONGEST_MS / 1000} s` : words)
    })
  })
}
