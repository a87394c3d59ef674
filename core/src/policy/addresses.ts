/**
 * May a name that resolves to this address be reached?
 * Only addresses of the public internet: nothing of this machine, its network, or the cloud it runs in. RFC 6890 and the registries of special-purpose addresses.
 */
/** `public`: anybody's. `private`: this machine's or its network's. `never`: link-local (cloud metadata too), multicast, unspecified, reserved. */
export type AddressKind = 'public' | 'private' | 'never'

/** The four numbers of a plain dotted address, or null. A leading zero would be octal to some. */
const octetsOf = (address: string): number[] | null => {
  if (!/^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(address)) return null
  const octets = address.split('.').map(Number)
  return octets.every((octet) => octet < 256) ? octets : null
}

/** The eight words of an IPv6 address without a zone (RFC 4291 section 2.2), or null. */
const wordsOf = (address: string): number[] | null => {
  const dotted = /^(.*:)([0-9.]+)$/.exec(address)
  const octets = dotted ? octetsOf(dotted[2]!) : null
  if (dotted?.[2]!.includes('.') && octets === null) return null
  const text = octets
    ? `${dotted![1]}${((octets[0]! << 8) | octets[1]!).toString(16)}:${((octets[2]! << 8) | octets[3]!).toString(16)}`
    : address
  const [head = '', tail, more] = text.split('::')
  if (more !== undefined) return null
  const of = (part: string): number[] | null => {
    const groups = part === '' ? [] : part.split(':')
    return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
      ? groups.map((group) => Number.parseInt(group, 16))
      : null
  }
  const [left, right] = [of(head), tail === undefined ? [] : of(tail)]
  if (left === null || right === null) return null
  const missing = 8 - left.length - right.length
  if (tail === undefined) return missing === 0 ? left : null
  return missing >= 1 ? [...left, ...Array<number>(missing).fill(0), ...right] : null
}

type Subnet = readonly [address: string, bits: number]
/** A list of subnets as words of an address and how many of their bits count. */
const list = (...subnets: readonly Subnet[]): readonly { words: readonly number[]; bits: number }[] =>
  subnets.map(([address, bits]) => ({ words: (address.includes(':') ? wordsOf : octetsOf)(address)!, bits }))

const within = (
  words: readonly number[],
  { words: net, bits }: { words: readonly number[]; bits: number },
): boolean => {
  const size = net.length === 4 ? 8 : 16
  return (
    words.length === net.length &&
    words.every((word, at) => {
      const counted = Math.max(0, Math.min(size, bits - at * size))
      return word >> (size - counted) === net[at]! >> (size - counted)
    })
  )
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
  const octets = octetsOf(address)
  if (octets !== null)
    return never.some((net) => within(octets, net))
      ? 'never'
      : near.some((net) => within(octets, net))
        ? 'private'
        : 'public'
  const words = address.includes(':') ? wordsOf(address) : null
  if (words === null) return 'never'
  if (words.every((word) => word === 0)) return 'never'
  const carried = carriedBy(words)
  if (carried === 'no') return 'never'
  if (carried !== null) return kindOf(carried)
  if (never.some((net) => within(words, net))) return 'never'
  if (near.some((net) => within(words, net))) return 'private'
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
