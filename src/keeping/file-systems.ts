/** File systems whose files are in memory, and gone with it. */
export const RAM_TYPES: readonly string[] = ['tmpfs', 'ramfs', 'rootfs']

/** File systems whose files are kept by another machine. */
export const SERVER_TYPES: readonly string[] = [
  ...['nfs', 'nfs4', 'cifs', 'smb3', 'ceph', 'afs'],
  ...['9p', 'virtiofs'],
]

/** File systems that show the kernel's own state: what is written there is no file. */
export const KERNEL_TYPES: readonly string[] = [
  ...['proc', 'sysfs', 'devtmpfs', 'devpts', 'cgroup', 'cgroup2', 'securityfs', 'selinuxfs'],
  ...['debugfs', 'tracefs', 'configfs', 'bpf', 'pstore', 'efivarfs', 'mqueue', 'hugetlbfs'],
  ...['binfmt_misc', 'fusectl', 'rpc_pipefs', 'nsfs'],
]

/**
 * Whether a look at a file of that type may wait without end: a server that is gone, a program behind FUSE, a mount
 * that is made when it is used.
 */
export function mayHang(fsType: string): boolean {
  return SERVER_TYPES.includes(fsType) || fsType === 'autofs' || /^fuse(\.|$)/.test(fsType)
}
