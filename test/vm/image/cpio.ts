/** A file of a cpio archive, or a folder where it has no text; its path has no leading slash. */
export interface CpioFile {
  path: string
  text?: string
}

// Everything is executable: dracut leaves out hooks that are not.
const REGULAR_FILE_MODE = 0o100755
const FOLDER_MODE = 0o040755
// Of the kernel's initramfs-buffer-format: a second archive begins at a multiple of this.
const ALIGNMENT_BYTES = 4

/**
 * A newc cpio archive, as the kernel unpacks it over what an initramfs held before: folders before the files in
 * them. Text must be ASCII.
 */
export function formatCpio(files: readonly CpioFile[]): string {
  const entries = files.map((file, index) => formatEntry(file, index + 1))
  return `${entries.join('')}${formatEntry({ path: 'TRAILER!!!' }, 0)}`
}

function formatEntry({ path, text = '' }: CpioFile, inode: number): string {
  const mode = text === '' ? FOLDER_MODE : REGULAR_FILE_MODE
  const [links, modified, device] = [1, 0, 0]
  const fields = [
    ...[inode, mode, 0, 0, links, modified, text.length],
    ...[device, device, device, device, path.length + 1, 0],
  ]
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`
  return pad(pad(`${header}${path}\0`) + text)
}

/** Zero bytes behind it up to the next multiple of four. */
function pad(text: string): string {
  return text.padEnd(Math.ceil(text.length / ALIGNMENT_BYTES) * ALIGNMENT_BYTES, '\0')
}
