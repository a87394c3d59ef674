import { describe, expect, test } from 'vitest'
import type { Fact } from '../run/facts.ts'
import { after, at, input, lines, play, relist, seqOf, withLines } from './testing/tampered.ts'
import { rechained } from './testing/packets.ts'
import { envelopeFile, factsFile, manifestFile } from './names.ts'
import { composePacket } from './compose.ts'

describe('facts that were touched', () => {
  test('one letter of one fact', () => {
    const changed = lines()
    changed[16] = changed[16]!.replace('implement', 'implemend')
    expect(after((files) => withLines(files, changed))).toEqual([`edited ${factsFile} fact 17`])
    // and when the manifest is made to fit
    expect(after((files) => relist(withLines(files, changed)))).toEqual([
      `edited ${factsFile} fact 17`,
      `edited ${manifestFile}`,
    ])
  })
  test('a fact edited and the whole chain, manifest included, made to fit', () => {
    const facts = structuredClone(play.facts)
    const made = at(facts, seqOf('decision.made', 1)) as Fact<'decision.made'>
    made.data.comment = 'I never said this.'
    const faults = after((files) =>
      relist(
        withLines(
          files,
          rechained(facts).map((link) => link.text),
        ),
      ),
    )
    expect(faults).toEqual([`edited ${factsFile} fact ${made.seq}`, `edited ${manifestFile}`])
  })
  test.each([
    ['the last fact cut off', (all: string[]) => all.slice(0, -1), [`cut_tail ${factsFile} fact 56`]],
    ['the tail cut off', (all: string[]) => all.slice(0, 40), [`cut_tail ${factsFile} facts 41 to 56`]],
    ['a fact removed', (all: string[]) => all.toSpliced(29, 1), [`missing_fact ${factsFile} fact 30`]],
    [
      'two facts swapped',
      (all: string[]) => all.with(10, all[11]!).with(11, all[10]!),
      [`reordered ${factsFile} fact 11`],
    ],
    ['a fact said twice', (all: string[]) => all.toSpliced(20, 0, all[19]!), [`added_fact ${factsFile} fact 20`]],
    ['a foreign line', (all: string[]) => all.toSpliced(20, 0, '{"seq":21}'), [`added_fact ${factsFile} line 21`]],
    [
      'another end of the story',
      (all: string[]) => [...all.slice(0, 30), ...all.slice(30).map((line) => line.replace('"v":1', '"v":1 '))],
      [`fork ${factsFile} fact 31`],
    ],
    [
      'an edit and a cut at once',
      (all: string[]) => all.slice(0, 50).with(4, all[4]!.replace('ctx-1', 'ctx-2')),
      [`edited ${factsFile} fact 5`, ...[51, 52, 53, 54, 55, 56].map((seq) => `missing_fact ${factsFile} fact ${seq}`)],
    ],
    [
      'a line without an end',
      (all: string[]) => [...all.slice(0, -1), `${all.at(-1)!.slice(0, -5)}`],
      [`edited ${factsFile} fact 56`],
    ],
  ])('%s', (_, change, expected) => {
    expect(after((files) => withLines(files, change(lines())))).toEqual(expected)
  })
  test.each([
    ['in the middle of a fact', (bytes: Uint8Array) => bytes.slice(0, -900), `cut_tail ${factsFile} facts 54 to 56`],
    ['right before the last line break', (bytes: Uint8Array) => bytes.slice(0, -1), `edited ${factsFile} fact 56`],
    ['to nothing', () => new Uint8Array(), `cut_tail ${factsFile} facts 1 to 56`],
    [
      'and something put behind',
      (bytes: Uint8Array) => Uint8Array.from([...bytes, 65]),
      `added_fact ${factsFile} line 57`,
    ],
  ])('the file cut %s', (_, cut, expected) => {
    expect(after((files) => files.set(factsFile, cut(files.get(factsFile)!)))).toEqual([expected])
  })
  test('an older packet of the same run does not pass for the newest one when its head is exchanged', async () => {
    const older = await composePacket({
      ...input,
      facts: input.facts.slice(0, 40),
      reports: input.reports.filter((one) => one.fact <= 40),
    })
    expect(after((files) => files.set(envelopeFile('head'), older.get(envelopeFile('head'))!))[0]).toBe(
      `fork ${factsFile} fact 41`,
    )
  })
})
