import * as assert from 'uvu/assert'
import { bootFailing } from './failing-holder.ts'
import { scenarios } from './scenario.ts'

// A persistence device that fails while its store is set up: the boot goes on with a store in RAM, and says why.
const holderFaults = scenarios('holder faults')

for (const requests of [0, 3, 15]) {
  holderFaults(`a device that gives errors after ${requests} writes ends in policy`, async () => {
    assert.match(await bootFailing('errors', requests), /^Failed to /)
  })
}

holderFaults('one that no longer answers does too', async () => {
  assert.is(await bootFailing('hang', 0), "'/dev/vda' no longer answers")
})

holderFaults.run()
