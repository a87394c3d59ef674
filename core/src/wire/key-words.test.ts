import { expect, test } from 'vitest'
import { keyThumbprint, keyWords } from './key-words.ts'
import { words } from './words.ts'

// RFC 8037 appendix A.3
const key = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } as const

test('the thumbprint is the one of RFC 8037', () => {
  expect(keyThumbprint(key)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
})

test('the words depend on the key alone and never change', () => {
  expect(keyWords({ ...key, kid: 'x', use: 'sig' } as typeof key)).toEqual(keyWords(key))
  expect(keyWords(key)).toMatchInlineSnapshot(`
    [
      "paper",
      "clock",
      "crane",
    ]
  `)
  expect(keyWords({ ...key, x: key.x.replace('1', '2') })).not.toEqual(keyWords(key))
})

test('the list has 512 different plain words', () => {
  expect(words).toHaveLength(512)
  expect(new Set(words).size).toBe(512)
  for (const word of words) expect(word).toMatch(/^[a-z]{3,9}$/)
})
