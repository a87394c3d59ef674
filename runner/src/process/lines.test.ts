import { describe, expect, it } from 'vitest'
import { heapInUse } from '@viewportai/core/wire/testing/tiny-pieces'
import { cappedOutput, collectedText } from './capped-output.ts'
import { lineSplitter, type Line } from './lines.ts'

const split = (chunks: Uint8Array[], most?: number): Line[] => {
  const lines: Line[] = []
  const splitter = lineSplitter((line) => lines.push(line), most)
  for (const chunk of chunks) splitter.write(chunk)
  splitter.end()
  return lines
}

describe('lines of a program', () => {
  it('are the same however the bytes arrive', () => {
    const bytes = Buffer.from('größe\r\n\nzwei 🙂\nlast')
    const whole = split([bytes])
    expect(whole.map((l) => l.text)).toEqual(['größe', '', 'zwei 🙂', 'last'])
    for (let at = 1; at < bytes.length; at++) expect(split([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole)
    expect(split([...bytes].map((byte) => Buffer.of(byte)))).toEqual(whole)
  })
  it('are cut at the limit and say so, and the next line is whole again (10 MB line)', () => {
    const lines = split([Buffer.alloc(10_000_000, 'x'), Buffer.from('\nok\n')], 1_000)
    expect(lines).toEqual([
      { text: 'x'.repeat(1_000), cut: true },
      { text: 'ok', cut: false },
    ])
  })
  it('keep NUL and mark invalid UTF-8', () => {
    expect(split([Buffer.from([0x61, 0x00, 0xff, 0x0a])])).toEqual([{ text: 'a\0\uFFFD', cut: false }])
  })
  it('of nothing are none', () => expect(split([])).toEqual([]))
})

describe('output over the cap', () => {
  it('is counted and said', () => {
    const kept: string[] = []
    const capped = cappedOutput(
      (bytes) => kept.push(typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()),
      5,
    )
    for (const part of ['abc', 'def', 'ghi']) capped.write(Buffer.from(part))
    capped.end()
    expect(kept.join('')).toBe('abcde\n[vpd kept the first 5 bytes of this output; 4 more were not kept]\n')
  })
  it('collects a million pieces for what they hold', () => {
    const text = collectedText(2_000_000)
    const before = heapInUse()
    for (let n = 0; n < 1_000_000; n++) text.write(Buffer.from([97]))
    expect(heapInUse() - before).toBeLessThan(30_000_000)
    expect(text.text()).toHaveLength(1_000_000)
  })
  it('marks collected text as overflowed', () => {
    const text = collectedText(3)
    text.write(Buffer.from('abc'))
    expect([text.text(), text.overflowed()]).toEqual(['abc', false])
    text.write(Buffer.from('d'))
    expect([text.text(), text.overflowed()]).toEqual(['abc', true])
  })
})
