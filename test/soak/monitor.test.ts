import { fillWatched } from '../vm/fill-watched.ts'
import { scenarios } from '../vm/scenario.ts'

const monitor = scenarios('monitor, long')

monitor('20,000 small synced files and a large one: no write fails', () => fillWatched(20_000))

monitor.run()
