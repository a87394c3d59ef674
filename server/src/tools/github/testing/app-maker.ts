/**
 * The part of GitHub Enterprise that makes Apps by manifests, as the tests of this folder meet it. It is our own, written after GitHub's public documentation, because the
 * program that stands for GitHub elsewhere has no manifests: it shows that both sides of us fit, and nothing about GitHub itself.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { jwtVerify } from 'jose'
import { afterAll } from 'vitest'

// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
type Loose = any

/** A server that makes Apps. Ended after the tests of the file. */
export const appMaker = async () => {
  const apps: Loose[] = []
  const asked: string[] = []
  const answer = async (
    method: string,
    url: URL,
    text: string,
    authorization: string,
  ): Promise<[number, Loose, Loose?]> => {
    const api = url.pathname.replace('/api/v3', '')
    const form = /^(?:\/organizations\/(\w+))?\/settings\/apps\/new$/.exec(url.pathname)
    if (method === 'POST' && form) {
      const manifest = JSON.parse(new URLSearchParams(text).get('manifest')!)
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
      const app = {
        id: 700 + apps.length,
        slug: `viewport-${apps.length}`,
        html_url: `${base()}/github-apps/viewport-${apps.length}`,
        pem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
        webhook_secret: `made-by-github-${apps.length}-0123456789`,
        manifest,
        organization: form[1] ?? null,
        publicKey,
        code: `code${apps.length}`,
        installation: 9_000 + apps.length,
      }
      apps.push(app)
      const back = `${manifest.redirect_url}?code=${app.code}&state=${url.searchParams.get('state')}`
      return [302, null, { location: back }]
    }
    const code = /^\/app-manifests\/(\w+)\/conversions$/.exec(api)?.[1]
    if (code) {
      const app = apps.find((one) => one.code === code)
      if (!app) return [404, { message: 'Not Found' }]
      app.code = null
      const { id, slug, html_url: page, pem, webhook_secret: secret } = app
      return [201, { id, slug, html_url: page, pem, webhook_secret: secret }]
    }
    const word = authorization.replace(/^Bearer /, '')
    const token = /^token-of-(\d+)$/.exec(word)?.[1]
    const app = token ? apps.find((one) => String(one.id) === token) : await signerOf(word)
    if (!app) return [401, { message: 'Bad credentials' }]
    if (api === '/app') return [200, { id: app.id, slug: app.slug }]
    if (api === `/app/installations/${app.installation}`)
      return [200, { id: app.installation, permissions: app.manifest.default_permissions }]
    if (api === `/app/installations/${app.installation}/access_tokens`)
      return [201, { token: `token-of-${app.id}`, expires_at: new Date(Date.now() + 3_600_000).toISOString() }]
    if (api.startsWith('/users/')) return [200, { id: 40_000 + app.id, login: `${app.slug}[bot]` }]
    if (api === '/installation/repositories')
      return [200, { repositories: [{ full_name: 'acme/shop' }, { full_name: 'acme/web' }] }]
    if (/^\/repos\/acme\/(shop|web)$/.test(api)) return [200, { permissions: { push: false } }]
    return [404, { message: 'Not Found' }]
  }
  const signerOf = async (word: string): Promise<Loose> => {
    for (const app of apps)
      if (
        await jwtVerify(
          word,
          createPublicKey(app.publicKey.export({ type: 'spki', format: 'pem' }) as never) as KeyObject,
        ).catch(() => null)
      )
        return app
    return null
  }
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', async () => {
      asked.push(`${request.method} ${request.url}`)
      const [status, body, headers] = await answer(
        request.method!,
        new URL(request.url!, base()),
        Buffer.concat(parts).toString('utf8'),
        String(request.headers.authorization ?? ''),
      )
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(body === null ? '' : JSON.stringify(body))
    })
  })
  const base = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })
  return { web: base(), api: `${base()}/api/v3`, apps, asked }
}
