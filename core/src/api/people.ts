/** Which routes are about who you are, people, teams and sign-in? */
import { z } from 'zod'
import { Millis } from '../ids.ts'
import { routeTable } from './route.ts'

export const Person = z.strictObject({
  id: z.string(),
  handle: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  role: z.enum(['admin', 'member']),
  teams: z.array(z.string()),
  active: z.boolean(),
})
export const Me = z.strictObject({
  person: Person,
  workspace: z.strictObject({ id: z.string(), slug: z.string(), name: z.string(), sample: z.boolean() }),
  csrf: z.string(),
  version: z.string(),
})
export const Team = z.strictObject({ id: z.string(), slug: z.string(), name: z.string(), members: z.array(z.string()) })
const handle = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,38}$/, 'a handle is lower-case letters, digits, - and _')

export const peopleRoutes = routeTable({
  signIn: {
    method: 'POST',
    path: '/api/session',
    access: 'public',
    summary: 'Sign in with a one-time token',
    body: z.strictObject({ token: z.string().min(10).max(200) }),
    answer: z.strictObject({ to: z.string() }),
  },
  signOut: { method: 'DELETE', path: '/api/session', access: 'signed-in', summary: 'Sign out', answer: 'none' },
  me: { method: 'GET', path: '/api/me', access: 'signed-in', summary: 'Who am I, in which workspace', answer: Me },
  people: {
    method: 'GET',
    path: '/api/people',
    access: 'signed-in',
    summary: 'People of the workspace',
    answer: z.strictObject({ people: z.array(Person), teams: z.array(Team) }),
  },
  addPerson: {
    method: 'POST',
    path: '/api/people',
    access: 'admin',
    summary: 'Add a person',
    body: z.strictObject({
      handle,
      name: z.string().min(1).max(120),
      email: z.email().nullable(),
      role: z.enum(['admin', 'member']),
      teams: z.array(z.string().max(200)).max(1_000),
    }),
    answer: Person,
    status: 201,
  },
  changePerson: {
    method: 'PUT',
    path: '/api/people/:person',
    access: 'admin',
    summary: 'Change role, teams or deactivate',
    params: z.strictObject({ person: z.string() }),
    body: z.strictObject({
      role: z.enum(['admin', 'member']).optional(),
      teams: z.array(z.string().max(200)).max(1_000).optional(),
      active: z.boolean().optional(),
    }),
    answer: Person,
  },
  linkAccount: {
    method: 'POST',
    path: '/api/people/:person/accounts',
    access: 'admin',
    summary: 'Say that an account at a tool (github:583231) is this person; events name accounts',
    params: z.strictObject({ person: z.string() }),
    body: z.strictObject({
      account: z.string().regex(/^[\x21-\x7e]{1,200}$/, 'an account is a plain id such as github:583231'),
      name: z.string().min(1).max(200),
    }),
    answer: 'none',
  },
  accounts: {
    method: 'GET',
    path: '/api/accounts',
    access: 'admin',
    summary: 'Accounts at tools and the people they are of, by person and account',
    answer: z.strictObject({
      accounts: z.array(
        z.strictObject({ account: z.string(), name: z.string(), person: z.string(), handle: z.string() }),
      ),
    }),
  },
  unlinkAccount: {
    method: 'DELETE',
    path: '/api/people/:person/accounts/:account',
    access: 'admin',
    summary:
      'Say that an account at a tool is not this person; events of it are of nobody here from now on, also those that wait',
    params: z.strictObject({ person: z.string(), account: z.string().max(200) }),
    answer: 'none',
  },
  addTeam: {
    method: 'POST',
    path: '/api/teams',
    access: 'admin',
    summary: 'Add a team',
    body: z.strictObject({ slug: handle, name: z.string().min(1).max(120) }),
    answer: Team,
    status: 201,
  },
  signInLink: {
    method: 'POST',
    path: '/api/people/:person/sign-in-links',
    access: 'admin',
    summary: 'Make a one-time sign-in link',
    params: z.strictObject({ person: z.string() }),
    answer: z.strictObject({ url: z.string(), expiresAt: Millis }),
    status: 201,
  },
  tokens: {
    method: 'GET',
    path: '/api/tokens',
    access: 'signed-in',
    summary: 'My API tokens, without their secrets',
    answer: z.strictObject({
      tokens: z.array(
        z.strictObject({
          id: z.string(),
          name: z.string(),
          createdAt: Millis,
          expiresAt: Millis,
          usedAt: Millis.nullable(),
        }),
      ),
    }),
  },
  revokeToken: {
    method: 'DELETE',
    path: '/api/tokens/:token',
    access: 'signed-in',
    summary: 'Revoke one of my API tokens',
    params: z.strictObject({ token: z.string() }),
    answer: 'none',
  },
  makeToken: {
    method: 'POST',
    path: '/api/tokens',
    access: 'signed-in',
    summary: 'Make an API token for the CLI; shown once',
    body: z.strictObject({ name: z.string().min(1).max(80), days: z.int().min(1).max(365) }),
    answer: z.strictObject({ token: z.string(), expiresAt: Millis }),
    status: 201,
  },
})
