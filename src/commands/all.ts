import { boot } from './boot.ts'
import { check } from './check.ts'
import type { Command } from './command.ts'
import { create } from './create.ts'
import { explain } from './explain.ts'
import { grow } from './grow.ts'
import { list } from './list.ts'
import { live } from './live.ts'
import { lost } from './lost.ts'
import { monitor } from './monitor.ts'
import { persist } from './persist.ts'
import { probe } from './probe.ts'
import { recover } from './recover.ts'
import { shutdown } from './shutdown.ts'
import { status } from './status.ts'
import { unpersist } from './unpersist.ts'
import { which } from './which.ts'

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  boot,
  live,
  shutdown,
  status,
  which,
  lost,
  persist,
  unpersist,
  list,
  create,
  grow,
  monitor,
  check,
  recover,
  explain,
  probe,
]
