/**
 * What do `.viewport/context.yaml` and `.viewport/checks.yaml` of a repository say?
 * Names for paths, and commands that check a change; errors in the same form as a workflow's. They grant nothing.
 */
import { z } from 'zod'
import { readSource } from './located.ts'
import type { WorkflowError } from './mistake.ts'
import { collectMistakes, type Mistakes } from './mistakes.ts'
import { many } from './read-document.ts'
import { readWritten } from './schema-mistakes.ts'
import { Command, ContextName, Glob, TeamName } from './written/names.ts'
import { keyed, listOf, say, wholeNumber } from './written/say.ts'

type Read<T> = ({ ok: true } & T) | { ok: false; errors: WorkflowError[] }

const Paths = listOf('paths inside the repository, such as docs/**/*.md', Glob, { min: 1 })
const Entry = z.union(
  [
    Paths,
    keyed('a context', {
      paths: Paths,
      owner: TeamName.optional(),
      max: wholeNumber(1, 100).optional(),
      pin: z.boolean(say('true or false')).optional(),
    }),
  ],
  say('paths, or { paths, owner, max, pin }'),
)
const ContextFile = z.record(
  ContextName,
  Entry,
  say('names with their paths, such as checkout.runbook: docs/runbooks/checkout.md'),
)

/** A name of context: globs inside the repository. `max`: most documents, null: all. `pin`: given first and always, whatever the ranking says. */
export type NamedContext = { paths: string[]; owner: string | null; max: number | null; pin: boolean }

/** Reads `.viewport/context.yaml`: name -> paths. An empty file names nothing. */
export const readContextFile = (
  source: string,
  file = '.viewport/context.yaml',
): Read<{ names: Map<string, NamedContext> }> =>
  readFile(source, file, (value, mistakes) => {
    const written = readWritten(ContextFile, value ?? {}, [], mistakes) ?? {}
    return {
      names: new Map(
        Object.entries(written).map(([name, entry]): [string, NamedContext] =>
          typeof entry === 'string' || Array.isArray(entry)
            ? [name, { paths: many(entry), owner: null, max: null, pin: false }]
            : [
                name,
                {
                  paths: many(entry.paths),
                  owner: entry.owner ?? null,
                  max: entry.max ?? null,
                  pin: entry.pin ?? false,
                },
              ],
        ),
      ),
    }
  })

const Commands = listOf('commands, such as npm test', Command, { max: 50 })
const ChecksFile = z.union(
  [Commands, keyed('the checks', { checks: Commands })],
  say('commands, or checks: [commands]'),
)

/** Reads `.viewport/checks.yaml`: the commands that check a change, in order. An empty list says that there are none. */
export const readChecksFile = (source: string, file = '.viewport/checks.yaml'): Read<{ commands: string[] }> =>
  readFile(source, file, (value, mistakes) => {
    const written = readWritten(ChecksFile, value, [], mistakes)
    return {
      commands:
        written === undefined
          ? []
          : many(typeof written === 'object' && !Array.isArray(written) ? written.checks : written),
    }
  })

/** Why a file could not be read, in one line: the first mistakes with their places. */
export const whyUnreadable = (errors: readonly WorkflowError[]): string =>
  errors
    .slice(0, 3)
    .map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`)
    .join(' ')

const readFile = <T>(
  source: string,
  file: string,
  read: (value: ReturnType<typeof readSource>['value'], mistakes: Mistakes) => T,
): Read<T> => {
  const mistakes = collectMistakes()
  const { value, readable, spotOf } = readSource(source, mistakes)
  const result = readable ? read(value, mistakes) : null
  return result === null || mistakes.count() > 0
    ? { ok: false, errors: mistakes.sorted(source, file, spotOf) }
    : { ok: true, ...result }
}
