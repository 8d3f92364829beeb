import { exit } from 'qjs:machine'
import { bareCall } from './bare-call.ts'
import { bootCommands } from './commands/at-boot.ts'
import { quickjsSystem } from './machine/quickjs.ts'
import { main } from './main.ts'

// The first half of the static executable; where this comes to its end, entry-quickjs.ts goes on.
const system = quickjsSystem()
const call = bareCall(system.argv, bootCommands)
if (call !== undefined) exit(main(system, () => call))
