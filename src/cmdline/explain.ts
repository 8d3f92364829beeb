import { formatPrintable } from '../printable.ts'
import {
  type Config,
  DEFAULT_ON_FAIL,
  DEFAULT_TIMEOUT_SECONDS,
  type LiveRoot,
  type Medium,
  type OnFail,
  type Overlay,
} from './config.ts'
import type { DeviceSpec } from './device-spec.ts'

const KEY_COLUMNS = 10
const KIND_KEYS = { ignored: 'ignored', remark: 'note' } as const

const ON_FAIL_TEXTS: Readonly<Record<OnFail, string>> = {
  temporary: 'a store in RAM, lost at shutdown',
  readonly: 'the root without a store, read-only',
  shell: 'the emergency shell',
  reboot: 'a reboot',
  poweroff: 'switching the machine off',
}

/** What a configuration asks for in words, a line each, a key and its text; safe on a terminal. */
export function explainConfig(config: Config): string[] {
  const { overlay, notes, problems } = config
  const isKept = overlay.store.kind === 'persistent' || overlay.store.kind === 'unusable'
  return [
    line('root', rootText(config)),
    line('store', storeText(config)),
    ...(isKept ? modeLines(overlay) : []),
    ...mountLines(config),
    ...statelessLines(config),
    ...notes.map((note) => line(KIND_KEYS[note.kind], `${note.argument}: ${note.text}`)),
    ...problems.map((problem) => line('problem', `${problem.argument}: ${problem.text}`)),
    ...(isKept ? policyLines(config) : []),
  ]
}

function line(key: string, text: string): string {
  return key.padEnd(KEY_COLUMNS) + formatPrintable(text)
}

function rootText({ root }: Config): string {
  if (root.kind === 'other') return root.text === undefined ? 'not named (no root=)' : root.text
  const image = `its ${root.directory}/${root.squashImage}`
  const iso = root.isoFile === undefined ? '' : `, inside the ISO file ${root.isoFile}`
  const ram = root.copyToRam ? ', copied to RAM' : ''
  return `the live medium ${mediumText(root.medium)}${iso}, ${image}${ram}`
}

function mediumText(medium: Medium): string {
  return medium.kind === 'file' ? `${medium.path} in the initramfs` : deviceText(medium)
}

function storeText({ root, overlay }: Config): string {
  const { store } = overlay
  const asked = overlay.asked === undefined ? '' : `   (${overlay.asked})`
  if (store.kind === 'untouched') return 'none asked for: the root is left alone'
  if (store.kind === 'none') return `none: the base itself is mounted${asked}`
  if (store.kind === 'unusable') return `cannot be had${asked}`
  if (store.kind === 'persistent') {
    const path = store.path ?? `/${autoPathText(root)}`
    return `${path} on ${holderText(store.device)}${asked}`
  }
  const bytes = overlay.temporaryBytes
  const size = bytes === undefined ? '' : `, ${bytes / 2 ** 20} MiB`
  return `in RAM${size}: changes are lost at shutdown${asked}`
}

/** The name that dracut gives a store without a path, as far as it can be told without the medium. */
function autoPathText(root: Config['root']): string {
  if (root.kind === 'other') return 'LiveOS/overlay-<LABEL of the root>-<UUID of the root>'
  const label = tagOf(root, 'label')?.replaceAll('/', '_') ?? '<LABEL of the medium>'
  const uuid = tagOf(root, 'uuid') ?? '<UUID of the medium>'
  return `${root.directory}/overlay-${label}-${uuid}`
}

function tagOf({ medium }: LiveRoot, kind: 'label' | 'uuid'): string | undefined {
  return medium.kind === kind ? medium.value : undefined
}

function holderText(device: DeviceSpec): string {
  if (device.kind === 'label') return `the file system labelled "${device.value}"`
  return device.kind === 'uuid' ? `the file system with UUID ${device.value}` : deviceText(device)
}

function deviceText(device: DeviceSpec): string {
  switch (device.kind) {
    case 'path':
      return device.path
    case 'label':
      return `labelled "${device.value}"`
    case 'uuid':
      return `with UUID ${device.value}`
    case 'partlabel':
      return `the partition labelled "${device.value}"`
    case 'partuuid':
      return `the partition with PARTUUID ${device.value}`
  }
}

function modeLines(overlay: Overlay): string[] {
  const lines: string[] = []
  if (overlay.reset !== undefined) {
    const often = overlay.reset.always ? 'at every boot' : `once (${overlay.reset.asked})`
    lines.push(line('reset', `yes: the store is emptied first, ${often}`))
  }
  if (overlay.readOnly) lines.push(line('readonly', 'yes: what is written goes to RAM'))
  return lines
}

/** The mode is that of a live root's medium; the snapshot over it is mounted rw before the options. */
function mountLines({ root, overlay, rootMode, rootFlags }: Config): string[] {
  const lines: string[] = []
  const mode = root.kind === 'other' && rootMode !== undefined ? [rootMode] : []
  const options = [...mode, ...rootFlags]
  if (overlay.overlayFs) lines.push(line('changes', 'kept file by file, in an OverlayFS'))
  if (options.length > 0) lines.push(line('mounted', `with ${options.join(',')}`))
  if (root.kind === 'live' && rootMode === 'rw') lines.push(line('medium', 'mounted read-write'))
  return lines
}

function statelessLines({ readOnlyRoot, state, files, onFail }: Config): string[] {
  const lines: string[] = []
  if (readOnlyRoot !== undefined) {
    const text = readOnlyRoot
      ? 'the root is read-only, but for what rwtab and statetab list (readonlyroot)'
      : 'READONLY= in /etc/sysconfig/readonly-root counts as no (noreadonlyroot)'
    lines.push(line('paths', text))
  }
  if (state === 'required') {
    lines.push(line('state', `where it cannot be had: ${onFail} (rd.holdfast.state=required)`))
  }
  if (files === 'bind') {
    lines.push(line('files', 'kept ones cannot be renamed over (rd.holdfast.files=bind)'))
  }
  return lines
}

function policyLines({ onFail, timeoutSeconds }: Config): string[] {
  const policy = settingText('rd.holdfast.onfail', onFail === DEFAULT_ON_FAIL)
  const limit = settingText('rd.holdfast.timeout', timeoutSeconds === DEFAULT_TIMEOUT_SECONDS)
  return [
    line('fails to', `${onFail}: ${ON_FAIL_TEXTS[onFail]} (${policy})`),
    line('waits', `at most ${timeoutSeconds} s for the persistence device (${limit})`),
  ]
}

function settingText(name: string, isDefault: boolean): string {
  return isDefault ? `default of ${name}` : `${name}=`
}
