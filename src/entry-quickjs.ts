import { exit } from 'qjs:machine'
import { quickjsSystem } from './machine/quickjs.ts'
import { main } from './main.ts'

exit(main(quickjsSystem()))
