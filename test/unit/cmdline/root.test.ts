import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type LiveRoot, parseConfig } from '../../../src/cmdline/config.ts'

function liveRoot(text: string): LiveRoot {
  const { root, problems } = parseConfig(text)
  assert.equal(problems, [], text)
  if (root.kind !== 'live') throw new Error(`${text} is not live`)
  return root
}

test('root=live: and a label is a live root with the usual defaults', () => {
  assert.equal(liveRoot('root=live:CDLABEL=LIVE'), {
    kind: 'live',
    text: 'CDLABEL=LIVE',
    medium: { kind: 'label', value: 'LIVE' },
    directory: 'LiveOS',
    squashImage: 'squashfs.img',
    copyToRam: false,
    isoFile: undefined,
  })
})

test('a live root may be any device, or an image file in the initramfs', () => {
  assert.equal(liveRoot('root=live:/dev/sr0').medium, { kind: 'path', path: '/dev/sr0' })
  assert.equal(liveRoot('root=live:UUID=12-34').medium, { kind: 'uuid', value: '12-34' })
  assert.equal(liveRoot('root=live:PARTLABEL=x').medium, { kind: 'partlabel', value: 'x' })
  assert.equal(liveRoot('root=live:/x.iso').medium, { kind: 'file', path: '/x.iso' })
  assert.equal(liveRoot('"root=live:LABEL=My Disk"').medium, { kind: 'label', value: 'My Disk' })
})

test('rd.live.image makes a live root of any, and changes nothing for one that is', () => {
  assert.equal(liveRoot('root=LABEL=x rd.live.image').medium, { kind: 'label', value: 'x' })
  assert.equal(liveRoot('root=live:LABEL=x rd.live.image').medium, { kind: 'label', value: 'x' })
  assert.equal(liveRoot('root=LABEL=x liveimg').medium, { kind: 'label', value: 'x' })
  assert.is(parseConfig('root=LABEL=x rd.live.image=0').root.kind, 'other')
})

test('the last root= wins, and any other root is kept as it was typed', () => {
  assert.equal(parseConfig('root=live:LABEL=x root=UUID=1').root, { kind: 'other', text: 'UUID=1' })
  assert.equal(parseConfig('root').root, { kind: 'other', text: undefined })
  assert.equal(parseConfig('').root, { kind: 'other', text: undefined })
  const why = 'rd.live.image asks for a live medium, and root= names none'
  assert.equal(parseConfig('rd.live.image root=').root, { kind: 'other', text: '', why })
  assert.equal(parseConfig('rd.live.image').root, { kind: 'other', text: undefined, why })
})

test('folder and image on the medium can be named, in the old words too', () => {
  const root = liveRoot(
    'root=live:LABEL=x rd.live.dir=/a//b/ rd.live.squashimg=/c.img rd.live.ram=1',
  )
  assert.is(root.directory, 'a/b')
  assert.is(root.squashImage, 'c.img')
  assert.is(root.copyToRam, true)
  assert.is(liveRoot('root=live:LABEL=x live_dir=old').directory, 'old')
  assert.is(liveRoot('root=live:LABEL=x live_dir=old rd.live.dir=new').directory, 'new')
  assert.is(liveRoot('root=live:LABEL=x live_ram').copyToRam, true)
  assert.is(liveRoot('root=live:LABEL=x rd.live.dir= rd.live.ram=0').directory, 'LiveOS')
  assert.is(liveRoot('root=live:LABEL=x rd.live.dir=/').directory, 'LiveOS')
})

test('a folder that climbs out of the medium is a problem, and the default is used', () => {
  const { root, problems } = parseConfig(
    'root=live:LABEL=x rd.live.dir=../x rd.live.squashimg=a/../b',
  )
  assert.is(root.kind === 'live' && root.directory, 'LiveOS')
  assert.is(root.kind === 'live' && root.squashImage, 'squashfs.img')
  assert.equal(
    problems.map((problem) => problem.argument),
    ['rd.live.dir=../x', 'rd.live.squashimg=a/../b'],
  )
})

test('iso-scan names the ISO file that the medium is in', () => {
  assert.is(liveRoot('root=live:CDLABEL=L iso-scan/filename=/isos/x.iso').isoFile, '/isos/x.iso')
  assert.is(liveRoot('root=live:CDLABEL=L iso-scan/filename=x.iso').isoFile, '/x.iso')
  assert.is(liveRoot('root=live:CDLABEL=L iso-scan/filename=').isoFile, undefined)
  const { root, problems } = parseConfig('root=live:CDLABEL=L iso-scan/filename=/../x')
  assert.is(root.kind === 'live' && root.isoFile, undefined)
  assert.match(problems[0]?.text ?? '', 'no ISO file is looked for')
})

for (const medium of ['http://h/x.img', 'https://h/x', 'ftp://h/x', 'torrent://h/x', 'nfs:h:/x']) {
  test(`live:${medium} is left to dracut, and said so`, () => {
    const { root, overlay, problems } = parseConfig(`root=live:${medium}`)
    const why = "media on the network are fetched by dracut's livenet, not by holdfast"
    assert.equal(root, { kind: 'other', text: `live:${medium}`, why })
    assert.is(overlay.store.kind, 'untouched')
    assert.is(problems.length, 1)
    assert.match(problems[0]?.text ?? '', 'livenet')
  })
}

for (const medium of ['', 'sr0', '/', '/a/../b', '/dev/../x', 'LABEL=']) {
  test(`'live:${medium}' names no medium, which is a problem`, () => {
    const { root, problems } = parseConfig(`root=live:${medium}`)
    assert.ok(root.kind === 'other' && root.why)
    assert.match(problems[0]?.text ?? '', 'the root is left to dracut')
  })
}

test.run()
