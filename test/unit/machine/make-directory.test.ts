import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeDirectory } from '../../../src/machine/make-directory.ts'
import { SystemError } from '../../../src/machine/system.ts'

const test = suite('make directory')

/** Folders and files by path; mkdir behaves as mkdir(2). */
function calls(folders: readonly string[], files: readonly string[] = []) {
  const made = new Set(folders)
  return {
    made,
    isDirectory: (path: string) => made.has(path),
    mkdir(path: string) {
      const fail = (code: string) => new SystemError(code, 'make directory', path)
      const parent = path.slice(0, path.lastIndexOf('/')) || '/'
      if (made.has(path) || files.includes(path)) throw fail('EEXIST')
      if (files.includes(parent)) throw fail('ENOTDIR')
      if (!made.has(parent)) throw fail('ENOENT')
      made.add(path)
    },
  }
}

test('missing parents are made first', () => {
  const disk = calls(['/'])
  makeDirectory(disk, '/run/initramfs/live')
  assert.equal([...disk.made], ['/', '/run', '/run/initramfs', '/run/initramfs/live'])
})

test('a folder that exists is no error', () => {
  const disk = calls(['/', '/run'])
  makeDirectory(disk, '/run')
  assert.is(disk.made.size, 2)
})

test('a file in the way is', () => {
  const code = (path: string) => {
    try {
      makeDirectory(calls(['/'], ['/run']), path)
    } catch (error) {
      return (error as SystemError).code
    }
    return 'made'
  }
  assert.is(code('/run'), 'EEXIST')
  assert.is(code('/run/x'), 'ENOTDIR')
})

test.run()
