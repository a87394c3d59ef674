/**
 * Which packets do the tests of this folder take apart?
 * A whole run played through the real rules, its reports signed by a real runner key, its packet by a real control plane key. Only tests import it.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { changeDigest } from '../../gate/subject.ts'
import { chainHash, chainStart } from '../../run/chain.ts'
import { factText, type Fact } from '../../run/facts.ts'
import type { Command } from '../../run/command.ts'
import type { Decision } from '../../run/decide.ts'
import {
  branch,
  body,
  changed,
  checks,
  edited,
  person,
  planned,
  Play,
  runId,
  runner,
  specOf,
} from '../../run/testing/play.ts'
import { toBase64url } from '../../wire/base64url.ts'
import { reportText, reportType } from '../../wire/report-text.ts'
import type { PacketInput } from '../compose.ts'
import { checkEd25519, sameBytes, type SignatureCheck, type Signer } from '../dsse.ts'
import { packetKey } from '../keys.ts'
import { reportedFact, type SignedReport } from '../report.ts'
import { bytesOf } from '../utf8.ts'
import type { PublicKey } from '../verdict.ts'

/** A key pair from one byte. */
export const pair = (byte: number) => {
  const secret = new Uint8Array(32).fill(byte)
  const raw = ed25519.getPublicKey(secret)
  const { kid } = packetKey(raw, { kind: 'control-plane' }, 0)
  return {
    raw,
    kid,
    signer: { kid, sign: (bytes: Uint8Array) => ed25519.sign(bytes, secret) } satisfies Signer,
    given: { kid, raw } satisfies PublicKey,
  }
}
export const control = pair(1)
export const worker = pair(2)
export const stranger = pair(3)

/** Monday 2026-11-23, 09:00 UTC. */
export const morning = Date.UTC(2026, 10, 23, 9)
export const exportedAt = morning + 3_600_000

/** A run whose runner signs every report. */
export class SignedPlay extends Play {
  reports: SignedReport[] = []
  sent = 0
  override try(command: Command): Decision {
    const decision = super.try(command)
    this.at += 59_000
    if (command.do !== 'report') return decision
    const fact = reportedFact(decision.facts)
    const place = {
      run: runId,
      step: command.step,
      attempt: command.attempt,
      lease: 'lease_1',
      epoch: command.epoch,
      seq: ++this.sent,
    }
    const text = reportText(place, command.report)
    const header = toBase64url(bytesOf(JSON.stringify({ alg: 'EdDSA', typ: reportType, kid: worker.kid })))
    const signature = toBase64url(worker.signer.sign(bytesOf(`${header}.${toBase64url(bytesOf(text))}`)))
    if (fact !== null) this.reports.push({ fact, text, signature: `${header}..${signature}` })
    return decision
  }
}

const hostile = 'Prices are wrong <img src=x onerror=alert(1)> \u202e"\'`'

