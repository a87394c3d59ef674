import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'

import { InputField } from './input-field.tsx'
import { inputsFrom } from './inputs.ts'

const html = (required: boolean, standard: boolean | null, value?: string) =>
  renderToStaticMarkup(
    <InputField
      name="dry"
      declared={{ type: 'boolean', required, default: standard, description: '' }}
      value={value}
      wrong={false}
      onChange={() => {}}
    />,
  )

test.each<[required: boolean, standard: boolean | null, value: string | undefined, chosen: string]>([
  [true, null, undefined, ''],
  [true, null, 'true', 'true'],
  [true, false, undefined, 'false'],
  [false, null, undefined, ''],
  [false, true, undefined, 'true'],
  [false, true, '', ''],
])('a choice (required %s, default %s, filled %s) shows what it gives: %j', (required, standard, value, chosen) => {
  const shown = html(required, standard, value)
  expect(/<option value="(\w*)" selected/.exec(shown)?.[1]).toBe(chosen)
  const declared = { dry: { type: 'boolean' as const, required, default: standard, description: '' } }
  const { missing } = inputsFrom(declared, value === undefined ? {} : { dry: value })
  expect(missing).toEqual(chosen === '' && required ? ['dry'] : [])
})
