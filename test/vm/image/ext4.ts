import { readFileSync } from 'node:fs'
import { command } from './command.ts'
import { scratchPath } from './disk.ts'

/** Copies a file out of an unmounted ext4 disk and gives the copy's path. */
export async function fileFromDisk(disk: string, name: string): Promise<string> {
  const path = scratchPath('file')
  const words = await command([
    'sh',
    '-c',
    'debugfs -R "$1" "$2" 2>&1',
    'sh',
    `dump "${name}" ${path}`,
    disk,
  ])
  if (/File not found/.test(words)) throw new Error(`Failed to read '${name}': not on the disk`)
  return path
}

/** The text of a file on an unmounted ext4 disk. */
export async function textFromDisk(disk: string, name: string): Promise<string> {
  return readFileSync(await fileFromDisk(disk, name), 'utf8')
}

/** The names in a directory of an unmounted ext4 disk. */
export async function namesOnDisk(disk: string, directory: string): Promise<readonly string[]> {
  const list = await command(['debugfs', '-R', `ls -p "${directory}"`, disk])
  const names = list.split('\n').map((line) => line.split('/')[5] ?? '')
  return names.filter((name) => name !== '' && name !== '.' && name !== '..')
}

/** Whether an ext4 file system was cleanly unmounted: no journal left to replay, no error noted. */
export async function wasCleanlyUnmounted(disk: string): Promise<boolean> {
  const header = await command(['dumpe2fs', '-h', disk])
  return /^Filesystem state: +clean$/m.test(header) && !/needs_recovery/.test(header)
}

/** What a boot that ended hard left in the journal goes where it belongs: only then can files be compared. */
export async function replayJournal(disk: string): Promise<void> {
  await command(['sh', '-euc', 'e2fsck -p "$1" || [ $? -eq 1 ]', 'sh', disk])
}

/** Replays the journal and checks everything. Rejects, with what e2fsck says, where an ext4 file system has an error. */
export async function checkFileSystem(disk: string): Promise<void> {
  const script = '{ e2fsck -p -E journal_only "$1" || [ $? -eq 1 ]; } && e2fsck -fn "$1"'
  await command(['sh', '-euc', script, 'sh', disk])
}
