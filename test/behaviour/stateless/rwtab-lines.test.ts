import * as assert from 'uvu/assert'
import { acceptanceSuite } from './acceptance.ts'
import { link } from './tree.ts'

const { accept, run } = acceptanceSuite('stateless: the lines of rwtab')

const NAME = { '/var/lib/stateless/writable': 'scratch' }
const cmdline = 'readonlyroot'

accept(
  '9',
  'comments, unknown words, missing paths and the leftovers of editors and packages are ignored',
  {
    cmdline,
    image: {
      '/etc/rwtab': [
        '#files /srv/no1',
        '# a text',
        '',
        'unknown /srv/no2',
        'Files /srv/no3',
        'empty /srv/missing',
        'files',
        '/srv/no4',
        'empty /srv/yes # files /srv/no5',
        'files /srv/last',
      ].join('\n'),
      ...Object.fromEntries(
        ['~', '.bak', '.old', '.orig', '.rpmnew', '.rpmorig', '.rpmsave'].map((suffix) => [
          `/etc/rwtab.d/one${suffix}`,
          'empty /srv/no6\n',
        ]),
      ),
      '/etc/rwtab.d/.hidden': 'empty /srv/no6\n',
      ...Object.fromEntries(
        ['no1', 'no2', 'no3', 'no4', 'no5', 'no6', 'yes', 'last'].map((name) => [
          `/srv/${name}/text`,
          name,
        ]),
      ),
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { '/srv/yes': 'scratch', '/srv/last': 'scratch', ...NAME })
    assert.is(boot.status, 0, boot.stderr)
  },
)

accept(
  '10',
  'a dot stands for a dot: siblings that a regular expression would confuse are both mounted (deviation)',
  {
    cmdline,
    image: {
      '/etc/rwtab': 'empty /srv/a.c\nempty /srv/aXc/z\n',
      '/srv/a.c/text': 'x',
      '/srv/aXc/z/text': 'x',
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { '/srv/a.c': 'scratch', '/srv/aXc/z': 'scratch', ...NAME })
    assert.is(boot.status, 0, boot.stderr)
  },
)

accept(
  '10',
  'the root itself is refused, and all others are mounted (deviation)',
  {
    cmdline,
    image: {
      '/etc/rwtab': 'files /srv/one\nempty /\nfiles //\nempty /srv/two\n',
      '/srv/one/text': 'x',
      '/srv/two/text': 'x',
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { '/srv/one': 'scratch', '/srv/two': 'scratch', ...NAME })
    assert.match(boot.stderr, /rwtab:2\b/)
    assert.is(boot.status, 4)
  },
)

accept(
  '17',
  'a path with spaces is quoted or escaped in rwtab (extension)',
  {
    cmdline,
    image: {
      '/etc/rwtab': [
        'files "/srv/with space/one"',
        "files '/srv/with space/two'",
        'files /srv/with\\ space/three',
      ].join('\n'),
      '/srv/with space/one/text': '1',
      '/srv/with space/two/text': '2',
      '/srv/with space/three/text': '3',
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), {
      '/srv/with space/one': 'scratch',
      '/srv/with space/two': 'scratch',
      '/srv/with space/three': 'scratch',
      ...NAME,
    })
    assert.is(boot.read('/srv/with space/three/text'), '3')
    assert.is(boot.status, 0, boot.stderr)
  },
)

accept(
  '19',
  'an rwtab path through a link leads inside the root, never into the initramfs',
  {
    cmdline,
    image: {
      '/etc/rwtab': 'empty /srv/way/folder\nempty /srv/up/folder\n',
      '/srv/way': link('/usr/lib/place'),
      '/srv/up': link('../../../../../../../opt'),
      '/usr/lib/place/folder/text': 'x',
      '/opt/folder/text': 'x',
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    const expected = { '/usr/lib/place/folder': 'scratch', '/opt/folder': 'scratch', ...NAME }
    assert.equal(boot.mounts(), expected)
    assert.is(boot.status, 0, boot.stderr)
  },
)

run()
