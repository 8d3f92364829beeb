import { readCommandLine } from './command-line.ts'
import { nodeSystem } from './machine/node.ts'
import { main } from './main.ts'

process.exit(main(nodeSystem(process.argv.slice(2)), readCommandLine))
