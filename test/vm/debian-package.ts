import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { command } from './image/command.ts'
import { scratchPath } from './image/disk.ts'

/** A package named kelp with these files, paths to their texts, some of them configuration files; in base64. */
export async function packageInBase64(
  files: Readonly<Record<string, string>>,
  configuration: readonly string[],
): Promise<string> {
  const folder = scratchPath('package')
  mkdirSync(`${folder}/DEBIAN`, { recursive: true })
  chmodSync(`${folder}/DEBIAN`, 0o755)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(`${folder}${path}`), { recursive: true })
    writeFileSync(`${folder}${path}`, text)
  }
  writeFileSync(`${folder}/DEBIAN/conffiles`, configuration.map((path) => `${path}\n`).join(''))
  writeFileSync(`${folder}/DEBIAN/control`, CONTROL)
  await command(['dpkg-deb', '--root-owner-group', '--build', folder, `${folder}.deb`])
  return readFileSync(`${folder}.deb`).toString('base64')
}

const CONTROL = `Package: kelp
Version: 1
Architecture: all
Maintainer: nobody <nobody@example.org>
Description: a test
`
