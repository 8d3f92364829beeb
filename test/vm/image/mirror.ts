import { command } from './command.ts'

export const debianKeyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * The URI of the Debian archive that this machine's own apt is configured for.
 * Rejects where there is none. Any suite can be had from it, not only the machine's own.
 */
export async function debianMirror(): Promise<string> {
  const targets = await command([
    'apt-get',
    'indextargets',
    '--no-release-info',
    '--format',
    '$(COMPONENT) $(RELEASE) $(REPO_URI)',
    'Created-By: Packages',
  ])
  const archive = /^main (?:bookworm|trixie|forky|sid|stable|testing|unstable) (\S+)$/m.exec(
    targets,
  )
  if (!archive?.[1]) throw new Error('Failed to find a Debian archive: apt is configured for none')
  return archive[1]
}
