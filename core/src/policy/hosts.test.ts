import { expect, test } from 'vitest'
import { hostForm, notAllowed } from './hosts.ts'

test.each<[string[], 'open' | string[], string | null]>([
  [['a.example'], ['a.example'], null],
  [['a.example'], [], 'a.example'],
  [[], [], null],
  [['a.example', 'evil.example'], ['a.example'], 'evil.example'],
  [['x.a.example'], ['*.a.example'], null],
  [['*.x.a.example'], ['*.a.example'], null],
  [['*.a.example'], ['*.a.example'], null],
  // What is wider than the rule, or only ends like it, is not covered by it.
  [['*.example'], ['*.a.example'], '*.example'],
  [['*.a.example'], ['a.example'], '*.a.example'],
  [['a.example'], ['*.a.example'], 'a.example'],
  [['xa.example'], ['*.a.example'], 'xa.example'],
  [['a.example.evil'], ['a.example'], 'a.example.evil'],
  // Ports: none is 443 and 80.
  [['a.example:443'], ['a.example'], null],
  [['a.example:80'], ['*.example'], null],
  [['a.example:8443'], ['a.example'], 'a.example:8443'],
  [['a.example'], ['a.example:443'], 'a.example'],
  [['a.example:8443'], ['a.example:8443'], null],
  [['registries'], ['registries'], null],
  [['registries'], ['*.org'], 'registries'],
  [['registry.npmjs.org'], ['registries'], 'registry.npmjs.org'],
  [['anything.example', 'registries'], 'open', null],
])('of %j the list %j does not allow %s', (wanted, allowed, found) => {
  expect(notAllowed(wanted, allowed)).toBe(found)
  for (const host of wanted) expect(host).toMatch(hostForm)
})

test.each([
  '*',
  'https://a.example',
  'a.example/x',
  'a..example',
  'A.example',
  '',
  'a.example:',
  '*.*.example',
  '-a.example',
  'a b',
])('%j is no host', (text) => expect(text).not.toMatch(hostForm))
