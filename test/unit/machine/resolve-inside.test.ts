import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { resolveFileInside, resolveInside, viewOf } from '../../../src/machine/resolve-inside.ts'
import { type System, SystemError } from '../../../src/machine/system.ts'
import { mapSystem } from '../map-system.ts'

const test = suite('paths inside a root')

test('a link on the way that cannot be read leads nowhere', () => {
  const system: System = {
    ...mapSystem({ kinds: { '/sysroot/etc': 'symlink' } }),
    readLink: (path) => {
      throw new SystemError('EIO', 'read link', path)
    },
  }
  const view = viewOf('/sysroot')
  assert.is(resolveInside(system, view, '/etc/fstab'), undefined)
  assert.is(resolveFileInside(system, view, '/etc/fstab'), undefined)
})

test.run()
