/** What the filter answers, read as the kernel reads it; that it holds in the kernel, sandbox.test.ts tries. */
import { describe, expect, it } from 'vitest'
import { syscallFilter } from './syscall-filter.ts'

/** Runs the program on a call as seccomp would (struct seccomp_data: number at 0, architecture at 4, first argument at 16). */
const answer = (arch: string, audit: number, number: number, flags = 0): 'allow' | number => {
  const program = Buffer.from(syscallFilter(arch) ?? [])
  let a = 0
  for (let at = 0; at * 8 < program.length; at++) {
    const [code, yes, no] = [program.readUInt16LE(at * 8), program.readUInt8(at * 8 + 2), program.readUInt8(at * 8 + 3)]
    const value = program.readUInt32LE(at * 8 + 4)
    if (code === 0x20) a = value === 0 ? number : value === 4 ? audit : value === 16 ? flags : Number.NaN
    else if (code === 0x06) return value === 0x7fff_0000 ? 'allow' : value & 0xffff
    else {
      const holds = code === 0x15 ? a === value : code === 0x35 ? a >= value : (a & value) !== 0
      at += holds ? yes : no
    }
  }
  throw new Error('it ran over its end')
}

describe.each([
  {
    arch: 'x64',
    audit: 0xc000_003e,
    other: 0x4000_0003,
    clone: 56,
    denied: [250, 248, 272, 165, 321, 425],
    allowed: [0, 1, 59, 101, 202, 257],
  },
  {
    arch: 'arm64',
    audit: 0xc000_00b7,
    other: 0x4000_0028,
    clone: 220,
    denied: [219, 217, 97, 40, 280, 425],
    allowed: [56, 63, 64, 98, 117, 221],
  },
])('the filter of $arch', ({ arch, audit, other, clone, denied, allowed }) => {
  it('refuses what reaches around the namespaces, and nothing that programs need', () => {
    for (const number of denied) expect([number, answer(arch, audit, number)]).toEqual([number, 1])
    for (const number of allowed) expect([number, answer(arch, audit, number)]).toEqual([number, 'allow'])
  })
  it('lets processes and threads be made, without namespaces of their own', () => {
    expect(answer(arch, audit, clone, 0x0120_0011)).toBe('allow') // fork
    expect(answer(arch, audit, clone, 0x003d_0f00)).toBe('allow') // a thread
    for (const flag of [0x1000_0000, 0x0002_0000, 0x4000_0000, 0x2000_0000, 0x0800_0000, 0x0400_0000, 0x0200_0000])
      expect([flag, answer(arch, audit, clone, flag | 17)]).toEqual([flag, 1])
    expect(answer(arch, audit, 435)).toBe(38)
  })
  it('takes no calls in the numbers of another machine', () => {
    for (const number of [0, 1, ...allowed]) expect(answer(arch, other, number)).toBe(1)
    if (arch === 'x64') expect(answer(arch, audit, 0x4000_0000 | 250)).toBe(38)
  })
})

it('is none where the numbers are not known', () => expect(syscallFilter('riscv64')).toBe(null))
