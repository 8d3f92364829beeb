// Joins standard input and output, a connection of a guest, with the Unix socket that its argument names.
import { connect } from 'node:net'

const socket = connect(process.argv[2])
socket.on('error', () => process.exit(1))
socket.on('close', () => process.exit(0))
process.stdin.pipe(socket).pipe(process.stdout)
