import * as assert from 'uvu/assert'
import { acceptanceSuite } from './acceptance.ts'
import { BY_LABEL, isDegraded, NAMES } from './without-state.ts'

const { accept, run } = acceptanceSuite('stateless: rd.holdfast.state=')

accept(
  '22',
  'required state that is missing: rd.holdfast.onfail= decides, a shell is asked for',
  {
    image: BY_LABEL,
    disks: { state: { attached: false } },
    cmdline: 'rd.holdfast.timeout=0 rd.holdfast.state=required rd.holdfast.onfail=shell',
  },
  async (computer) => {
    const { label } = computer.disk('state')
    const boot = await computer.beginBoot()
    boot.run()
    assert.match(boot.namespace.sh('ls /run/holdfast; cat /run/holdfast/shell'), label, boot.stderr)
    assert.is(boot.status, 4)
    computer.disk('state').attach()
    // As the hook does after the shell.
    boot.namespace.sh('rm /run/holdfast/shell')
    boot.run()
    assert.equal(boot.mounts(), { '/srv/e': 'scratch', '/srv/kept': 'state', ...NAMES })
    assert.is(boot.status, 0, boot.stderr)
  },
)

for (const [onFail, key] of Object.entries({ reboot: 'b', poweroff: 'o' })) {
  accept(
    '22',
    `required state that is missing: a dry run shows the ${onFail} that rd.holdfast.onfail= asks for`,
    {
      image: BY_LABEL,
      disks: { state: { attached: false } },
      cmdline: `rd.holdfast.timeout=0 rd.holdfast.state=required rd.holdfast.onfail=${onFail}`,
    },
    async (computer) => {
      const boot = await computer.beginBoot()
      assert.match(boot.dryRun(), `echo ${key} > /proc/sysrq-trigger`)
    },
  )
}

accept(
  '22',
  'required state that is missing: without another policy it is volatile, degraded',
  {
    image: BY_LABEL,
    disks: { state: { attached: false } },
    cmdline: 'rd.holdfast.timeout=0 rd.holdfast.state=required',
  },
  async (computer) => {
    for (let boots = 0; boots < 2; boots++) {
      const boot = await computer.boot()
      isDegraded(boot, { '/srv/kept': 'scratch' })
      boot.sh('echo lost > srv/kept/text')
    }
  },
)

accept(
  '22',
  'required state that is there is no trouble',
  { image: BY_LABEL, disks: { state: {} }, cmdline: 'rd.holdfast.state=required' },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { '/srv/e': 'scratch', '/srv/kept': 'state', ...NAMES })
    assert.is(boot.status, 0, boot.stderr)
  },
)

run()
