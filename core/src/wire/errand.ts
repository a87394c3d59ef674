/**
 * What is a runner sent to do at a tool whose credential it holds, beside the effects of a run, and what does it bring back?
 * It looks at a pull request, or keeps the message of a run. The order (messages.ts) carries a grant that signs it; the answer goes to
 * `POST /wire/errands/:errand`, once. It never carries the credential, and what comes back is no more than our own code read there.
 */
import { z } from 'zod'
import { digestOf } from '../digest/canonical.ts'
import { Sha256 } from '../ids.ts'
import { PullSeen } from '../run/pull-seen.ts'
import { Receipt } from '../run/facts.ts'
import { ToldOfChange } from './job.ts'
import { excerpt, metadata } from './level.ts'

/** Nothing in its settings is secret. `at`: the address that its credential belongs to. */
const Connection = z.strictObject({
  id: z.string(),
  name: z.string(),
  at: z.string(),
  settings: z.record(z.string(), z.string()),
})
/** The repositories of the run's workflow: nothing outside of them is read or touched. */
const repos = z.array(z.strictObject({ name: z.string(), url: z.string() })).max(50)
const common = { run: z.string(), tool: z.string().max(40), connection: Connection, repos }

export const Errand = z.discriminatedUnion('what', [
  /** How does this pull request stand? `url`: where it was opened; another one is not believed. */
  z.strictObject({
    what: z.literal('sight'),
    ...common,
    ref: z.string().max(500),
    url: z.string().max(2_000).nullable(),
  }),
  /** Write the message of the run, or change it. `message`: by what it is changed; null: it has none yet. `begun`: somebody may have written it, so it is looked for first. */
  z.strictObject({
    what: z.literal('status'),
    ...common,
    intent: z.string(),
    target: z.string(),
    text: z.string().max(20_000),
    message: z.string().max(500).nullable(),
    begun: z.boolean(),
    told: ToldOfChange,
    page: z.string(),
    home: z.string().nullable(),
  }),
])
export type Errand = z.infer<typeof Errand>
export type ErrandKind = Errand['what']
type Of<W extends ErrandKind> = Extract<Errand, { what: W }>
export type SightErrand = Of<'sight'>
export type StatusErrand = Of<'status'>

/** What a credential must be good for, as an action is: its owner may leave it out of the actions it is kept for. */
export const actionOfErrand = ({ tool, what }: { readonly tool: string; readonly what: ErrandKind }): string =>
  `${tool}.${what === 'sight' ? 'watch' : 'status'}`

/** The `typ` of its grant: a compact JWS, alg EdDSA, `kid` = thumbprint of a pinned key of the control plane. */
export const errandGrantType = 'viewport-errand+jwt'
export const ErrandClaims = z.object({
  errand: z.string(),
  runner: z.string(),
  asks: Sha256, // of the RFC 8785 text of what is asked
  exp: z.int().nonnegative(), // seconds, by the control plane's clock: until when it may begin
})
export type ErrandClaims = z.infer<typeof ErrandClaims>

/** The claims of the grant of an errand. `exp` in seconds by the control plane's clock. */
export const errandClaims = (errand: string, runner: string, asks: Errand, exp: number): ErrandClaims => ({
  errand,
  runner,
  asks: digestOf(asks),
  exp,
})

/** Why a grant does not fit an errand of this runner, or null when it does. `now` in seconds, as near to the control plane's clock as is known. */
export const errandMisfit = (
  claims: ErrandClaims,
  { errand, asks }: { readonly errand: string; readonly asks: Errand },
  runner: string,
  now: number,
): string | null => {
  if (claims.errand !== errand) return `it is for the errand ${claims.errand}, the order is for ${errand}`
  if (claims.runner !== runner) return `it is for the runner ${claims.runner}, and this is ${runner}`
  if (claims.asks !== digestOf(asks)) return 'what is asked is not what was signed'
  return claims.exp < now ? `it expired ${now - claims.exp} seconds ago` : null
}

/** How keeping a message went: core/tools/port.ts `Went`, as a runner says it. */
const Kept = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('done'), receipt: Receipt.omit({ provider: true }) }),
  z.strictObject({
    is: z.literal('failed'),
    code: metadata(z.string().max(80)),
    summary: excerpt(z.string().max(2_000)),
    check: excerpt(z.string().max(2_000)),
    retrySafe: z.boolean(),
  }),
  z.strictObject({ is: z.literal('unsure'), why: excerpt(z.string().max(2_000)) }),
  z.strictObject({
    is: z.literal('later'),
    why: excerpt(z.string().max(2_000)),
    afterMillis: z.int().nonnegative().max(86_400_000),
  }),
])

/** `POST /wire/errands/:errand`: `failed` says that nothing was asked of the tool, or that it did not let itself be read. */
export const ErrandReport = z.discriminatedUnion('is', [
  z.strictObject({
    is: z.literal('seen'),
    seen: PullSeen,
    problem: excerpt(z.string().max(1_000)).nullable(),
    againMillis: z.int().nonnegative().max(86_400_000).nullable(),
  }),
  z.strictObject({ is: z.literal('kept'), went: Kept }),
  z.strictObject({
    is: z.literal('failed'),
    code: metadata(z.string().max(80)),
    summary: excerpt(z.string().max(2_000)),
    check: excerpt(z.string().max(2_000)),
  }),
])
export type ErrandReport = z.infer<typeof ErrandReport>

/** An errand begins within so many seconds after it was given, or not at all … */
export const errandBeginSeconds = 20
/** … and takes so many at most (what is asked outside in all). */
export const errandSeconds = 30
