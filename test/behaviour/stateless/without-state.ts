import * as assert from 'uvu/assert'
import type { Boot } from './boot.ts'
import type { Files } from './tree.ts'

export const LISTED: Files = {
  '/etc/rwtab': 'empty /srv/e\n',
  '/etc/statetab': '/srv/kept\n',
  '/srv/e/text': 'x',
  '/srv/kept/text': 'from the image',
}
export const CONFIG = '/etc/sysconfig/readonly-root'
export const BY_LABEL: Files = { ...LISTED, [CONFIG]: 'READONLY=yes\nSTATE_LABEL=@state@\n' }
export const NAMES = {
  '/var/lib/stateless/state': 'state',
  '/var/lib/stateless/writable': 'scratch',
}

/** Scratch is as listed, nothing is kept, and everybody is told. */
export function isDegraded(boot: Boot, more: Record<string, string> = {}): void {
  const { '/var/lib/stateless/state': _, ...mounts } = boot.mounts()
  const expected = { '/srv/e': 'scratch', '/var/lib/stateless/writable': 'scratch', ...more }
  assert.equal(mounts, expected)
  assert.is(boot.read('/srv/kept/text'), 'from the image')
  assert.is(boot.status, 4, boot.stderr)
  assert.ok(boot.record()?.why)
  assert.match(boot.stderr, 'stat')
  assert.match(boot.namespace.sh('cat /run/motd.d/*'), 'stat')
}
