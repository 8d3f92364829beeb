import { testStateCuts } from '../vm/power-cut/state-series.ts'

testStateCuts(10, 8)
