/**
 * What does the owner of this machine allow? (~/.viewport/runner/policy.yaml)
 * Every key is optional; an unknown one stops vpd from starting: a rule that was misspelt would be a rule that does not hold.
 */
import { readFile } from 'node:fs/promises'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { bodyKinds } from '@viewportai/core/digest/body'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { providerName } from '../model/providers.ts'
import { isMissing } from '../disk/durable.ts'
import { hostForm } from '@viewportai/core/policy/hosts'
import { AcpAgents, modelArguments } from './acp-agents.ts'
import { mayPass } from './environment.ts'

const patterns = z.array(z.string().min(1).max(500)).max(500)
const mode = z.enum(['plan', 'read', 'edit', 'review'])
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, 'a name is letters, digits, . _ -')
const environmentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'not a name of an environment variable')
  .refine(mayPass, 'this name changes what code runs or belongs to vpd and is never passed on')

const hosts = z.array(z.string().regex(hostForm, 'a host is written name, *.name or name:port, or registries')).max(200)

export const Policy = z.strictObject({
  /** Repositories that may be fetched, as `host/path`. Default: every https remote. */
  repositories: patterns.default(['**']),
  /** Agents that may be used. Default: all that are found. */
  agents: patterns.default(['*']),
  /** Models that may be used, as their providers call them. Default: all. Names without `*` can be asked for, also where no list has them. */
  models: patterns.default(['**']),
  /** Programs that can be used as agents beside the known ones. `{prompt}` in argv is replaced; else the prompt comes on stdin. */
  commands: z
    .record(
      name,
      z.strictObject({
        argv: z.array(z.string()).min(1),
        prompt: z.enum(['stdin', 'argument']).default('stdin'),
        modes: z.array(mode).min(1).default(['edit']),
        /** Providers whose models it uses: it gets their addresses at the model gateway, and a key for it, in its environment. */
        models: z
          .array(z.string().regex(providerName, 'a provider is named by small letters, digits and -'))
          .max(10)
          .default([]),
        /** Arguments that are added when a step asks for a model: `{model}` is its name. Without them none can be asked of it. */
        model: modelArguments.optional(),
      }),
    )
    .default({}),
  /** Agents that speak the Agent Client Protocol, beside those vpd knows. */
  acp: AcpAgents.default({}),
  modes: z.array(mode).default(['plan', 'read', 'edit', 'review']),
  /**
   * Workflows that may run here, as `name@digest`, or the path of a file: exactly the workflow that is written there. Default: all.
   * Whatever stands here, work that its workflow does not say is refused.
   */
  workflows: patterns.default(['**']),
  /** How many times its budget a run may have here, when people let it go on. */
  budgets: z.int().min(1).max(1_000).default(10),
  /**
   * Repositories whose own settings, hooks and servers for agents may be loaded, where an admin of the workspace said so too (decisions/017).
   * Default: none; their texts are given as context all the same.
   */
  trust: patterns.default([]),
  /** Commands that a workflow may name for its checks. A repository's own checks are not concerned. Default: all. */
  checks: patterns.default(['**']),
  /** Effects that this machine may carry out. Default: all that it has a credential for (`vpd credentials`). */
  actions: patterns.default(['**']),
  /** Refs that a push may name. */
  branches: patterns.default(['refs/heads/vp/**']),
  /** Refs that a merge may change. Default: every branch. */
  merge_into: patterns.default(['refs/heads/**']),
  /** Names of environment variables that agents and checks get from vpd's own environment. */
  environment: z.array(environmentName).max(100).default([]),
  /** Names of environment variables whose values are secret: redacted wherever they would be written or sent. */
  secrets: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
    .max(100)
    .default([]),
  /** What holds the programs of steps. */
  walls: z
    .strictObject({
      /** `best`: the strongest that this machine has. Any other: that one, or no work is done. `container`: vpd runs in one of its own. */
      level: z.enum(['best', 'sandbox', 'user', 'container', 'none']).default('best'),
      /** Files and folders beside the system's and the agent's own that steps may read. */
      read: z.array(z.string().startsWith('/', 'a path begins with /')).max(100).default([]),
    })
    .prefault({}),
  /** Which hosts steps may reach, where a wall holds the network. Default: none but what vpd itself offers. */
  network: z
    .strictObject({
      agents: z.union([z.literal('open'), hosts]).default([]),
      checks: z.union([z.literal('open'), hosts]).default([]),
      /** Of the hosts above, those that may be on this machine or its network, e.g. a registry of your own. */
      near: hosts.default([]),
    })
    .prefault({}),
  /** Secrets that are kept here (`vpd credentials set tool NAME`) and who is handed each, as a variable of that name. Default: nobody. */
  tools: z
    .record(
      environmentName,
      z.strictObject({
        checks: z.boolean().default(false),
        agents: patterns.default([]),
        repositories: patterns.default(['**']),
      }),
    )
    .default({}),
  /** Agents whose own subscription login may be used: it passes by the model gateway, so nothing is counted and only the time is limited. */
  logins: z.array(name).max(50).default([]),
  /** Prices of models that vpd does not know, in dollars per million tokens; `cached` is input read from a cache. */
  prices: z
    .record(
      z.string().min(1).max(200),
      z
        .strictObject({
          input: z.number().nonnegative(),
          output: z.number().nonnegative(),
          cached: z.number().nonnegative().optional(),
        })
        .transform(({ cached, ...rates }) => ({ ...rates, cached: cached ?? rates.input })),
    )
    .default({}),
  leaves: z
    .strictObject({
      /** Kinds of bodies that reviewers may be served from this machine. */
      serve: z.array(z.enum(bodyKinds)).default([...bodyKinds]),
      /** May bodies and logs be stored on the control plane when a workspace asks for it? */
      store: z.boolean().default(true),
      /** May short texts (the level excerpt: summaries, reasons, the line of what is going on) leave, where the workspace lets them? False: they stay here (`vpd egress RUN --kept`). */
      excerpts: z.boolean().default(true),
      /** Other origins than the control plane's own that served bytes may go to, e.g. its replicas. */
      origins: z.array(z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin)).default([]),
    })
    .prefault({}),
  /** When the control plane cannot be reached and a lease runs out: go on without effects for a while, or stop at once. */
  partition: z
    .strictObject({
      mode: z.enum(['hold', 'stop']).default('hold'),
      hold_seconds: z.int().min(1).max(86_400).default(600),
    })
    .prefault({}),
  evidence: z
    .strictObject({
      keep_days: z.int().min(1).max(3_650).default(30),
      log_megabytes: z.int().min(1).max(4_096).default(64),
      free_megabytes: z.int().min(0).default(256),
    })
    .prefault({}),
  labels: z.array(z.string().max(80)).max(50).default([]),
})
export type Policy = z.infer<typeof Policy>

