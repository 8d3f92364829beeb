/** A disk of the machine. Disks on the scsi bus become /dev/sda, /dev/sdb... in their order. */
export interface Disk {
  /** A path, or `nbd:unix:SOCKET`: see ServedDisk. */
  file: string
  /** `scsi` where nothing is said. */
  bus?: 'scsi' | 'virtio'
  /** Shows in /dev/disk/by-id: `virtio-<serial>`, `scsi-0QEMU_QEMU_HARDDISK_<serial>`. */
  serial?: string
  readOnly?: boolean
  /** Whether what the guest writes is thrown away when the machine ends. */
  discard?: boolean
  /** The disk is plugged in when a line of the console matches, not before. */
  attachWhen?: RegExp
}

interface Machine {
  kernel: string
  initramfs: string
  cmdline: string
  disks: readonly Disk[]
  /** Where QEMU writes what the console shows, as it comes. */
  log: string
  report: string
  monitor: string
  icount?: boolean | 'idle-skipped'
  /** A -netdev with the id `net`; a machine has no network where there is none. */
  network?: string
}

// no_timer_check: a starved host does not deliver timer interrupts in time.
// sd_mod before the bus, and one disk after the other: else /dev/sda and /dev/sdb change places now and then.
// A machine that cannot go on ends instead of waiting for somebody; a test may say otherwise after this.
const CMDLINE =
  'console=ttyS0 panic=1 no_timer_check random.trust_cpu=on mitigations=off systemd.show_status=0 ' +
  'scsi_mod.scan=sync rd.driver.pre=sd_mod rd.shell=0 rd.emergency=poweroff'

// Always emulated, so that outcomes do not depend on the host's CPU. With cx16 kernel 6.12 crashes now
// and then when the host is loaded; without rdrand a guest waits for entropy.
const HARDWARE = '-machine q35,sata=off -accel tcg -cpu Nehalem,-cx16,+rdrand -smp 1 -m 1024'

/** The argument vector of QEMU. */
export function qemuArguments(machine: Machine): readonly string[] {
  const idleSkipped = machine.icount === 'idle-skipped'
  return [
    'qemu-system-x86_64',
    ...HARDWARE.split(' '),
    ...(machine.icount ? ['-icount', `shift=1,sleep=${idleSkipped ? 'off' : 'on'}`] : []),
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-chardev', `stdio,id=console,signal=off,logfile=${machine.log}`],
    ...['-serial', 'chardev:console', '-serial', `file:${machine.report}`],
    ...['-monitor', `unix:${machine.monitor},server=on,wait=off`],
    ...['-device', 'virtio-scsi-pci,id=scsi'],
    ...['-device', 'pcie-root-port,id=rp0,chassis=1,slot=1'],
    ...(machine.network
      ? ['-netdev', machine.network, '-device', 'virtio-net-pci,netdev=net']
      : []),
    ...machine.disks.flatMap((disk, index) => (disk.attachWhen ? [] : diskArguments(disk, index))),
    ...['-kernel', machine.kernel, '-initrd', machine.initramfs],
    ...['-append', `${CMDLINE} ${machine.cmdline}`],
  ]
}

function diskArguments(disk: Disk, index: number): readonly string[] {
  return ['-drive', `if=none,${formatDrive(disk, index)}`, '-device', formatDevice(disk, index)]
}

/** The monitor's commands that plug a disk into a running machine. */
export function formatHotplug(disk: Disk, index: number): string {
  // Only a root port can take a PCI device while the machine runs.
  const device = `${formatDevice(disk, index)}${disk.bus === 'virtio' ? ',bus=rp0' : ''}`
  return `drive_add 0 if=none,${formatDrive(disk, index)}\ndevice_add ${device}\n`
}

function formatDrive(disk: Disk, index: number): string {
  const readOnly = disk.readOnly ? ',readonly=on' : ''
  const discard = disk.discard ? ',snapshot=on' : ''
  return `id=drive${index},file=${disk.file},format=raw${readOnly}${discard}`
}

// The kernel names disks as its workers come round to them. The bus is scanned number by number: with some between
// two disks the first has its name before the second is found.
const SCSI_ID_DISTANCE = 24

function formatDevice(disk: Disk, index: number): string {
  const scsi = `scsi-hd,bus=scsi.0,scsi-id=${index * SCSI_ID_DISTANCE}`
  const device = disk.bus === 'virtio' ? 'virtio-blk-pci' : scsi
  return `${device},drive=drive${index},serial=${disk.serial ?? `disk${index}`}`
}
