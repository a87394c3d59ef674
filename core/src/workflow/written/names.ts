/**
 * How are names written: workflows, teams, people, repositories, agents, pools, commands?
 * Forms only: whether a name exists is readiness, on the server.
 */
import { z } from 'zod'
import { globRefusal } from '../../policy/glob.ts'
import { hostForm } from '../../policy/hosts.ts'
import { patternRefusal } from '../../policy/command-pattern.ts'
import { refRefusal } from '../../policy/ref-name.ts'
import { stepIdForm, workflowNameForm } from '../compiled.ts'
import { formed, listOf, say } from './say.ts'

const slug = '[a-z0-9][a-z0-9_-]{0,62}'

export const WorkflowName = formed('a name of small letters, digits and dashes, such as bug-to-pr', workflowNameForm)
export const TeamName = formed('the short name of a team, such as payments', new RegExp(`^${slug}$`))
export const StepName = formed('the id of a step, such as plan: small letters, digits, - and _', stepIdForm)
/** The id of its step where none is written. */
export const GateName = formed('the name of a gate, such as plan_review', stepIdForm)
export const AgentName = formed('the name of an agent, such as claude or codex', /^[a-z][a-z0-9._-]{0,39}$/)
/** As the provider of the model calls it, never a short name of an agent's own: what was asked for is compared with what was used. */
export const modelNameForm = /^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,119}$/
export const ModelName = formed(
  'the name of a model as its provider writes it, such as claude-sonnet-5-5',
  modelNameForm,
)
export const PoolName = formed('the name of a pool, such as payments-secure', new RegExp(`^${slug}$`))
export const ContextName = formed('the name of a context, such as payments.domain-rules', /^[a-z0-9][a-z0-9._-]{0,79}$/)

/** `owner/name`, `group/sub/name` or a plain name; never a URL, never with `..` and never with `.git` at its end. */
const repoForm = /^(?!.*\.\.)(?!.*\.git$)[A-Za-z0-9_][A-Za-z0-9._-]{0,99}(\/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}){0,4}$/
export const RepoName = formed('a repository, as owner/name', repoForm, 'repo')

export const Ref = z
  .string(say('the name of a branch'))
  .refine((name) => refRefusal(`refs/heads/${name}`, { ours: false }) === null, say('the name of a branch'))
export const Glob = z
  .string(say('a path or glob inside the repository, such as src/**'))
  .refine((glob) => globRefusal(glob) === null, say('a path or glob inside the repository, such as src/**'))

const who = 'team:NAME, user:NAME, role:NAME, codeowners or on-call'
const Approver = formed(
  `one who may decide: ${who}`,
  new RegExp(`^((team|user|role|on-call):${slug}|codeowners|on-call)$`),
  'who',
)
export const Approvers = listOf(`those who may decide: ${who}`, Approver, { min: 1, max: 50 })

const starters =
  'members, team:NAME, user:NAME, collaborators, source, anyone or bots:ID (an account, as bots:github:49699333)'
const Starter = formed(
  `one who may start it: ${starters}`,
  new RegExp(
    `^((team|user):${slug}|members|collaborators|source|anyone|bots:[a-z0-9_-]{1,40}:[A-Za-z0-9_@.:/-]{1,120})$`,
  ),
  'starter',
)
export const Starters = listOf(`those who may start it: ${starters}`, Starter, { min: 1, max: 50 })

/** A command that checks the change; the runner's shell reads it. */
export const Command = z
  .string(say('a command, such as npm test'))
  .min(1, say('a command, such as npm test'))
  .max(2_000, say('a command of at most 2000 characters'))
/** A rule on commands, such as `git push *`. */
const CommandPattern = z
  .string(say('a command pattern, such as git push *'))
  .refine((pattern) => patternRefusal(pattern) === null, say('a command pattern: words and *, such as git push *'))
export const CommandPatterns = listOf('command patterns, such as git push *', CommandPattern)

export const Requirement = formed(
  'a label, a tool or an agent, with or without a version, such as node>=22',
  /^[a-z][a-z0-9._+-]{0,39}((>=|<=|=|>|<)\d{1,6}(\.\d{1,6}){0,3})?$/,
)
/** A host that steps may reach. */
export const Host = formed(
  'a host, such as api.example.com, *.example.com, npm.example.com:8443 or registries',
  hostForm,
)
export const Text = (most: number) =>
  z
    .string(say('a text'))
    .min(1, say('a text that is not empty'))
    .max(most, say(`a text of at most ${most} characters`))
