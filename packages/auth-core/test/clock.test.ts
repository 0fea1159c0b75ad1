import { systemClock, ticks } from '../src/clock.js'

test('durations are whole milliseconds: events and messages show them', () => {
  for (let count = 0; count < 10; count++) expect(ticks(systemClock) % 1).toBe(0)
})
