import { bootMutant } from './mutant-boot.ts'
import { scenarios } from './scenario.ts'

// The first of those that `make soak` boots.
const mutants = scenarios('mutants')

const BOOTS = 6
for (let n = 0; n < BOOTS; n++) {
  mutants(`spoilt store and command line ${n}: the machine comes up, the store is as it was`, () =>
    bootMutant(n),
  )
}

mutants.run()
