import { describe, expect, test } from 'vitest'
import type { Fact } from '../run/facts.ts'
import { after, folder, packet, play, put, reseal, seqOf, told, verdictOn } from './testing/tampered.ts'
import { inputOf, morning, SignedPlay } from './testing/packets.ts'
import { envelopeFile, reportFile, signedFile } from './names.ts'
import { composePacket } from './compose.ts'
import { bytesOf, textOf } from './utf8.ts'
import { readEnvelope } from './dsse.ts'

describe('statements that were touched', () => {
  const decision = envelopeFile(`decision-00${seqOf('decision.made', 1)}`)
  test.each([
    ['a decision', decision],
    ['the head', envelopeFile('head')],
    ['the manifest’s', envelopeFile('manifest')],
    ['an effect', envelopeFile(`effect-00${seqOf('effect.succeeded')}`)],
    ['a report', reportFile(play.reports[3]!.fact)],
  ])('%s removed', (_, file) => {
    const faults = after((files) => files.delete(file))
    expect(faults[0]).toMatch(new RegExp(`^missing_statement ${file.replaceAll('.', '\\.')}`))
    expect(faults.every((one) => one.includes(file.replace(/^statements\/|\.dsse\.json$|\.jws$/g, '')))).toBe(true)
  })
  test('another person’s decision put in its place, with a good signature of another run', async () => {
    const other = new SignedPlay()
    other.at = morning
    other
      .start()
      .begin('plan')
      .report(
        'plan',
        (play.facts.find((fact) => fact.type === 'step.finished') as Fact<'step.finished'>) && {
          type: 'finished',
          ...pick(play.facts.find((fact) => fact.type === 'step.finished') as Fact<'step.finished'>),
        },
      )
    other.do(other.vote('dana', 'approve'))
    const theirs = await composePacket(inputOf(other))
    const name = [...theirs.keys()].find((path) => /statements\/decision/.test(path))!
    const faults = after((files) => files.set(decision, theirs.get(name)!))
    expect(faults[0]).toBe(`statement_differs ${decision} fact ${seqOf('decision.made', 1)}`)
  })
  test('a decision signed again in another name by the control plane itself', async () => {
    const files = new Map(packet)
    const { payload } = readEnvelope(files.get(decision)!)!
    await put(
      files,
      `decision-00${seqOf('decision.made', 1)}`,
      bytesOf(textOf(payload)!.replace('usr_dana', 'usr_mallory')),
    )
    await reseal(files)
    const verdict = verdictOn(files)
    expect(told(verdict)).toEqual([`statement_differs ${decision} fact ${seqOf('decision.made', 1)}`])
    expect(verdict.faults[0]!.words).toMatch(/usr_mallory.*the facts say.*usr_dana/)
  })
  test('a statement about a fact that is not there', async () => {
    const files = new Map(packet)
    await put(files, 'decision-0099', readEnvelope(files.get(decision)!)!.payload)
    await reseal(files)
    expect(told(verdictOn(files))).toEqual([`statement_differs ${envelopeFile('decision-0099')}`])
  })
  test('a copy for openssl that is not what the statement says', async () => {
    const files = new Map(packet)
    files.set(signedFile(folder, 'head', 'pae'), files.get(signedFile(folder, 'manifest', 'pae'))!)
    await reseal(files)
    expect(told(verdictOn(files))).toEqual(['edited openssl/head.pae'])
  })
  test('a file that the manifest does not list', () => {
    expect(after((files) => files.set('notes.txt', bytesOf('hello')))).toEqual(['unlisted_file notes.txt'])
    expect(after((files) => files.set(`openssl/${folder}/manifest.txt`, bytesOf('hello')))).toEqual([
      'unlisted_file openssl/manifest.txt',
    ])
    expect(after((files) => files.set('statements/report-0001.jws', bytesOf('x')))).toEqual([
      'unlisted_file statements/report-0001.jws',
    ])
  })
})

function pick({ data: { result, usage, log, session, millis } }: Fact<'step.finished'>) {
  return { result, usage, log, session, millis }
}
