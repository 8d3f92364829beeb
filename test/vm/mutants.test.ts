import { bootMutant } from './mutant-boot.ts'
import { scenarios } from './scenario.ts'

// The long form is in test/soak.
const mutants = scenarios('mutants')

for (const n of [2, 9, 16, 23]) {
  mutants(`spoilt store and command line ${n}: the machine comes up, the store is as it was`, () =>
    bootMutant(n),
  )
}

mutants.run()
