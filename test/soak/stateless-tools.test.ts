import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { command } from '../vm/image/command.ts'
import { ext4Disk, scratchPath } from '../vm/image/disk.ts'
import { boot } from '../vm/machine/boot.ts'
import { rootWith } from '../vm/root-with.ts'
import { assertScriptSucceeded, scenarios } from '../vm/scenario.ts'

const tools = scenarios('stateless, tools that replace files')

const LISTED = ['passwd', 'shadow', 'group', 'gshadow', 'edited', 'packaged', 'configured']
const ROOT = {
  '/etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=stateless-state\n',
  '/etc/fstab': 'LABEL=ROOT / ext4 ro 0 0\n',
  '/etc/rwtab': 'files /var/lib/dpkg\nempty /tmp\n',
  '/etc/statetab': LISTED.map((name) => `/etc/${name}\n`).join(''),
  '/etc/edited': 'image\n',
  '/etc/packaged': 'image\n',
  '/etc/configured': 'image\n',
  '/var/lib/dpkg/status': '',
  '/var/lib/dpkg/info/format': '1\n',
  '/var/lib/dpkg/updates/.keep': '',
}

/** A package that owns two listed files, one of them a configuration file, and one that is not listed. */
async function packageInBase64(): Promise<string> {
  const folder = scratchPath('package')
  mkdirSync(`${folder}/DEBIAN`, { recursive: true })
  chmodSync(`${folder}/DEBIAN`, 0o755)
  mkdirSync(`${folder}/etc`)
  for (const name of ['packaged', 'configured', 'unlisted']) {
    writeFileSync(`${folder}/etc/${name}`, 'package\n')
  }
  writeFileSync(`${folder}/DEBIAN/conffiles`, '/etc/configured\n')
  writeFileSync(
    `${folder}/DEBIAN/control`,
    'Package: kelp\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: a test\n',
  )
  await command(['dpkg-deb', '--root-owner-group', '--build', folder, `${folder}.deb`])
  return readFileSync(`${folder}.deb`).toString('base64')
}

const CHANGE = `
set -e
useradd kelp
echo kelp:seaweed | chpasswd
passwd -l root
# As vi does it: the old file is moved aside, and a new one is made under its name.
mv /etc/edited /etc/edited~; echo edited > /etc/edited; rm /etc/edited~
base64 -d > /tmp/kelp.deb << 'END'
`

const LOOK = `
for name in edited packaged configured unlisted; do echo "$name=$(cat /etc/$name 2> /dev/null)"; done
echo "user=$(grep -c ^kelp: /etc/passwd)$(grep -c '^kelp:[$]' /etc/shadow)"
echo "locked=$(grep -c '^root:!' /etc/shadow)"
echo "left=$(ls -A /etc | grep -E '[~+]$|dpkg-|lock$' | grep -v '^[.]pwd[.]lock$' | tr '\\n' ' ')"
ls -la /etc/shadow
`

tools(
  '24: useradd, passwd, an editor and dpkg -i replace kept files; what they leave is gone',
  async () => {
    const state = await ext4Disk({ bytes: 64e6, label: 'stateless-state' })
    const machine = {
      suite: 'bookworm',
      initramfs: 'script',
      cmdline: 'root=LABEL=ROOT ro rd.skipfsck',
      disks: [{ file: await rootWith(ROOT), readOnly: true }, { file: state }],
    } as const
    const install = `${await packageInBase64()}\nEND\ndpkg --force-confnew -i /tmp/kelp.deb\n`
    const first = await boot({ ...machine, script: `${CHANGE}${install}${LOOK}sync` })
    assertScriptSucceeded(first)
    const expected = {
      ...{ edited: 'edited', packaged: 'package', configured: 'package', unlisted: 'package' },
      ...{ user: '11', locked: '1' },
    }
    const { left: _, ...seen } = first.report.values
    assert.equal(seen, expected)

    const second = await boot({ ...machine, script: LOOK })
    assertScriptSucceeded(second)
    assert.equal(second.report.values, { ...expected, unlisted: '', left: '' }, second.report.text)
    assert.match(second.report.text, /^-rw-r----- 1 root shadow /m)
  },
)

tools.run()
