import { describe, expect, it } from 'vitest'
import { kindOf } from './addresses.ts'
import { hostForm, isNamed, plainHost } from './hosts.ts'

describe('an address (F51)', () => {
  it.each([
    '8.8.8.8',
    '104.16.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '2606:4700::1111',
    '64:ff9b::808:808',
    '2002:808:808::1',
  ])('%s is public', (address) => expect(kindOf(address)).toBe('public'))
  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '198.18.0.1',
    '::1',
    'fc00::1',
    'fdff::1',
    '::ffff:127.0.0.1',
    '::ffff:10.1.2.3',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2002:a00:1::1',
  ])('%s is of this machine or its network', (address) => expect(kindOf(address)).toBe('private'))
  it.each([
    '169.254.169.254',
    '0.0.0.0',
    '0.1.2.3',
    '224.0.0.1',
    '255.255.255.255',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.2.1',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::',
    'fd00:ec2::254',
    '2001:0:1:2::3',
    '64:ff9b:1::1',
    '2001:db8::1',
    '4000::1',
    'localhost',
    '',
    '1.2.3',
    '0x7f000001',
    '2130706433',
    '127.1',
  ])('%s is never reached', (address) => expect(kindOf(address)).toBe('never'))
})

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
