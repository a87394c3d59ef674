import { expect, test } from 'vitest'
import { runId } from './picked.ts'

test.each(['12', '#12'])('%s is told to be a number, and where the id is', (text) =>
  expect(() => runId(text)).toThrow(/named by its id, like run_…, not by its number\. `viewport runs 12`/),
)
test.each(['../../etc', '', 'run/1', '-x'])('%j is no id', (text) =>
  expect(() => runId(text)).toThrow('is not the id of a run'),
)
test('an id is taken as it is', () => expect(runId('run_7k2m')).toBe('run_7k2m'))