/** The policy file does not hold. `problems`: one line each, with file, line and column. */
export class PolicyInvalid extends Error {
  override readonly name = 'PolicyInvalid'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The local policy cannot be used:\n${problems.map((one) => `  ${one}`).join('\n')}`)
    this.problems = problems
  }
}

/** Reads the policy; without a file the defaults hold. Throws PolicyInvalid with every problem at once. */
export const readPolicy = async (file: string): Promise<Policy> => {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return ''
    throw error
  })
  return withWorkflowFiles(parsePolicy(text, file), file)
}

/** The files among `workflows` as the `name@digest` that they compile to now. Work of another text is refused from then on. */
const withWorkflowFiles = async (policy: Policy, file: string): Promise<Policy> => {
  const problems: string[] = []
  const workflows = await Promise.all(
    policy.workflows.map(async (one) => {
      if (!one.startsWith('/')) return one
      const read = await readFile(one, 'utf8').catch((error: NodeJS.ErrnoException) => error)
      if (read instanceof Error) return void problems.push(`${file}: workflows: ${one} cannot be read (${read.code})`)
      const result = compileWorkflow(read, one)
      if (result.ok) return `${result.compiled.name}@${result.digest}`
      return void problems.push(...result.errors.map((at) => `${one}:${at.line}:${at.column}: ${at.message}`))
    }),
  )
  if (problems.length) throw new PolicyInvalid(problems)
  return { ...policy, workflows: workflows.filter((one) => one !== undefined) }
}

/** Parses the text of a policy. `file` is named in problems. */
export const parsePolicy = (text: string, file: string): Policy => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const at = (offset: number): string => `${file}:${lines.linePos(offset).line}:${lines.linePos(offset).col}`
  if (document.errors.length)
    throw new PolicyInvalid(
      document.errors.map(
        (error) => `${at(error.pos[0])}: ${error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:$/, '')}`,
      ),
    )
  const read = Policy.safeParse(valueOf(document, file))
  if (read.success) return read.data
  const place = (path: PropertyKey[]): string => {
    for (let end = path.length; end > 0; end--) {
      const node: unknown = document.getIn(path.slice(0, end), true)
      if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
        return at(Number(node.range[0]))
    }
    return file
  }
  throw new PolicyInvalid(
    read.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map(
            (key) => `${place([...issue.path, key])}: ${[...issue.path, key].join('.')} is not a key of a policy`,
          )
        : [`${place(issue.path)}: ${issue.path.join('.') || 'the policy'}: ${issue.message}`],
    ),
  )
}

/** What the document says, or nothing when it is empty. An alias that leads nowhere, or a heap of them, is a fault of the file. */
const valueOf = (document: ReturnType<typeof parseDocument>, file: string): unknown => {
  try {
    return document.toJS({ maxAliasCount: 10 }) ?? {}
  } catch (error) {
    throw new PolicyInvalid([`${file}: ${error instanceof Error ? error.message : String(error)}`])
  }
}
