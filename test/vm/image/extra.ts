import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { command } from './command.ts'
import { scratchPath } from './disk.ts'

/** A copy of an initramfs with a program of this machine in it: the kernel unpacks one archive after the other. */
export async function withProgram(initramfs: string, program: string): Promise<string> {
  const folder = scratchPath('extra')
  const path = join(folder, 'files', program)
  mkdirSync(dirname(path), { recursive: true })
  copyFileSync(program, path)
  const pack = 'cd "$1/files" && find . -type f | cpio -o -H newc --quiet > ../archive'
  await command(['sh', '-euc', pack, 'sh', folder])
  const image = join(folder, 'initramfs')
  await command(['sh', '-euc', 'cat "$1" "$2/archive" > "$3"', 'sh', initramfs, folder, image])
  return image
}
