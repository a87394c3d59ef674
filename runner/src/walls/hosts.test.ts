import { describe, expect, it } from 'vitest'
import { hostForm, isNamed } from '@viewportai/core/policy/hosts'
import { plainHost } from './hosts.ts'

describe('a named host', () => {
  it.each<[string, number, boolean]>([
    ['registry.npmjs.org', 443, true],
    ['registry.npmjs.org', 80, true],
    ['registry.npmjs.org', 22, false],
    ['evil-registry.npmjs.org', 443, false],
    ['registry.npmjs.org.evil.example', 443, false],
    ['a.example.com', 443, true],
    ['a.b.example.com', 443, true],
    ['example.com', 443, false],
    ['evilexample.com', 443, false],
    ['corp.example', 8443, true],
    ['corp.example', 443, false],
  ])('%s:%i is named: %s', (host, port, named) =>
    expect(isNamed(host, port, ['registries', '*.example.com', 'corp.example:8443'])).toBe(named),
  )
  it('is compared as a name', () => {
    expect(plainHost('Registry.NPMJS.org.')).toBe('registry.npmjs.org')
    expect(plainHost('bücher.example')).toBe('xn--bcher-kva.example')
    for (const odd of ['a b', 'a/b', 'a@b', '', '::1', 'a#b', 'a\0b', `${'a'.repeat(60)}.`.repeat(6)])
      expect([odd, plainHost(odd)]).toEqual([odd, null])
  })
  it('is written plainly in a policy', () => {
    for (const good of ['registries', 'a.example', '*.a.example', 'a.example:8443', '127.0.0.2:4873'])
      expect(hostForm.test(good)).toBe(true)
    for (const bad of [
      '*',
      '**',
      'a.*.example',
      'https://a.example',
      'a.example/',
      'A.example',
      '.a',
      'a..b',
      '*',
      'a:b',
      '',
    ])
      expect([bad, hostForm.test(bad)]).toEqual([bad, false])
  })
})
