import { testPowerCuts } from '../vm/power-cut/tests.ts'

// 200 cuts, the first 40 of them those of make test.
testPowerCuts(40)
