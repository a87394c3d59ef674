import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'

import { contextOf, ContextOfRun } from './context-table.tsx'

const run = {
  contextItems: [],
  contextMissing: [
    { step: 'plan', wish: 'docs/x.md', why: 'no such file' },
    { step: 'implement', wish: 'docs/y.md', why: 'it is too long' },
  ],
}

test('a step says what it lacks itself, and nothing of what other steps lack', () => {
  expect(contextOf(run, 'plan')).toEqual({ items: [], missing: [run.contextMissing[0]] })
  expect(contextOf(run, 'verify')).toEqual({ items: [], missing: [] })
})

test('the page of a run names the step of each wish, also of steps that were given nothing', () => {
  expect(renderToStaticMarkup(<ContextOfRun run={run} />)).toBe(
    '<p class="wait">Not given to plan: docs/x.md: no such file</p><p class="wait">Not given to implement: docs/y.md: it is too long</p>',
  )
})
