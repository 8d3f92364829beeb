import { testPowerCuts } from '../vm/power-cut/tests.ts'

// Five cuts a series: 200.
testPowerCuts(40)
