import { exit } from 'qjs:machine'
import { readCommandLine } from './command-line.ts'
import { quickjsSystem } from './machine/quickjs.ts'
import { main } from './main.ts'

exit(main(quickjsSystem(), readCommandLine))
