import { testPowerCuts } from './power-cut/tests.ts'

// 40 cuts; make soak has the long run.
testPowerCuts(8)
