/**
 * GitHub's own description of its API (OpenAPI, `@octokit/openapi`, and its GraphQL schema), and Prism, which holds requests and answers against it. All of it is installed by the
 * check alone, in a folder of its own (e2e/described): only tests named `*.described.test.ts` may import this.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Answered, Asked } from '@viewportai/core/tools/outside'

const modules = new URL('../../../../../e2e/described/node_modules/', import.meta.url)
const installed = createRequire(modules)

/** What does not fit, a sentence. */
export type Complaint = string
export type Described = {
  /** `GET /repos/{owner}/{repo}`: the operation that GitHub describes for a path of ours; null: there is none. `{}` in it fits any piece. */
  operationOf(method: string, path: string): string | null
  /** What GitHub's description says against a request, and where an answer is otherwise (`body.N.label`). */
  judge(asked: Asked, base: string, answered: Answered | null): Promise<{ request: Complaint[]; answer: Complaint[] }>
  /** The answer that the description gives as its example. */
  example(asked: Asked, base: string): Promise<Answered>
}

type Schema = Record<string, unknown>
type Diagnostic = { message: string; path?: (string | number)[]; severity: number }
type Content = { schema?: Schema }
type Operation = {
  method: string
  path: string
  request?: { query?: { name: string }[]; body?: { contents?: Content[]; required?: boolean } }
  responses: { contents?: Content[] }[]
}
type Output = { statusCode: number; headers?: Record<string, string>; body?: unknown }
type Result = { output: Output; validations: { input: Diagnostic[]; output: Diagnostic[] } }
type Either = { _tag: 'Left'; left: Error } | { _tag: 'Right'; right: Result }
type Input = { method: string; url: object; headers: Readonly<Record<string, string>>; body?: unknown }
type Prism = {
  getHttpOperationsFromSpec(spec: object): Promise<Operation[]>
  createInstance(
    config: object,
    components: object,
  ): { request(input: Input, operations: Operation[]): () => Promise<Either> }
}

const { default: Ajv } = installed('ajv') as { default: new (options: object) => { compile(schema: Schema): unknown } }
const ajv = new Ajv({ strict: false, allowUnionTypes: true, logger: false })

/** `api.github.com`, or an Enterprise Server: `ghes-3.19`. */
export const describedBy = async (name: string): Promise<Described> => {
  const prism = installed('@stoplight/prism-http') as Prism
  const spec = JSON.parse(readFileSync(installed.resolve(`@octokit/openapi/generated/${name}.json`), 'utf8')) as object
  const operations = (await prism.getHttpOperationsFromSpec(spec)).map(strictly)
  const silent = { child: () => silent, trace() {}, debug() {}, info() {}, success() {}, warn() {}, error() {} }
  const common = { checkSecurity: false, validateRequest: true, validateResponse: true, errors: true }
  const asking = async (config: object, input: Input, output: Output | null): Promise<Result> => {
    const forward = () => () => async (): Promise<object> => ({ _tag: 'Right', right: output })
    const instance = prism.createInstance({ ...common, ...config }, { logger: silent, ...(output ? { forward } : {}) })
    const found = await instance.request(input, operations)()
    if (found._tag === 'Left') throw found.left
    return found.right
  }
  const inputOf = ({ method, url, headers = {}, body }: Asked, base: string): Input => {
    const { pathname, searchParams } = new URL(url)
    const path = pathname.slice(new URL(base).pathname.replace(/\/$/, '').length)
    return {
      method: method.toLowerCase(),
      url: {
        // A reference has slashes, which GitHub takes as they are (`x-multi-segment`); Prism knows one piece only.
        path: path.replace(/(?<=\/git\/ref\/).+/, (ref) => ref.replaceAll('/', '%2F')),
        query: Object.fromEntries(searchParams),
      },
      headers,
      ...(body === undefined ? {} : { body: JSON.parse(body) as unknown }),
    }
  }
  /** The most literal one, as `/issues/comments/{id}` before `/issues/{number}/{name}`. */
  const operationOf = (method: string, path: string): Operation | null =>
    operations
      .filter((one) => one.method === method.toLowerCase() && fits(one.path, path))
      .toSorted((a, b) => a.path.split('{').length - b.path.split('{').length)[0] ?? null

  return {
    operationOf(method, path) {
      const found = operationOf(method, path)
      return found && `${method} ${found.path}`
    },
    async judge(asked, base, answered) {
      const input = inputOf(asked, base)
      const { path, query } = input.url as { path: string; query: object }
      const output = { statusCode: answered?.status ?? 204, ...(answered ? outputOf(answered) : {}) }
      const told = await asking({ isProxy: true, upstream: new URL('http://x') }, input, output).catch(
        (error: Error) => ({ validations: { input: [{ message: error.message, severity: 0 }], output: [] } }),
      )
      // Prism lets a parameter pass that is not described.
      const operation = operationOf(asked.method, path)
      if (operation && !isReadable(operation))
        throw new Error(`Prism cannot read what is described of ${asked.method} ${operation.path}`)
      const known = new Set((operation?.request?.query ?? []).map((one) => one.name))
      const odd = Object.keys(query).filter((one) => !known.has(one))
      return {
        request: [
          ...told.validations.input.map(({ message }) => message),
          ...odd.map((one) => `the query has no parameter ${one}`),
        ],
        answer: answered === null ? [] : [...new Set(told.validations.output.map(where))],
      }
    },
    async example(asked, base) {
      const input = inputOf({ ...asked, headers: { accept: 'application/json' } }, base)
      const { output } = await asking({ isProxy: false, mock: { dynamic: false } }, input, null)
      // Some examples of GitHub's stand in one `value` too many.
      const { value, ...rest } = (output.body ?? {}) as { value?: unknown }
      const isWrapped = value !== undefined && Object.keys(rest).every((name) => name.startsWith('x-'))
      const body = isWrapped ? value : output.body
      return {
        status: output.statusCode,
        headers: { 'content-type': 'application/json' },
        text: typeof body === 'string' ? body : JSON.stringify(body ?? null),
      }
    },
  }
}

