/**
 * How does the API describe itself? (OpenAPI 3.1)
 * Generated from the route table that is served, so that it cannot say something else; written to docs/openapi.json by `viewport openapi`.
 */
import { z } from 'zod'
import { DeliveryItem, MatchLine, Source } from '@viewportai/core/api/deliveries'
import { Me, Person, Team } from '@viewportai/core/api/people'
import { Problem, problemMedia } from '@viewportai/core/api/problem'
import type { Route } from '@viewportai/core/api/route'
import { routes } from '@viewportai/core/api/routes'
import { PairingView, RunnerView } from '@viewportai/core/api/runners'
import { ChangeView, RunView, StepView } from '@viewportai/core/api/runs'
import { StreamBeat, StreamNote } from '@viewportai/core/api/stream'
import { Missing, SummarySection, WorkflowError, WorkflowItem, WorkflowView } from '@viewportai/core/api/workflows'
import { BodyRef } from '@viewportai/core/digest/body'
import { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { Change, Subject } from '@viewportai/core/gate/subject'
import { refusals } from '@viewportai/core/refusal'
import { Isolation, Usage } from '@viewportai/core/run/facts'
import { BoardRow, GateCard, GateItem, TimelineItem, Vote } from '@viewportai/core/view/shapes'
import { Capabilities } from '@viewportai/core/wire/messages'
import { Compiled } from '@viewportai/core/workflow/compiled'
import { version } from '../version.ts'

type Json = Record<string, unknown>

const named = {
  BoardRow,
  BodyRef,
  Capabilities,
  Change,
  ChangeView,
  Compiled,
  DeliveryItem,
  GateCard,
  GateItem,
  Isolation,
  MatchLine,
  Me,
  Missing,
  PairingView,
  Person,
  RunView,
  RunnerView,
  Source,
  StepView,
  StreamBeat,
  StreamNote,
  Subject,
  SummarySection,
  Team,
  TimelineItem,
  TriggerEvent,
  Usage,
  Vote,
  WorkflowError,
  WorkflowItem,
  WorkflowView,
}

/** The document as a value. */
export const openapi = (): Json => {
  const answers = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(named)) answers.add(schema, { id })
  for (const [name, route] of Object.entries(routes) as [string, Route][])
    if (typeof route.answer === 'object' && !answers.has(route.answer))
      answers.add(route.answer, { id: `${name}Answer` })
  const idOf = (schema: z.ZodType): string => answers.get(schema)!.id
  const paths: Record<string, Json> = {}
  for (const [name, route] of Object.entries(routes) as [string, Route][]) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route, idOf) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Viewport',
      version,
      summary: 'The team operating layer for coding agents.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: { ...paths, ...beside },
    components: {
      schemas: { ...schemasOf(answers), Problem: problemSchema() },
      securitySchemes,
      responses: {
        Problem: {
          description: 'It was refused, or it failed.',
          content: { [problemMedia]: { schema: ref('Problem') } },
        },
      },
    },
  }
}

/** The document as it is committed and served. */
export const openapiText = (): string => `${JSON.stringify(openapi(), null, 2)}\n`

const ref = (id: string): Json => ({ $ref: `#/components/schemas/${id}` })
const bare = ({ $schema: _schema, $id: _id, id: _name, ...schema }: Json): Json =>
  JSON.parse(JSON.stringify(schema, withoutSafeEnds)) as Json
/** That an integer is one JavaScript can hold is said of every integer; it only hides the limits that mean something. */
const withoutSafeEnds = (key: string, value: unknown): unknown =>
  (key === 'minimum' && value === Number.MIN_SAFE_INTEGER) || (key === 'maximum' && value === Number.MAX_SAFE_INTEGER)
    ? undefined
    : value
