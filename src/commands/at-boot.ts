import { boot } from './boot.ts'
import type { Command } from './command.ts'
import { live } from './live.ts'
import { monitor } from './monitor.ts'
import { shutdown } from './shutdown.ts'

/** What hooks and services call from the start of a machine to its end. */
export const bootCommands: readonly Command[] = [live, boot, monitor, shutdown]
