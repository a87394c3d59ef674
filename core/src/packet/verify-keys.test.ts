import { describe, expect, test } from 'vitest'
import type { PacketInput } from './compose.ts'
import { after, input, packet, play, put, reseal, told, trusted, verdictOn } from './testing/tampered.ts'
import { control, exportedAt, morning, stranger, worker } from './testing/packets.ts'
import { envelopeFile, keysFile, reportFile } from './names.ts'
import { composePacket } from './compose.ts'
import { packetKey } from './keys.ts'
import { bytesOf, textOf } from './utf8.ts'
import { readEnvelope } from './dsse.ts'

describe('keys', () => {
  const foreign = (over: Partial<PacketInput> = {}) =>
    composePacket({
      ...input,
      signer: stranger.signer,
      keys: [packetKey(stranger.raw, { kind: 'control-plane' }, 0), input.keys[1]!],
      ...over,
    })
  test('a packet signed again by somebody else is consistent and not valid', async () => {
    const files = await foreign()
    expect(verdictOn(files, []).outcome).toBe('signer_unknown')
    const verdict = verdictOn(files)
    expect(verdict).toMatchObject({ outcome: 'faulty', faults: [{ code: 'wrong_key', record: `key ${stranger.kid}` }] })
    expect(verdict.faults[0]!.words).toContain(control.kid)
  })
  test('somebody else’s signature below the right key id', async () => {
    const files = new Map(packet)
    const { payload } = readEnvelope(files.get(envelopeFile('head'))!)!
    await put(files, 'head', payload, { kid: control.kid, sign: stranger.signer.sign })
    expect(after((all) => files.forEach((bytes, path) => all.set(path, bytes)))[0]).toBe(
      `bad_signature ${envelopeFile('head')}`,
    )
  })
  test('one statement signed by a second key that the packet calls the control plane’s', async () => {
    const files = new Map(packet)
    files.set(
      keysFile,
      bytesOf(`${JSON.stringify({ keys: [...input.keys, packetKey(stranger.raw, { kind: 'control-plane' }, 0)] })}\n`),
    )
    const { payload } = readEnvelope(files.get(envelopeFile('head'))!)!
    await put(files, 'head', payload, stranger.signer)
    await reseal(files)
    expect(told(verdictOn(files))).toContain(`wrong_key ${envelopeFile('head')} key ${stranger.kid}`)
  })
  test('a runner’s key below a statement of the control plane', async () => {
    const files = new Map(packet)
    await put(files, 'head', readEnvelope(files.get(envelopeFile('head'))!)!.payload, worker.signer)
    await reseal(files)
    expect(told(verdictOn(files))[0]).toBe(`wrong_key ${envelopeFile('head')}`)
  })
  test('a key that borrows another one’s id', async () => {
    const files = new Map(packet)
    files.set(
      keysFile,
      bytesOf(
        textOf(files.get(keysFile)!)!.replace(
          `"x": "${input.keys[0]!.x}"`,
          `"x": "${packetKey(stranger.raw, { kind: 'control-plane' }, 0).x}"`,
        ),
      ),
    )
    expect(verdictOn(files, []).faults[0]).toMatchObject({
      code: 'wrong_key',
      file: keysFile,
      record: `key ${control.kid}`,
    })
  })
  test('a report signed by a key that is not its runner’s', async () => {
    await expect(
      composePacket({
        ...input,
        keys: [input.keys[0]!, packetKey(stranger.raw, { kind: 'runner', id: 'rnr_1', name: 'laptop' }, 0)],
      }),
    ).rejects.toThrow('was not given')
    const files = await composePacket(input)
    files.set(
      keysFile,
      bytesOf(
        `${JSON.stringify({ keys: [input.keys[0], { ...input.keys[1], owner: { kind: 'runner', id: 'rnr_2', name: 'other' } }] }, null, 1)}\n`,
      ),
    )
    await reseal(files)
    expect(told(verdictOn(files))).toContain(
      `wrong_key ${reportFile(play.reports[0]!.fact)} fact ${play.reports[0]!.fact}`,
    )
  })
  test.each([
    [
      'the control plane’s, too new',
      [packetKey(control.raw, { kind: 'control-plane' }, exportedAt + 1), input.keys[1]!],
      trusted,
      `key_outside_window ${envelopeFile('decision-0009')} key ${control.kid}`,
    ],
    [
      'the control plane’s, too old',
      [packetKey(control.raw, { kind: 'control-plane' }, 0, exportedAt - 1), input.keys[1]!],
      trusted,
      `key_outside_window ${envelopeFile('decision-0009')} key ${control.kid}`,
    ],
    [
      'the runner’s, removed in between',
      [input.keys[0]!, packetKey(worker.raw, { kind: 'runner', id: 'rnr_1', name: 'laptop' }, 0, morning + 60_000)],
      trusted,
      `key_outside_window ${reportFile(play.reports[1]!.fact)} key ${worker.kid}`,
    ],
    [
      'the given one’s time, which the packet does not know',
      input.keys,
      [{ ...control.given, notAfter: exportedAt - 1 }],
      `key_outside_window ${envelopeFile('decision-0009')} key ${control.kid}`,
    ],
  ])('a key outside its time: %s', async (_, keys, given, expected) => {
    const files = new Map(packet).set(keysFile, bytesOf(`${JSON.stringify({ keys }, null, 1)}\n`))
    await reseal(files)
    expect(told(verdictOn(files, given))[0]).toBe(expected)
  })
})
