import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { isKept, Kept } from './kept.tsx'

test('a text that stayed is told from one that says so in other words', () => {
  expect(isKept('plan: (kept on the runner)')).toBe(true)
  expect(isKept(null, undefined, 'It was kept on the runner.')).toBe(false)
})

test('it says where the text is and how to read it', () =>
  expect(renderToStaticMarkup(<Kept run="run_1" runner="payments-vps" />)).toBe(
    'Kept on payments-vps. There, <code>vpd egress run_1 --kept</code> shows it.',
  ))
