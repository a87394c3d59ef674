/** The routes by which people and programs come in and go. */
import { isRefusal, refuse } from '@viewportai/core/refusal'
import type { Context } from '../context.ts'
import { inWorkspace } from '../database/tenant.ts'
import type { Answers } from '../http/answers.ts'
import { asPerson } from './asker.ts'
import { makeSignInLink, signInWith } from './link.ts'
import { endSession, exchangeOld, giveCookie, takeCookie } from './session.ts'
import { makeToken, readTokens, revokeToken } from './token.ts'
import { overBudget, wrongTry, type Budget } from './tries.ts'

const window = 10 * 60_000
const ofAddress = (address: string): Budget => ({ subject: `sign-in ${address}`, tries: 20, windowMillis: window })
const ofAll: Budget = { subject: 'sign-in', tries: 500, windowMillis: window }

export const signInAnswers = ({
  db,
  own,
  log,
  version,
}: Context): Pick<Answers, 'signIn' | 'signOut' | 'me' | 'signInLink' | 'makeToken' | 'tokens' | 'revokeToken'> => ({
  signIn: async ({ body, request, reply }) => {
    // The link first: behind a proxy many people share an address, and wrong links of one must not keep another out.
    const opened = await signInWith(db, body.token, request.headers['user-agent'])
    if (isRefusal(opened)) {
      const over = await overBudget(db, ofAddress(request.ip))
      if (over) return over
      const [here, everywhere] = [await wrongTry(db, ofAddress(request.ip)), await wrongTry(db, ofAll)]
      if (everywhere) log.warn({ address: request.ip }, 'Many wrong sign-in links from many addresses.')
      return here ?? everywhere ?? opened
    }
    giveCookie(reply, opened.session, own.secure)
    return { to: opened.to }
  },

  signOut: async ({ asker, reply }) => {
    const { by } = asker
    if (by.auth !== 'session')
      return refuse('not_allowed', { who: `@${asker.handle}`, why: 'an API token is revoked, not signed out' })
    await inWorkspace(db, asker.workspace, (tx) => endSession(tx, by.hash))
    takeCookie(reply, own.secure)
    return undefined
  },

  me: async ({ asker, reply }) => {
    await exchangeOld(db, asker, reply, own.secure)
    const { rows } = await inWorkspace(db, asker.workspace, (tx) =>
      tx.query<{ slug: string; name: string; sample: boolean; email: string | null }>(
        'select w.slug, w.name, w.sample, p.email from vp.workspaces w join vp.people p using (workspace) where w.workspace = $1 and p.person = $2',
        [tx.workspace, asker.person],
      ),
    )
    const row = rows[0]
    if (!row) return refuse('not_signed_in')
    return {
      person: {
        id: asker.person,
        handle: asker.handle,
        name: asker.name,
        email: row.email,
        role: asker.role,
        teams: asker.teams,
        active: true,
      },
      workspace: { id: asker.workspace, slug: row.slug, name: row.name, sample: row.sample },
      csrf: asker.by.auth === 'session' ? asker.by.csrf : '',
      version,
    }
  },

  signInLink: ({ asker, params }) =>
    inWorkspace(
      db,
      asker.workspace,
      async (tx) =>
        (await makeSignInLink(tx, params.person, asPerson(asker), own.url, '/', asker.token)) ??
        refuse('not_found', { what: 'active person', id: params.person }),
    ),

  tokens: ({ asker }) =>
    inWorkspace(db, asker.workspace, async (tx) => ({ tokens: await readTokens(tx, asker.person) })),
  revokeToken: ({ asker, params }) =>
    inWorkspace(db, asker.workspace, async (tx) =>
      (await revokeToken(tx, asPerson(asker), params.token))
        ? undefined
        : refuse('not_found', { what: 'token', id: params.token }),
    ),
  makeToken: ({ asker, body }) =>
    inWorkspace(db, asker.workspace, (tx) =>
      makeToken(tx, asPerson(asker), { ...body, local: asker.token === 'local' }),
    ),
})
