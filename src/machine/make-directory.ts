import { SystemError } from './system.ts'

/** The two calls that making a folder with its parents needs; each throws a SystemError. */
export interface DirectoryCalls {
  mkdir(path: string): void
  isDirectory(path: string): boolean
}

/** Makes a folder and its missing parents; no error where it exists, EEXIST where a file does. */
export function makeDirectory(calls: DirectoryCalls, path: string): void {
  try {
    calls.mkdir(path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const parent = path.replace(/\/+[^/]*\/*$/, '')
    if (error.code === 'ENOENT' && parent !== '' && parent !== path) {
      makeDirectory(calls, parent)
      calls.mkdir(path)
    } else if (error.code !== 'EEXIST' || !calls.isDirectory(path)) {
      throw error
    }
  }
}
