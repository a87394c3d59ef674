/** The text of the profile. That it holds is tried by vpd on the Mac itself, before it is used. */
import { describe, expect, it } from 'vitest'
import { seatbeltProfile } from './seatbelt.ts'

const given = {
  reads: ['/opt/agent'],
  never: ['/Users/ada/.viewport'],
  folder: '/Users/ada/.viewport/runner/work/one',
  borrows: ['/Users/ada/.viewport/runner/cache/shop/objects'],
  writes: ['/Users/ada/.viewport/runner/work/one/tmp'],
  doors: [4001, 4002],
  network: 'none' as const,
}
/** What the last rule that names a path says: in Seatbelt the last one that fits decides. */
const lastOf = (profile: string, operation: string, path: string): string | undefined =>
  profile.split('\n').findLast((line) => line.includes(operation) && line.includes(`"${path}"`))

describe('the Seatbelt profile', () => {
  const profile = seatbeltProfile(given)
  it('denies what it does not name', () => {
    expect(profile.split('\n').slice(0, 2)).toEqual(['(version 1)', '(deny default)'])
    expect(profile).not.toMatch(/\(allow (default|file\*|file-read\*\)|file-write\*\)|network\*|mach\*|mach-lookup\))/)
    for (const line of profile.trim().split('\n')) {
      expect(line.split('(').length).toBe(line.split(')').length)
      expect(line).toMatch(/^\((version 1|(allow|deny) [^)].*)\)$/)
    }
  })
  it('covers the home of vpd, but for the step and what its clones borrow', () => {
    expect(lastOf(profile, 'file-read*', '/Users/ada/.viewport')).toMatch(/^\(deny /)
    const at = (path: string) => profile.indexOf(`(allow file-read* (subpath "${path}"))`)
    const never = profile.indexOf('(deny file-read* (subpath "/Users/ada/.viewport"))')
    expect(at(given.folder)).toBeGreaterThan(never)
    expect(at(given.borrows[0] ?? '')).toBeGreaterThan(never)
    expect(at('/opt/agent')).toBeLessThan(never)
  })
  it('lets each folder be written and none be replaced', () => {
    const rules = profile.split('\n').filter((line) => line.includes('file-write*'))
    expect(rules).toEqual([
      '(allow file-write* (require-all (subpath "/Users/ada/.viewport/runner/work/one/tmp") (require-not (literal "/Users/ada/.viewport/runner/work/one/tmp"))))',
    ])
  })
  it('connects to the doors alone, or anywhere where the owner says so', () => {
    const network = (text: string) => text.split('\n').filter((line) => line.includes('network'))
    expect(network(profile)).toEqual([
      '(allow network-outbound (remote ip "localhost:4001"))',
      '(allow network-outbound (remote ip "localhost:4002"))',
    ])
    expect(network(seatbeltProfile({ ...given, network: 'open' }))).toEqual(['(allow network*)'])
  })
  it('is not ended by what a path holds', () => {
    const odd = '/a"))(allow default)("\\b'
    const line = seatbeltProfile({ ...given, reads: [odd] })
      .split('\n')
      .find((one) => one.includes('allow default'))
    expect(line).toBe('(allow file-read* (subpath "/a\\"))(allow default)(\\"\\\\b"))')
  })
})
