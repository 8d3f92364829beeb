import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { judgeTurn, nameOfProcess, numberOfProcess } from '../../../src/machine/turn.ts'

const test = suite('turns of processes that change the same thing')

test('a process is known by its number and when it began, whatever its program is called', () => {
  const fields = 'S 1 42 42 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 987654 4096 100'
  assert.is(nameOfProcess(`42 (holdfast) ${fields}\n`), '42-987654')
  assert.is(nameOfProcess(`42 (a) S 1 (b) ${fields}\n`), '42-987654')
  assert.is(nameOfProcess(''), undefined)
  assert.is(numberOfProcess('42-987654'), '42')
  for (const name of ['', 'x', '42', '../1-2', '42-987654.tmp'])
    assert.is(numberOfProcess(name), undefined)
})

/** Where a process is in its loop: it puts its name up, looks, and does what it is told. */
type At = 'put up' | 'look' | 'take down' | 'inside' | 'done'

interface Moment {
  readonly at: readonly At[]
  readonly isUp: readonly boolean[]
}

/** Every next moment: one of the processes takes one step. */
function next({ at, isUp }: Moment): Moment[] {
  return at.flatMap((place, mine): Moment[] => {
    const go = (to: At, up = isUp[mine]!) => ({
      at: at.map((each, index) => (index === mine ? to : each)),
      isUp: isUp.map((each, index) => (index === mine ? up : each)),
    })
    const others = isUp.flatMap((each, index) => (each && index !== mine ? [`${index}`] : []))
    switch (place) {
      case 'put up':
        return [go('look', true)]
      case 'look': {
        const turn = judgeTurn(`${mine}`, others)
        return [go(turn === 'go on' ? 'inside' : turn === 'wait' ? 'look' : 'take down')]
      }
      case 'take down':
        return [go('put up', false)]
      case 'inside':
        return [go('done', false)]
      default:
        return []
    }
  })
}

test('three of them, step by step in every order: never two at once, and none is left behind for ever', () => {
  const start: Moment = { at: ['put up', 'put up', 'put up'], isUp: [false, false, false] }
  const key = (moment: Moment) => JSON.stringify(moment)
  const seen = new Map([[key(start), start]])
  const before = new Map<string, string[]>()
  const queue = [start]
  for (let moment = queue.pop(); moment !== undefined; moment = queue.pop()) {
    assert.ok(moment.at.filter((place) => place === 'inside').length <= 1, key(moment))
    for (const after of next(moment)) {
      before.set(key(after), [...(before.get(key(after)) ?? []), key(moment)])
      if (seen.has(key(after))) continue
      seen.set(key(after), after)
      queue.push(after)
    }
  }
  // From each moment there is a way to the end.
  const end = [...seen.keys()].filter((each) => seen.get(each)?.at.every((at) => at === 'done'))
  const ends = new Set(end)
  const open = [...end]
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    for (const earlier of before.get(each) ?? []) {
      if (ends.has(earlier)) continue
      ends.add(earlier)
      open.push(earlier)
    }
  }
  assert.is(ends.size, seen.size)
  assert.ok(seen.size > 50)
})

test.run()
