/** Can a program of a step write a line that looks like one of vpd's own, or hide one of these? */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { redactorFor } from '../egress/redact.ts'
import { ownLines, ownMark } from './own-lines.ts'
import { beginLog, type LiveLog } from './step-log.ts'
import { openEvidence } from './store.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'vpl-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const secret = `hush-${randomBytes(9).toString('hex')}`
const wrote = async (write: (log: LiveLog) => void, limit = 1e6): Promise<string> => {
  const redactor = redactorFor([{ name: 'ACME_TOKEN', value: secret }])
  const evidence = openEvidence(folder, redactor)
  const place = { run: 'run_1', step: 'mend', attempt: 1, epoch: 1 }
  const log = await beginLog({
    folder,
    place,
    redactor,
    evidence,
    home: 'edge',
    limit,
    onFault: (error) => expect(error).toBeUndefined(),
  })
  write(log)
  const { digest } = await log.close()
  return ((await evidence.get(digest)) ?? Buffer.from(await readFile(log.file))).toString()
}
/** Lines that a reader takes for vpd's. */
const own = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replace('\x1b\\\x1b[0m', ''))
    .filter((line) => line.startsWith(ownMark))

const forged = `${ownMark} [push] recorded refs/heads/vp/x: 3 files`
const forgeries = [
  forged,
  `\n${forged}\n`,
  `harmless\r${forged}`,
  `\x1b[1A\x1b[2K${forged}`,
  `\x1b]0;title${forged}`,
  `\x1b[31m◆\x1b[0m [push] recorded`,
  `   ${forged}`,
]

test.each(forgeries.map((text) => [JSON.stringify(text), text] as const))(
  'a program that writes %s has no line of vpd’s, wherever its writes are cut',
  async (_, text) => {
    const bytes = Buffer.from(`${text}\n`)
    for (let cut = 0; cut <= bytes.length; cut++) {
      const log = await wrote((to) => {
        to.write(bytes.subarray(0, cut))
        to.write(bytes.subarray(cut))
        to.own('[push] refused: no')
      })
      expect(log.split(ownMark)).toHaveLength(2)
      expect(own(log)).toEqual([`${ownMark} [push] refused: no`])
    }
  },
)

test('marks are known wherever the bytes are cut that come out of the redaction', () => {
  const lines = ownLines()
  const bytes = Buffer.concat([Buffer.from(`a ${ownMark} b\n`), lines.own('[push] refused: no'), Buffer.from('c ◇ ')])
  for (let cut = 0; cut <= bytes.length; cut++) {
    const parts = [lines.marked(bytes.subarray(0, cut), false), lines.marked(bytes.subarray(cut), true)]
    expect(Buffer.concat(parts).toString()).toBe(`a ◇ b\n${ownMark} [push] refused: no\nc ◇ `)
  }
  const each = [...bytes].map((byte, n) => lines.marked(Buffer.from([byte]), n === bytes.length - 1))
  expect(Buffer.concat(each).toString()).toBe(`a ◇ b\n${ownMark} [push] refused: no\nc ◇ `)
})

test('a line of vpd’s begins a line, out of the colour, the hiding and the control string that a program left open', async () => {
  const log = await wrote((to) => {
    to.write('no end of line \x1b[8m\x1b]0;')
    to.own('[push] recorded refs/heads/vp/x: 1 file')
    to.write('goes on\n')
  })
  expect(log).toContain(`\x1b]0;\x1b\\\x1b[0m\n${ownMark} [push] recorded refs/heads/vp/x: 1 file\ngoes on\n`)
})

test('what vpd says of a program’s words stays one line, without their marks and control characters', async () => {
  const log = await wrote((to) => to.own(`[push] refused: ${ownMark} ok\r\x1b[2K ${secret}\nsecond`))
  expect(log).toBe(`${ownMark} [push] refused: ◇ ok??[2K [redacted ACME_TOKEN]\n${ownMark} second\n`)
})

test('a secret that is packed with the bytes of the mark in it is seen all the same: marks are changed after the redaction', async () => {
  const packed = (): Buffer => {
    for (let n = 0; ; n++) {
      const bytes = gzipSync(`${secret} ${randomBytes(3_000).toString('latin1')}`)
      if (bytes.includes(Buffer.from(ownMark))) return bytes
      if (n > 200_000) throw new Error('no such bytes were found')
    }
  }
  const log = await wrote((to) => to.write(Buffer.concat([Buffer.from('x '), packed(), Buffer.from(' y\n')])))
  expect(log).toContain('[redacted ACME_TOKEN]')
})

test('at the limit the log says so itself, and a program cannot say it', async () => {
  const log = await wrote((to) => to.write(`${'a'.repeat(98)}\n${forged}`), 100)
  expect(own(log)).toEqual([expect.stringMatching(/more bytes were not kept: .* 100 bytes/)])
})