const plain = (schema: z.ZodType, io: 'input' | 'output'): Json =>
  bare(z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' }))

const schemasOf = (registry: z.core.$ZodRegistry<{ id: string }>): Record<string, Json> => {
  const { schemas } = z.toJSONSchema(registry, {
    target: 'draft-2020-12',
    io: 'output',
    unrepresentable: 'any',
    uri: (id) => `#/components/schemas/${id}`,
  }) as { schemas: Record<string, Json> }
  return Object.fromEntries(
    Object.entries(schemas)
      .map(([id, schema]) => [id, bare(schema)])
      .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
  )
}

const operation = (name: string, route: Route, idOf: (schema: z.ZodType) => string): Json => ({
  operationId: name,
  summary: route.summary,
  tags: [route.path.split('/')[2]],
  ...(route.access === 'public'
    ? { security: [] }
    : {
        security:
          route.method === 'GET' ? [{ session: [] }, { token: [] }] : [{ session: [], csrf: [] }, { token: [] }],
      }),
  ...(route.access === 'admin' ? { description: 'Takes a workspace admin.' } : {}),
  ...(route.params || route.query
    ? { parameters: [...parameters('path', route.params), ...parameters('query', route.query)] }
    : {}),
  ...(route.body
    ? { requestBody: { required: true, content: { 'application/json': { schema: plain(route.body, 'input') } } } }
    : {}),
  responses: {
    [route.answer === 'none' ? (route.status ?? 204) : (route.status ?? 200)]: success(route, idOf),
    default: { $ref: '#/components/responses/Problem' },
  },
})

const success = (route: Route, idOf: (schema: z.ZodType) => string): Json => {
  if (route.answer === 'none') return { description: 'Done.' }
  if (route.answer === 'bytes')
    return {
      description: 'The bytes.',
      content: { [(route.media ?? 'application/octet-stream').split(';')[0]!]: { schema: {} } },
    }
  return { description: 'The answer.', content: { 'application/json': { schema: ref(idOf(route.answer)) } } }
}

const parameters = (place: 'path' | 'query', schema: z.ZodObject | undefined): Json[] => {
  if (!schema) return []
  const { properties = {}, required = [] } = plain(schema, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, is]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: is,
  }))
}

const problemSchema = (): Json => {
  const schema = plain(Problem, 'output') as { properties: Record<string, Json> }
  return {
    ...schema,
    properties: {
      ...schema.properties,
      code: { type: 'string', enum: [...Object.keys(refusals), 'fault'], description: 'Why, for programs.' },
    },
  }
}

const securitySchemes: Json = {
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'viewport',
    description: 'A signed-in browser. Over TLS the cookie is called __Host-viewport.',
  },
  csrf: {
    type: 'apiKey',
    in: 'header',
    name: 'viewport-csrf',
    description: 'The word that GET /api/me gives; sent with everything that is not a GET when a session is used.',
  },
  token: { type: 'http', scheme: 'bearer', description: 'An API token (POST /api/tokens, or `viewport token`).' },
}

const told = (status: number, description: string, media: string, schema: Json): Json => ({
  [status]: { description, content: { [media]: { schema } } },
  default: { $ref: '#/components/responses/Problem' },
})

/** What is served beside the table. */
const beside: Record<string, Json> = {
  '/api/stream': {
    get: {
      operationId: 'stream',
      summary: 'Server-sent events: look now. Each data line is a StreamNote; that of `event: beat` is a StreamBeat.',
      tags: ['stream'],
      security: [{ session: [] }, { token: [] }],
      responses: told(200, 'Events, until either side ends.', 'text/event-stream', { type: 'string' }),
    },
  },
  '/hooks/{source}': {
    post: {
      operationId: 'hook',
      summary: 'Deliver an event (Standard Webhooks)',
      tags: ['hooks'],
      security: [],
      parameters: [
        { name: 'source', in: 'path', required: true, schema: { type: 'string' } },
        ...['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => ({
          name,
          in: 'header',
          required: true,
          schema: { type: 'string' },
        })),
      ],
      requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } },
      responses: told(202, 'Stored; what follows from it comes later.', 'application/json', {
        type: 'object',
        required: ['delivery', 'repeat'],
        properties: {
          delivery: { type: 'string' },
          repeat: { type: 'boolean', description: 'The same webhook-id was delivered before.' },
          note: {
            type: 'string',
            description:
              'What whoever set the sender up should know of this delivery; there where something is to be said.',
          },
        },
      }),
    },
  },
  '/healthz': {
    get: {
      operationId: 'healthz',
      summary: 'Does it answer, and is it ready?',
      tags: ['health'],
      security: [],
      responses: told(200, 'It answers.', 'application/json', {
        type: 'object',
        required: ['viewport', 'ready', 'stuck'],
        properties: {
          viewport: { type: 'string', description: 'The version.' },
          ready: { type: 'boolean', description: 'What was stored is worked on here.' },
          stuck: {
            type: 'integer',
            description: 'Rows this replica cannot work on: each is in its log once, and tried again now and then.',
          },
        },
      }),
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'openapi',
      summary: 'This document',
      tags: ['health'],
      security: [],
      responses: told(200, 'OpenAPI 3.1.', 'application/json', { type: 'object' }),
    },
  },
}
