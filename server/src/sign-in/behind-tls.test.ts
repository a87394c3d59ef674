/** Where people reach Viewport over TLS, a session's cookie travels over TLS alone and belongs to this very host. */
import { expect, test } from 'vitest'
import { send, testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { makeSignInLink } from './link.ts'

const { plane, workspace } = await testPlane({ publicUrl: 'https://viewport.acme.dev' })
const { db } = plane.context
const listens = `http://127.0.0.1:${plane.port}`

test('the cookie is bound to TLS and host, another name of it opens nothing, and browsers are told to stay with TLS', async () => {
  const acme = await workspace('acme')
  const link = await inWorkspace(db, acme.id, (tx) =>
    makeSignInLink(tx, acme.admin.id, { kind: 'system' }, plane.context.own.url),
  )
  expect(link!.url).toMatch(/^https:\/\/viewport\.acme\.dev\/sign-in#vpl_/)
  const came = await send(listens, 'POST', '/api/session', { body: { token: link!.url.split('#')[1] } })
  const [cookie] = came.headers.getSetCookie()
  expect(cookie).toMatch(/^__Host-viewport=vps_[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  expect(came.headers.get('strict-transport-security')).toBe('max-age=31536000')
  const secret = cookie!.slice(cookie!.indexOf('=') + 1, cookie!.indexOf(';'))
  const me = (name: string) => send(listens, 'GET', '/api/me', { headers: { cookie: `${name}=${secret}` } })
  expect((await me('__Host-viewport')).status).toBe(200)
  expect((await me('viewport')).status).toBe(401)
})
