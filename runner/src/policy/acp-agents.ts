/** How does the owner write down an agent that speaks the Agent Client Protocol? (`acp:` of the policy) */
import { z } from 'zod'
import { knownAcpAgents, type AcpAgent } from '../agent/acp-config.ts'
import { providerName } from '../model/providers.ts'
import { mayPass } from './environment.ts'

/** Texts by name; `wrong` says what is wrong with a name. */
const named = (most: number, wrong: (key: string) => string | null) =>
  z
    .record(z.string().max(200), z.string().max(most))
    .superRefine((texts, context) => {
      for (const key of Object.keys(texts)) {
        const message = wrong(key)
        if (message !== null) context.addIssue({ code: 'custom', path: [key], message })
      }
    })
    .optional()

/** What an agent is given beside its arguments when a step asks for a model. */
export const modelArguments = z
  .array(z.string().min(1).max(500))
  .min(1)
  .max(10)
  .refine((words) => words.some((word) => word.includes('{model}')), 'none of these words holds {model}')

const Written = z.strictObject({
  /** Program and arguments, started without a shell. It must speak the protocol on standard input and output. */
  argv: z.array(z.string()).min(1).optional(),
  modes: z
    .array(z.enum(['plan', 'read', 'edit', 'review']))
    .min(1)
    .optional(),
  /** Ids of its modes in which it asks before it runs or changes anything; the first is set. None: it has no modes, and always asks. */
  asking: z.array(z.string().min(1).max(100)).max(10).optional(),
  /** Providers whose models it uses. */
  models: z
    .array(z.string().regex(providerName, 'a provider is named by small letters, digits and -'))
    .max(10)
    .optional(),
  /** How it is given the model that a step asks for: by the option of its sessions, or by arguments that hold `{model}`. Left out: none can be asked of it. */
  model: z.union([z.enum(['option', 'words']), modelArguments]).optional(),
  /** Sent with every session as `_meta`: settings of the agent's own beside the protocol. The same words are replaced in its texts. */
  meta: z.record(z.string(), z.json()).optional(),
  /** Its environment. {key}, {anthropic}, {openai}, {google}, {home} and {state} are replaced. */
  env: named(10_000, (key) =>
    !/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)
      ? 'is no name of an environment variable'
      : mayPass(key)
        ? null
        : 'changes what code runs, or belongs to vpd',
  ),
  /** Files below its HOME, by name. The same words are replaced. */
  files: named(100_000, (key) =>
    key.startsWith('/') || key.split('/').includes('..') ? 'must be named from HOME on, without ..' : null,
  ),
  /** How it goes on after a pause: by its own session (kept below {state}), or by a summary that vpd writes. */
  resume: z.enum(['session', 'summary']).optional(),
  /** Is the title of a shell's call the command itself, to the letter? */
  title_is_command: z.boolean().optional(),
})

const plain: Omit<AcpAgent, 'argv'> = {
  modes: ['plan', 'read', 'edit', 'review'],
  asking: [],
  models: [],
  model: null,
  env: {},
  files: {},
  resume: 'summary',
  titleIsCommand: false,
}

/** What is written for a known agent is laid over what vpd knows of it. */
export const AcpAgents = z
  .record(z.string().regex(/^[a-z][a-z0-9._-]{0,39}$/, 'an agent is named by small letters, digits, . _ -'), Written)
  .superRefine((agents, context) => {
    for (const [name, { argv }] of Object.entries(agents))
      if (!argv && !Object.hasOwn(knownAcpAgents, name))
        context.addIssue({ code: 'custom', path: [name, 'argv'], message: 'is missing: which program is it?' })
  })
  .transform((agents): Record<string, AcpAgent> =>
    Object.fromEntries(
      Object.entries(agents).map(([name, { title_is_command: titleIsCommand, ...written }]) => {
        const known = Object.hasOwn(knownAcpAgents, name) ? knownAcpAgents[name] : undefined
        const said = Object.fromEntries(
          Object.entries({ ...written, titleIsCommand }).filter(([, value]) => value !== undefined),
        )
        return [name, { argv: [], ...plain, ...known, ...said } as AcpAgent]
      }),
    ),
  )