/** A long run: context, a refused push, a push that was asked, a round of changes, red and green checks, two votes, an opened change, a merge. */
export const sampleRun = (): SignedPlay => {
  const play = new SignedPlay()
  play.at = morning
  const spec = specOf()
  spec.event.subject = { label: 'BUG-1', title: hostile, url: 'https://tracker.example/BUG-1' }
  const via = { surface: 'web', auth: 'session' } as const
  const one = changed('one')
  const push = (ref: string) => ({
    type: 'push' as const,
    repo: 'acme/shop',
    ref,
    change: one,
    patch: body('patch one', 'patch'),
    argv: ['git', 'push', 'origin', 'HEAD'],
  })
  play.start(spec)
  play.report(
    'plan',
    { type: 'pinned', repo: 'acme/shop', ref: 'refs/heads/main', commit: one.base },
    { attempt: 1, epoch: 1 },
  )
  play.begin('plan')
  play.report('plan', {
    type: 'context',
    tokens: 120,
    missing: [],
    items: [
      {
        id: 'ctx-1',
        repo: 'acme/shop',
        path: 'docs/prices.md',
        commit: one.base,
        title: 'Rounding',
        lines: [3, 19],
        digest: one.patch,
        tokens: 120,
        wish: 'payments.domain-rules',
        pinned: true,
        score: { words: 1.5 },
      },
    ],
  })
  play.report('plan', { type: 'cited', used: ['ctx-1'], unused: [], unknown: [] })
  play.report('plan', planned)
  play.try({ ...play.vote('sam', 'approve') } as Command)
  play.do(play.vote('jess', 'approve', 'Fine.\nGo on.'))
  play.begin('implement').report('implement', push('refs/heads/main')).report('implement', push(branch))
  play.do(play.vote('dana', 'approve'))
  play.effect('git.push', { ref: branch, commit: one.commit, tree: one.tree, digest: changeDigest(one) })
  play
    .report('implement', edited('one'))
    .begin('verify')
    .report('verify', checks(false))
    .begin('implement')
    .report('implement', edited('two'))
    .begin('verify')
    .report('verify', checks(true, 2))
  const two = changed('two')
  play.do(play.vote('dana', 'request_changes', 'Round at the end only.'))
  play
    .begin('implement')
    .report('implement', edited('three', ['src/price.js', '.github/workflows/ci.yml']))
    .begin('verify')
    .report('verify', checks(true))
  play.do(play.vote('dana', 'approve')).do(play.vote('jess', 'approve'))
  const three = changed('three')
  play.effect('git.push', { ref: branch, commit: two.commit, tree: three.tree })
  play.do({
    do: 'merge',
    at: play.at,
    change: play.state!.change!.id,
    digest: changeDigest(play.state!.change!.change),
    person: person('jess'),
    via,
  })
  play.effect('git.merge', { ref: branch, into: 'refs/heads/main', commit: three.commit, tree: three.tree })
  return play
}

/** The shortest run that has everything: two decisions, a pushed and opened change. */
export const shortRun = (): SignedPlay => {
  const play = new SignedPlay()
  play.at = morning
  const one = changed('one')
  play.start().begin('plan').report('plan', planned)
  play.do(play.vote('jess', 'approve'))
  play.begin('implement').report('implement', edited('one')).begin('verify').report('verify', checks(true))
  play.do(play.vote('dana', 'approve'))
  return play.effect('git.push', { ref: branch, commit: one.commit, tree: one.tree })
}

/** Facts with texts and hashes, renumbered: what a control plane that lies could write down. */
export const rechained = (facts: readonly Fact[]): { text: string; hash: string }[] => {
  let hash = chainStart
  return facts.map((fact, at) => {
    const text = factText({ ...fact, seq: at + 1 } as Fact)
    hash = chainHash(hash, text)
    return { text, hash }
  })
}

/** Everything a packet of this run is made from. */
export const inputOf = (play: SignedPlay, over: Partial<PacketInput> = {}): PacketInput => ({
  facts: rechained(play.facts),
  keys: [
    packetKey(control.raw, { kind: 'control-plane' }, morning - 86_400_000),
    packetKey(worker.raw, { kind: 'runner', id: runner.id, name: runner.name }, morning - 3_600_000),
  ],
  reports: play.reports,
  bodies: new Map(),
  signer: control.signer,
  exportedAt,
  ...over,
})

/** The real check, remembered: tests verify the same signatures thousands of times. */
export const rememberedCheck = (): SignatureCheck => {
  const known = new Map<string, { bytes: Uint8Array; key: Uint8Array; fits: boolean }[]>()
  return (signature, bytes, key) => {
    const name = signature.join()
    const before = known.get(name) ?? []
    const seen = before.find((one) => sameBytes(one.key, key) && sameBytes(one.bytes, bytes))
    if (seen) return seen.fits
    const fits = checkEd25519(signature, bytes, key)
    known.set(name, [...before, { bytes: bytes.slice(), key: key.slice(), fits }])
    return fits
  }
}
