import { testStateCuts } from './power-cut/state-series.ts'

// The long form is in test/soak.
testStateCuts(1, 6)
