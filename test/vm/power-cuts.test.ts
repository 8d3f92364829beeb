import { testPowerCuts } from './power-cut/tests.ts'

// Five cuts a series: 40, each kind at least twice. The long form is in test/soak.
testPowerCuts(8)
