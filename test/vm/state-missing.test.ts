import * as assert from 'uvu/assert'
import { boot } from './machine/boot.ts'
import { rootWith } from './root-with.ts'
import { assertScriptSucceeded, scenarios } from './scenario.ts'

// A state device that is not there.
const missing = scenarios('stateless, missing state')

const WHY = 'what statetab lists is not kept: LABEL=NOWHERE did not appear within 2 s'

const SCRIPT = `
look() { echo "$1=$(cat "$2" 2> /dev/null)"; { echo x > "$2"; } 2> /dev/null || echo "$1-refused=yes"; }
look etc /etc/foo; look kept /srv/kept/text
echo "journal=$(journalctl -b -o cat 2> /dev/null | grep -c 'holdfast: .*not kept: LABEL=NOWHERE')"
echo "motd=$(grep -c 'LABEL=NOWHERE did not appear' /run/motd.d/holdfast-stateless)"
holdfast status; echo "status=$?"
cat /run/holdfast/boot.json /run/motd.d/holdfast-stateless
`

async function bootWithout(options: Partial<Parameters<typeof boot>[0]>, policy: string) {
  const outcome = await boot({
    suite: 'bookworm',
    initramfs: 'script',
    ...options,
    cmdline: `root=LABEL=ROOT ro rd.skipfsck rd.holdfast.timeout=2 ${policy}`,
    disks: [
      {
        file: await rootWith({
          '/etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=NOWHERE\n',
          '/etc/fstab': 'LABEL=ROOT / ext4 ro 0 0\n',
          '/etc/rwtab': 'files /etc\n',
          '/etc/statetab': '/srv/kept\n',
          '/etc/foo': 'image',
          '/srv/kept/text': 'image',
        }),
        readOnly: true,
      },
    ],
    script: SCRIPT,
  })
  assertScriptSucceeded(outcome)
  const { values, text } = outcome.report
  const pick = (...names: string[]) => names.map((name) => values[name])
  assert.equal(
    pick('etc', 'etc-refused', 'kept', 'motd', 'status'),
    ['image', undefined, 'image', '1', '4'],
    text,
  )
  assert.match(text, `"why": "${WHY}`)
  assert.match(outcome.log, WHY)
  return pick('kept-refused', 'journal')
}

missing('22: the boot goes on; record, journal, motd and status say it', async () => {
  const complete = { initramfs: 'systemd', init: 'systemd' } as const
  assert.equal(await bootWithout(complete, ''), ['yes', '1'])
})

missing(
  '22: required, and temporary where it fails: it can be written to until shutdown',
  async () => {
    assert.equal(await bootWithout({}, 'rd.holdfast.state=required'), [undefined, '0'])
  },
)

missing.run()
