/**
 * May a name that resolves to this address be reached?
 * Only addresses of the public internet: nothing of this machine, its network, or the cloud it runs in. RFC 6890 and the registries of special-purpose addresses.
 */
import { BlockList, isIP } from 'node:net'

/** `public`: anybody's. `private`: this machine's or its network's. `never`: link-local (cloud metadata too), multicast, unspecified, reserved. */
export type AddressKind = 'public' | 'private' | 'never'

const list = (...subnets: readonly (readonly [string, number])[]): BlockList => {
  const made = new BlockList()
  for (const [address, bits] of subnets) made.addSubnet(address, bits, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  return made
}

const never = list(
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['100.100.100.200', 32], // metadata of a cloud
  ['168.63.129.16', 32], // metadata of a cloud
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::', 32], // metadata of a cloud
  ['2001:db8::', 32],
  ['100::', 64],
)
const near = list(
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['::1', 128],
  ['fc00::', 7],
  ['fec0::', 10],
)

/** The kind of an address; IPv6 forms that carry an IPv4 address (mapped, 6to4, NAT64, Teredo) are what they carry, or refused. */
export const kindOf = (address: string): AddressKind => {
  const family = isIP(address)
  if (family === 4) return never.check(address) ? 'never' : near.check(address) ? 'private' : 'public'
  if (family !== 6) return 'never'
  const words = wordsOf(address)
  if (words === null) return 'never'
  if (words.every((word) => word === 0)) return 'never'
  const carried = carriedBy(words)
  if (carried === 'no') return 'never'
  if (carried !== null) return kindOf(carried)
  if (never.check(address, 'ipv6')) return 'never'
  if (near.check(address, 'ipv6')) return 'private'
  return ((words[0] ?? 0) & 0xe000) === 0x2000 ? 'public' : 'never' // 2000::/3 is all that is given out
}

/** The IPv4 address inside an IPv6 one; null: none; 'no': one that nobody needs. */
const carriedBy = (words: readonly number[]): string | 'no' | null => {
  const dotted = (high = 0, low = 0): string => `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
  const leading = (count: number): boolean => words.slice(0, count).every((word) => word === 0)
  if (leading(5) && words[5] === 0xffff) return dotted(words[6], words[7])
  if (leading(6) && (words[6] !== 0 || (words[7] ?? 0) > 1)) return dotted(words[6], words[7])
  if (words[0] === 0x64 && words[1] === 0xff9b)
    return words.slice(2, 6).every((word) => word === 0) ? dotted(words[6], words[7]) : 'no'
  if (words[0] === 0x2002) return dotted(words[1], words[2])
  if (words[0] === 0x2001 && words[1] === 0) return 'no'
  return null
}

/** The eight words of an IPv6 address without a zone. */
const wordsOf = (address: string): number[] | null => {
  if (address.includes('%')) return null
  try {
    const host = new URL(`http://[${address}]/`).hostname.slice(1, -1)
    const [head = '', tail] = host.split('::')
    const of = (part: string): number[] => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)))
    const [left, right] = [of(head), tail === undefined ? [] : of(tail)]
    return tail === undefined ? left : [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
  } catch {
    return null
  }
}
