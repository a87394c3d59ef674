/**
 * What does a runner say when it has looked: what would work use on its machine, and what does the repository hold that work depends on?
 * Nothing of it is a fact of a run: a run asks again for everything it depends on. It never holds a key, a file or a line of code.
 */
import { z } from 'zod'
import { GitId } from '../ids.ts'
import { hostForm } from '../policy/hosts.ts'
import { Isolation } from '../run/facts.ts'
import { asked, excerpt, metadata, paths } from '../wire/level.ts'
import { DetectedAgent } from '../wire/messages.ts'

const Hosts = z.union([z.literal('open'), z.array(paths(z.string().max(300))).max(200)])

/** How an agent reaches its model: through the gateway to these addresses, with its own login, by itself (a command that names none), or not. */
export const ModelWay = z.discriminatedUnion('way', [
  z.strictObject({
    way: z.literal('gateway'),
    providers: z.array(z.strictObject({ name: metadata(z.string().max(80)), url: paths(z.url().max(500)) })).max(50),
  }),
  z.strictObject({ way: z.literal('login') }),
  z.strictObject({ way: z.literal('own') }),
  z.strictObject({ way: z.literal('none'), why: excerpt(z.string().max(1_000)) }),
])
export type ModelWay = z.infer<typeof ModelWay>

/**
 * About what a small task costs, in dollars: with the provider's cheapest and dearest model. `pricesOf`: the day of the list, null for prices of the owner.
 * `usual`: with the model that this agent takes when nobody names one; null: that is not known, or it has no price.
 */
export const Estimate = z.strictObject({
  low: z.number().nonnegative(),
  high: z.number().nonnegative(),
  models: z.tuple([metadata(z.string().max(200)), metadata(z.string().max(200))]),
  pricesOf: metadata(z.string().max(40)).nullable(),
  usual: z
    .strictObject({ model: metadata(z.string().max(200)), usd: z.number().nonnegative() })
    .nullable()
    .default(null),
})
export type Estimate = z.infer<typeof Estimate>

export const LookedAgent = z.strictObject({ ...DetectedAgent.shape, model: ModelWay, estimate: Estimate.nullable() })
export type LookedAgent = z.infer<typeof LookedAgent>

/** The machine: agents with the way to their models, what walls them off, which hosts the policy lets steps reach, the tokens estimates reckon with. */
export const LookedMachine = z.strictObject({
  agents: z.array(LookedAgent).max(100),
  isolation: Isolation,
  network: z.strictObject({ agents: Hosts, checks: Hosts }),
  reckoned: z.strictObject({
    input: z.int().nonnegative(),
    cached: z.int().nonnegative(),
    output: z.int().nonnegative(),
  }),
})
export type LookedMachine = z.infer<typeof LookedMachine>

/** Commands that prove a change, and the file that says so; null: no file does. */
export const LookedChecks = z.strictObject({
  commands: z.array(asked(z.string().max(2_000))).max(100),
  from: paths(z.string().max(500)).nullable(),
  /** Where npm and its like would get packages from here, by the repository's own settings: `name` or `name:port`. A runner of an older vpd does not tell. */
  registries: z
    .array(paths(z.string().regex(hostForm).max(300)))
    .max(20)
    .default([]),
})
export type LookedChecks = z.infer<typeof LookedChecks>

export const Looked = z.strictObject({ ...LookedMachine.shape, checks: LookedChecks })
export type Looked = z.infer<typeof Looked>

/** The repository as its remote shows it: where work would begin, and the branches it could begin at. */
export const LookedRepository = z.strictObject({
  branch: paths(z.string().max(250)),
  commit: GitId,
  /** Names of branches, the one that was looked at first; at most fifty of `branchCount`. */
  branches: z.array(paths(z.string().max(250))).max(50),
  branchCount: z.int().nonnegative(),
  /** Folders of submodules, at most three of `submoduleCount`. */
  submodules: z.array(paths(z.string().max(500))).max(3),
  submoduleCount: z.int().nonnegative(),
})
export type LookedRepository = z.infer<typeof LookedRepository>

/** The whole answer of a runner that was asked to look at a repository. */
export const Found = z.strictObject({ ...Looked.shape, repository: LookedRepository })
export type Found = z.infer<typeof Found>
