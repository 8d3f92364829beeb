import { RECORD_FOLDER } from '../machine/places.ts'
import type { Step } from '../plan/step.ts'

/** The program in the initramfs. */
export const EXECUTABLE = '/usr/sbin/holdfast'
/** Of its copy in RAM. */
const PROGRAM_FOLDER = `${RECORD_FOLDER}/bin`
const COPY = `${PROGRAM_FOLDER}/holdfast`

const UNIT = 'holdfast-monitor.service'
const UNIT_FOLDER = '/run/systemd/system'
const WANTS_FOLDER = `${UNIT_FOLDER}/sysinit.target.wants`

/** The unit that runs the monitor, as systemd/holdfast-monitor.service ships it for the program in the root. */
export function monitorUnit(executable: string): string {
  return `[Unit]
Description=Make the store of the root larger before it is full
Documentation=man:holdfast(8)
ConditionPathExists=/run/holdfast/boot.json
DefaultDependencies=no
After=local-fs.target
Before=shutdown.target
Conflicts=shutdown.target

[Service]
ExecStart=${executable} monitor
Restart=on-failure
RestartSec=5
Nice=-10
OOMScoreAdjust=-900
MemorySwapMax=0
CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SYS_CHROOT CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX
RestrictSUIDSGID=yes
LockPersonality=yes

[Install]
WantedBy=sysinit.target
`
}

/**
 * The steps that leave the program in /run, with a unit that goes before one in the root. From there the monitor runs
 * also over a root that holdfast was never installed in, it is the very program that set the store up, and
 * no page of it has to be read from the root in the moment when the root can no longer be read. It takes less
 * than a megabyte. Where the root is not started by systemd there is no unit: somebody else has to start it.
 */
export function planMonitor(withSystemd: boolean): Step[] {
  const copy: Step[] = [
    { kind: 'make-directory', path: PROGRAM_FOLDER },
    { kind: 'copy-short-file', from: EXECUTABLE, to: COPY },
  ]
  if (!withSystemd) return copy
  const link = `${WANTS_FOLDER}/${UNIT}`
  return [
    ...copy,
    { kind: 'make-directory', path: WANTS_FOLDER },
    { kind: 'write-file', path: `${UNIT_FOLDER}/${UNIT}`, text: monitorUnit(COPY) },
    { kind: 'remove-file', path: link },
    { kind: 'make-link', path: link, target: `../${UNIT}` },
  ]
}
