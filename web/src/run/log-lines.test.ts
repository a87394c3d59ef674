import { sha256Hex } from '@viewportai/core/digest/canonical'
import { expect, test } from 'vitest'
import { wordsOf } from '../text/ansi.ts'
import { blockLines, LogLines } from './log-lines.ts'

const utf8 = new TextEncoder()
const text = (log: LogLines) => log.blocks.flatMap((block) => block.lines.map(wordsOf))

test('lines in blocks, numbers without gaps, digest of all bytes', () => {
  const bytes = utf8.encode(Array.from({ length: 450 }, (_, i) => `line ${i} ä\n`).join(''))
  const log = new LogLines()
  for (let at = 0; at < bytes.length; at += 7) log.push(bytes.subarray(at, at + 7)) // cuts letters in two
  expect(log.open).toBeNull()
  log.end()
  expect(text(log)).toEqual(Array.from({ length: 450 }, (_, i) => `line ${i} ä`))
  expect(log.blocks.map((block) => block.from)).toEqual([0, blockLines, 2 * blockLines])
  expect([log.bytes, log.count, log.digest]).toEqual([bytes.length, 450, sha256Hex(bytes)])
})

test('a line that has not ended is shown and not counted twice', () => {
  const log = new LogLines()
  log.push(utf8.encode('a\nhalf'))
  expect(log.open?.spans).toEqual([{ tone: 'plain', text: 'half' }])
  log.push(utf8.encode(' done\n'))
  expect(text(log)).toEqual(['a', 'half done'])
})

test('bytes that are not UTF-8 do not stop it', () => {
  const log = new LogLines()
  log.push(new Uint8Array([0xff, 0xfe, 0x41, 0x0a, 0x00, 0x0a]))
  log.end()
  expect(text(log)).toEqual(['\ufffd\ufffdA', '\u0000'])
})
