import { fillToTheBrim } from '../vm/fill-to-the-brim.ts'
import { fillWatched } from '../vm/fill-watched.ts'
import { scenarios } from '../vm/scenario.ts'

const monitor = scenarios('monitor, long')

monitor('20,000 small synced files and a large one: no write fails', () => fillWatched(20_000))

monitor(
  '20,000 into a store without room: all that were synced are there at the next boot',
  async () => {
    const synced = await fillToTheBrim(20_000, 96 << 20)
    console.log(`without room: ${synced} files were synced before the store was full`)
  },
)

monitor.run()
