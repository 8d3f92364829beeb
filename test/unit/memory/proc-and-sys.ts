import type { State } from './state.ts'

/** The files in /proc and /sys, and the nodes in /dev, that probing asks for. */
export function procAndSys({
  state,
  cmdline,
}: {
  state: State
  cmdline: string
}): Map<string, string> {
  const fixed: [path: string, text: string][] = [
    ['/etc/initrd-release', ''],
    ['/dev/loop-control', ''],
    ['/dev/mapper/control', ''],
    ['/proc/cmdline', `${cmdline}\n`],
    ['/proc/meminfo', 'MemTotal:        1048576 kB\n'],
    ['/proc/self/stat', `7 (holdfast) S${' 1'.repeat(30)}\n`],
    ['/proc/self/mountinfo', state.mounts.map(formatMount).join('')],
  ]
  return new Map([...fixed, ...state.disks.flatMap((disk) => sysfs(state, disk))])
}

function formatMount(mount: State['mounts'][number]): string {
  const { mountId, parentId, device, root, mountPoint, options, fsType, source } = mount
  const shared = mount.group === undefined ? '' : ` shared:${mount.group}`
  const head = `${mountId} ${parentId} ${device} ${root} ${mountPoint} ${options.join()}${shared}`
  return `${head} - ${fsType} ${source} ${mount.superOptions.join()}\n`
}

function sysfs(state: State, disk: State['disks'][number]): [path: string, text: string][] {
  const folder = `/sys/class/block/${disk.name}`
  const size = `${disk.sectors}\n`
  const holders = state.disks.filter(({ dm }) => dm?.slaves.includes(disk.name))
  return [
    [`${folder}/size`, size],
    [`${folder}/dev`, `${disk.number}\n`],
    [`${folder}/ro`, disk.readOnly ? '1\n' : '0\n'],
    [`/sys/dev/block/${disk.number}/size`, size],
    ...(disk.dm?.slaves ?? []).map((name): [string, string] => [`${folder}/slaves/${name}`, '']),
    ...holders.map(({ name }): [string, string] => [`${folder}/holders/${name}`, '']),
    ...((disk.dm
      ? [
          [`${folder}/dm/name`, `${disk.dm.name}\n`],
          [`${folder}/dm/uuid`, `${disk.dm.uuid}\n`],
        ]
      : []) as [string, string][]),
    ...((disk.loop
      ? [
          [`${folder}/loop/backing_file`, `${disk.loop.file}\n`],
          [`${folder}/loop/autoclear`, disk.loop.autoClear ? '1\n' : '0\n'],
        ]
      : []) as [string, string][]),
  ]
}
