import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { run } from './run.ts'

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * Downloads a source package's .orig archive into the folder, from the mirror that this machine's own
 * apt uses, in an apt state of its own: the system's lists and configuration stay as they are.
 */
export function downloadSource(suite: string, packageName: string, folder: string): void {
  const state = `${folder}/apt`
  for (const each of ['lists/partial', 'cache/archives/partial', 'etc']) {
    mkdirSync(`${state}/${each}`, { recursive: true })
  }
  if (!existsSync(KEYRING)) throw new Error(`${KEYRING} is missing: run 'make prerequisites'`)
  writeFileSync(`${state}/status`, '')
  writeFileSync(
    `${state}/sources.list`,
    `deb-src [signed-by=${KEYRING}] ${debianMirror()} ${suite} main\n`,
  )
  const settings = {
    'Dir::State': state,
    'Dir::State::lists': `${state}/lists`,
    'Dir::State::status': `${state}/status`,
    'Dir::Cache': `${state}/cache`,
    'Dir::Etc::sourcelist': `${state}/sources.list`,
    'Dir::Etc::sourceparts': '/dev/null',
    'APT::Sandbox::User': 'root',
  }
  const options = Object.entries(settings).map(([key, value]) => `--option=${key}=${value}`)
  run('apt-get', [...options, '--quiet', 'update'])
  run('apt-get', [...options, '--quiet', '--download-only', 'source', packageName], { cwd: folder })
}

/** HOLDFAST_DEBIAN_MIRROR, or the first archive in apt's configuration that carries this Debian's release. */
function debianMirror(): string {
  const given = process.env['HOLDFAST_DEBIAN_MIRROR']
  if (given) return given
  const release = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1]
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)'
  for (const line of run('apt-get', ['indextargets', '--format', format]).split('\n')) {
    const [uri, suite, component] = line.split(' ')
    if (uri && component === 'main' && (suite === release || suite === 'stable')) return uri
  }
  throw new Error(
    `apt on this machine knows no Debian archive for '${release}': set HOLDFAST_DEBIAN_MIRROR`,
  )
}
