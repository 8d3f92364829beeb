/**
 * The configuration of an oVirt Node as its owner read it out: every line of data with its value, odd ones included.
 * The first line of readonly-root lacks its `#`, a blank follows CONFIG, debugfs has a 0 for options, bind is a type, and
 * /var/lib/multipath and /etc/shadow are listed twice.
 */
export const NODE_FILES = {
  '/etc/fstab': `/dev/root / ext2 defaults,ro,noatime 0 0
devpts /dev/pts devpts gid=5,mode=620 0 0
tmpfs /dev/shm tmpfs defaults 0 0
proc /proc proc defaults 0 0
sysfs /sys sysfs defaults 0 0
/dev/HostVG/Config /config ext4 defaults,noauto,noatime 0 0
debugfs /sys/kernel/debug debugfs 0 0
/dev/HostVG/Swap swap swap defaults 0 0
/dev/HostVG/Logging /var/log ext4 defaults,noatime 0 0
/dev/HostVG/Data /data ext4 defaults,noatime 0 0
/data/images /var/lib/libvirt/images bind bind 0 0
/data/core /var/log/core bind bind 0 0
`,
  '/etc/sysconfig/readonly-root': `A line that is no comment, with 'words' in quotes.
READONLY=yes
TEMPORARY_STATE=no
RW_MOUNT=/var/lib/stateless/writable
RW_LABEL=stateless-rw
RW_OPTIONS=
STATE_LABEL=CONFIG${' '}
STATE_MOUNT=/config
STATE_OPTIONS=
CLIENTSTATE=
`,
  '/etc/rwtab': ['adjtime', 'ntp.conf', 'resolv.conf', 'lvm/.cache', 'lvm/archive', 'lvm/backup']
    .map((name) => `#files /etc/${name}\n`)
    .join(''),
  '/etc/rwtab.d/ovirt': `files /etc
dirs /var/lib/multipath
dirs /var/lib/net-snmp
dirs /var/lib/dnsmasq
files /root/.ssh
dirs /root/.uml
dirs /root/.virt-manager
dirs /home/admin/.virt-manager
files /var/cache/libvirt
files /var/empty/sshd/etc/localtime
files /var/lib/libvirt
files /var/lib/multipath
files /var/cache/multipathd
empty /mnt
empty /live
files /boot
empty /boot-kdump
empty /cgroup
`,
  '/etc/statetab': '# Nothing but comments.\n#\n# /root\n# /etc/ssh\n# /var/spool/mail\n',
} as const

/** What /config/files lists: what is kept. */
export const NODE_KEEPS = `/etc/fstab
/etc/shadow
/etc/default/ovirt
/etc/ssh/ssh_host_key
/etc/ssh/ssh_host_key.pub
/etc/ssh/ssh_host_dsa_key
/etc/ssh/ssh_host_dsa_key.pub
/etc/ssh/ssh_host_rsa_key
/etc/ssh/ssh_host_rsa_key.pub
/etc/iscsi/initiatorname.iscsi
/etc/sysconfig/network-scripts/ifcfg-eth0
/etc/sysconfig/network-scripts/ifcfg-breth0
/etc/sysconfig/network-scripts/ifcfg-eth1
/etc/ntp.conf
/etc/sysconfig/network
/etc/hosts
/etc/shadow
/etc/ssh/sshd_config
`

/** What the image has where these files point: folders end in a slash. */
export const NODE_PLACES = {
  ...Object.fromEntries(
    [
      ...['/config/', '/data/', '/mnt/', '/live/', '/cgroup/', '/var/lib/stateless/writable/'],
      ...['/var/lib/multipath/', '/var/lib/net-snmp/', '/var/lib/dnsmasq/', '/root/.uml/'],
      ...['/root/.virt-manager/', '/home/admin/.virt-manager/', '/var/cache/libvirt/'],
      ...['/var/cache/multipathd/', '/var/lib/libvirt/images/', '/etc/iscsi/'],
    ].map((path) => [path, '']),
  ),
  '/etc/shadow': 'image',
  '/etc/hosts': 'image',
  '/etc/ssh/sshd_config': 'image',
  '/etc/ntp.conf': 'image',
  '/root/.ssh/known_hosts': 'image',
  '/var/empty/sshd/etc/localtime': 'image',
  '/var/lib/libvirt/network': 'image',
  '/boot-kdump/file': 'image',
} as const

/** What the Config volume holds besides the list. */
export const NODE_CONFIG = {
  files: NODE_KEEPS,
  '/etc/default/ovirt': 'config',
  '/etc/ssh/ssh_host_rsa_key': 'config',
  '/etc/iscsi/initiatorname.iscsi': 'config',
  '/etc/sysconfig/network-scripts/ifcfg-breth0': 'config',
  '/etc/hosts': 'config',
} as const
