/**
 * What of a repository's own settings for agents is ever loaded?
 * Hooks, servers and denials, out of the files of the agent that runs. Nothing that answers for a person, moves the model or changes what a
 * name means: permissions that allow, environments, models, plugins, programs of the agent's own. What is left out is said.
 */
import { z } from 'zod'
import { mayPass } from '../policy/environment.ts'
import { readToml, TomlUnread } from './toml-tables.ts'

/** A command that runs at an event of the agent. `matcher`: at which tools, as its agent reads it. */
export type Hook = {
  readonly event: string
  readonly matcher: string | null
  readonly command: string
  readonly seconds: number | null
}
/** A server of the Model Context Protocol, on its standard input and output. */
export type Server = {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}
/** `deny`: rules of the agent's own that only forbid. `left`: what is not loaded, in words. */
export type OwnSettings = {
  readonly hooks: readonly Hook[]
  readonly servers: readonly Server[]
  readonly deny: readonly string[]
  readonly left: readonly string[]
}

/** Events at which a hook may run. Not among them: those that answer an ask for a person (`PermissionRequest`) or that go to a model. */
export const hookEvents = [
  'SessionStart',
  'UserPromptSubmit',
  'PreToolUse',
  'PostToolUse',
  'Stop',
  'SubagentStart',
  'SubagentStop',
  'PreCompact',
  'SessionEnd',
  'Notification',
] as const

/** Most of each that is loaded; more is no setting but a flood. */
const most = { hooks: 50, servers: 20, deny: 200, left: 40 }

const Command = z.looseObject({
  type: z.literal('command'),
  command: z.string().min(1).max(4_000),
  timeout: z.number().positive().max(3_600).optional(),
})
const Group = z.looseObject({ matcher: z.string().max(500).optional(), hooks: z.array(z.unknown()) })
const ServerForm = z.looseObject({
  command: z.string().min(1).max(1_000),
  args: z.array(z.string().max(4_000)).max(100).default([]),
  env: z.record(z.string(), z.string().max(4_000)).default({}),
})
const record = z.record(z.string(), z.unknown())

/** Reads the files of an agent. `files`: text by path. */
export const readOwnSettings = (files: ReadonlyMap<string, string>): OwnSettings => {
  const found = { hooks: [] as Hook[], servers: [] as Server[], deny: [] as string[], left: [] as string[] }
  for (const [file, text] of files) {
    const value = valueOf(file, text)
    if (typeof value === 'string') found.left.push(`${file}: ${value}`)
    else readFile(file, value, found)
  }
  return {
    hooks: found.hooks.slice(0, most.hooks),
    servers: found.servers.slice(0, most.servers),
    deny: found.deny.slice(0, most.deny),
    left: [...new Set(found.left.map((one) => one.slice(0, 300)))].slice(0, most.left),
  }
}

/** What the file holds, or why it cannot be read. */
const valueOf = (file: string, text: string): Record<string, unknown> | string => {
  try {
    const value: unknown = file.endsWith('.toml') ? readToml(text) : JSON.parse(text)
    return record.safeParse(value).data ?? 'it holds no settings'
  } catch (error) {
    return error instanceof TomlUnread ? error.message : 'it is no JSON'
  }
}

type Found = { hooks: Hook[]; servers: Server[]; deny: string[]; left: string[] }

const readFile = (file: string, value: Record<string, unknown>, found: Found): void => {
  const servers = file === '.mcp.json' ? 'mcpServers' : file.endsWith('.toml') ? 'mcp_servers' : null
  for (const [key, part] of Object.entries(value)) {
    if (key === servers) readServers(file, part, found)
    else if (key === 'hooks' && servers !== 'mcpServers') readHooks(file, part, found)
    else if (key === 'permissions' && file.startsWith('.claude/')) readPermissions(file, part, found)
    else if (key !== '$schema' && key !== 'description') found.left.push(`${named(key)} of ${file}`)
  }
  if (value['disableAllHooks'] === true) found.hooks.length = 0
}

const readHooks = (file: string, part: unknown, { hooks, left }: Found): void => {
  for (const [event, groups] of Object.entries(record.safeParse(part).data ?? {})) {
    if (!(hookEvents as readonly string[]).includes(event)) {
      left.push(`hooks at ${named(event)} of ${file}`)
      continue
    }
    for (const group of Array.isArray(groups) ? (groups as unknown[]) : []) {
      const { matcher, hooks: commands } = Group.safeParse(group).data ?? { hooks: [] }
      for (const one of commands) {
        const hook = Command.safeParse(one).data
        if (!hook) left.push(`a hook at ${event} of ${file} that is no command`)
        else hooks.push({ event, matcher: matcher ?? null, command: hook.command, seconds: hook.timeout ?? null })
      }
    }
  }
}

/** Their names are parts of the names of their tools, so that no two can be taken for one another. */
const serverName = /^(?!.*__)[A-Za-z0-9-][A-Za-z0-9_-]{0,38}[A-Za-z0-9-]$|^[A-Za-z0-9]$/

const readServers = (file: string, part: unknown, { servers, left }: Found): void => {
  for (const [name, one] of Object.entries(record.safeParse(part).data ?? {})) {
    const server = ServerForm.safeParse(one).data
    const wrong = !serverName.test(name)
      ? 'whose name vpd does not take'
      : !server
        ? 'that is no program (servers at an address are not loaded)'
        : server['enabled'] === false
          ? 'that is switched off'
          : servers.some((other) => other.name === name)
            ? 'that is there twice'
            : Object.keys(server.env).find((variable) => !mayPass(variable)) !== undefined
              ? `that sets ${named(Object.keys(server.env).find((variable) => !mayPass(variable)) ?? '')}`
              : null
    if (wrong !== null || !server) left.push(`the server ${named(name)} of ${file}, ${wrong}`)
    else servers.push({ name, command: server.command, args: server.args, env: server.env })
  }
}

const readPermissions = (file: string, part: unknown, { deny, left }: Found): void => {
  for (const [key, rules] of Object.entries(record.safeParse(part).data ?? {}))
    if (key === 'deny')
      deny.push(
        ...(Array.isArray(rules) ? rules : []).filter(
          (rule): rule is string => typeof rule === 'string' && rule.length <= 500,
        ),
      )
    else left.push(`permissions.${named(key)} of ${file}`)
}

/** A name out of a file, fit to stand in a sentence. */
const named = (text: string): string =>
  /^[A-Za-z0-9_$.-]{1,60}$/.test(text) ? text : JSON.stringify(text.slice(0, 60))
