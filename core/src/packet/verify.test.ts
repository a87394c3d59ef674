import { describe, expect, test } from 'vitest'
import { input, packet, play, told, verdictOn } from './testing/tampered.ts'
import { control, inputOf, morning, sampleRun, SignedPlay, worker } from './testing/packets.ts'
import { composePacket } from './compose.ts'
import { bytesOf } from './utf8.ts'

describe('a good packet', () => {
  test('verifies with the key of its control plane, and says what is in it', () => {
    const verdict = verdictOn(packet)
    expect(verdict).toMatchObject({
      outcome: 'verified',
      faults: [],
      run: { id: play.facts[0]!.run, outcome: 'succeeded' },
    })
    expect(verdict.counts).toMatchObject({
      facts: play.facts.length,
      decisions: 6,
      effects: 4,
      reports: play.reports.length,
    })
    expect(verdict.signers).toEqual([
      { kid: control.kid, owner: 'control plane', given: true, signatures: 12 },
      { kid: worker.kid, owner: 'runner laptop', given: false, signatures: play.reports.length },
    ])
  })
  test('is no success with its own keys alone', () => {
    expect(verdictOn(packet, [])).toMatchObject({ outcome: 'signer_unknown', faults: [] })
  })
  test('is the same bytes when it is made again', async () => {
    expect(await composePacket(inputOf(sampleRun()))).toEqual(packet)
  })
  test('tells of a run that has not ended', async () => {
    const early = new SignedPlay()
    early.at = morning
    early.start().begin('plan')
    const verdict = verdictOn(await composePacket(inputOf(early)))
    expect(verdict).toMatchObject({ outcome: 'verified', notes: ['The run had not ended when the packet was made.'] })
  })
})

describe('bodies', () => {
  const text = bytesOf('the plan')
  const digest = (play.facts.find((fact) => fact.type === 'gate.opened')!.data as { body: { digest: string } }).body
    .digest
  test('travel when they are chosen, can be erased, and are found out when they are changed', async () => {
    const files = await composePacket({ ...input, bodies: new Map([[digest, text]]) })
    expect(verdictOn(files)).toMatchObject({ outcome: 'verified', counts: { bodies: 1 } })
    const erased = new Map(files)
    erased.delete(`bodies/${digest}`)
    expect(verdictOn(erased).outcome).toBe('verified')
    expect(told(verdictOn(new Map(files).set(`bodies/${digest}`, bytesOf('the plot'))))).toEqual([
      `edited bodies/${digest}`,
    ])
    const stray = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    expect(told(verdictOn(new Map(files).set(`bodies/${stray}`, new Uint8Array())))).toEqual([
      `unlisted_file bodies/${stray}`,
    ])
  })
})

test('something that is no packet', () => {
  expect(verdictOn(new Map([['a.txt', bytesOf('a')]])).outcome).toBe('unusable')
  expect(verdictOn(new Map(), []).outcome).toBe('unusable')
})
