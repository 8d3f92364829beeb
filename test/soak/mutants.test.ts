import { bootMutant } from '../vm/mutant-boot.ts'
import { scenarios } from '../vm/scenario.ts'

const mutants = scenarios('mutants')

const BOOTS = 30
for (let n = 0; n < BOOTS; n++) {
  mutants(`spoilt store and command line ${n}: the machine comes up, the store is as it was`, () =>
    bootMutant(n),
  )
}

mutants.run()