/** What GitHub's GraphQL schema says against a question and its variables. */
export const judgeGraphql = (query: string, variables: Readonly<Record<string, unknown>>): Complaint[] => {
  const graphql = installed('graphql') as Graphql
  const told = readFileSync(new URL('@octokit/graphql-schema/schema.json', modules), 'utf8')
  const schema = graphql.buildClientSchema(JSON.parse(told))
  const document = graphql.parse(query)
  const said = graphql.validate(schema, document)
  const asked = document.definitions[0]!.variableDefinitions
  const { errors = [] } = graphql.getVariableValues(schema, asked, variables)
  const names = asked.map(({ variable }) => variable.name.value)
  const odd = Object.keys(variables).filter((name) => !names.includes(name))
  return [...[...said, ...errors].map(({ message }) => message), ...odd.map((name) => `there is no variable ${name}`)]
}
type Graphql = {
  buildClientSchema(told: unknown): object
  parse(text: string): { definitions: { variableDefinitions: { variable: { name: { value: string } } }[] }[] }
  validate(schema: object, document: object): { message: string }[]
  getVariableValues(schema: object, asked: object, given: object): { errors?: { message: string }[] }
}

/** Where an answer is otherwise: a field, by its path; what is missing is told with its name. */
const where = ({ message, path = [] }: Diagnostic): string =>
  path.length === 0
    ? message
    : [...path, /required property '(\w+)'/.exec(message)?.[1] ?? []]
        .flat()
        .join('.')
        .replace(/\.\d+(?=\.|$)/g, '.N')

const outputOf = ({ headers, text }: Answered): Omit<Output, 'statusCode'> => {
  const media = headers['content-type'] ?? ''
  return {
    headers: { ...headers },
    ...(text === '' ? {} : { body: media.includes('json') ? (JSON.parse(text) as unknown) : text }),
  }
}

/**
 * The operation as it is meant. A body has the fields that are described and no other: GitHub ignores what it does not know, and then nothing is done. And Prism lets all pass where
 * ajv cannot compile a schema, without a word: what it stumbles over is said in JSON Schema's own way here, and `isReadable` finds the rest.
 */
const strictly = ({ request, responses, ...operation }: Operation): Operation => ({
  ...operation,
  request: {
    ...request,
    ...(request?.body && { body: { ...request.body, contents: meant(request.body.contents, closed) } }),
  },
  responses: responses.map((one) => ({ ...one, contents: meant(one.contents) })),
})
const meant = (contents: Content[] | undefined, ...more: ((schema: Schema) => Schema)[]): Content[] =>
  (contents ?? []).map((one) =>
    one.schema ? { ...one, schema: changed(one.schema, nullable, distinct, ...more) as Schema } : one,
  )
const changed = (schema: unknown, ...how: ((schema: Schema) => Schema)[]): unknown => {
  if (Array.isArray(schema)) return schema.map((one) => changed(one, ...how))
  if (typeof schema !== 'object' || schema === null) return schema
  const inside = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, changed(value, ...how)]))
  return how.reduce((one, next) => next(one), inside)
}
const nullable = ({ nullable: may, ...schema }: Schema): Schema =>
  may !== true
    ? schema
    : schema['type'] === undefined
      ? { anyOf: [schema, { type: 'null' }] }
      : { ...schema, type: [schema['type'], 'null'].flat() }
const closed = (schema: Schema): Schema =>
  schema['properties'] === undefined || schema['additionalProperties'] !== undefined
    ? schema
    : { ...schema, additionalProperties: false }

const distinct = (schema: Schema): Schema =>
  Array.isArray(schema['enum']) ? { ...schema, enum: [...new Set(schema['enum'])] } : schema

const isReadable = ({ request, responses }: Operation): boolean => {
  try {
    for (const { schema } of [request?.body, ...responses].flatMap((one) => one?.contents ?? []))
      if (schema) ajv.compile(schema)
    return true
  } catch {
    return false
  }
}

/** Does a template fit a path, where `{}` fits any piece and stands for two after `/repos/`? */
const fits = (template: string, path: string): boolean => {
  const ours = path.replace(/^\/repos\/\{\}/, '/repos/{}/{}').split('/')
  const theirs = template.split('/')
  if (template.endsWith('/git/ref/{ref}')) ours.splice(theirs.length - 1, Infinity, open) // it has slashes in it
  return (
    ours.length === theirs.length &&
    theirs.every(
      (piece, n) => piece === ours[n] || (piece.startsWith('{') && (ours[n] === open || /[^/]/.test(ours[n]!))),
    )
  )
}
const open = '{}'
