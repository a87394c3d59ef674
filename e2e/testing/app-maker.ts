// The part of GitHub Enterprise that a person's browser meets when an App is made by a manifest: a page that asks for it, the way back with a code, a page that installs it, and the
// few questions that follow. It is our own, written after GitHub's public documentation, because the program that stands for GitHub elsewhere makes no Apps: it shows that both sides of us fit, and nothing
// about GitHub itself.
import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Json } from './api.ts'

export type AppMaker = {
  /** Address of its API, as an Enterprise Server has it. */
  api: string
  /** The App that was made last. */
  app(): Json
  /** It tells of an issue, signed with the secret that it made for the App. */
  tellIssue(hook: string, title: string): Promise<void>
  close(): Promise<void>
}

const page = (title: string, form: string): string =>
  `<!doctype html><html lang="en"><title>${title}</title><main><h1>${title}</h1>${form}</main></html>`
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
const html = { 'content-type': 'text/html; charset=utf-8' }

/** Starts it; `acme` has the repository acme/shop. */
export async function openAppMaker(): Promise<AppMaker> {
  let made: Json | null = null
  const create = (manifest: Json, state: string): string => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const slug = 'viewport-acme'
    made = {
      id: 700,
      slug,
      html_url: `${base()}/github-apps/${slug}`,
      pem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
      webhook_secret: randomUUID(),
      code: randomUUID().replaceAll('-', ''),
      manifest,
    }
    return `${manifest['redirect_url']}?code=${made['code']}&state=${state}`
  }
  const pages = (method: string, url: URL, form: URLSearchParams): [number, Record<string, string>, string] | null => {
    const state = url.searchParams.get('state') ?? form.get('state') ?? ''
    if (method === 'POST' && url.pathname === '/organizations/acme/settings/apps/new') {
      const manifest = escaped(form.get('manifest') ?? '')
      const fields = `<input type="hidden" name="manifest" value="${manifest}"><input type="hidden" name="state" value="${escaped(state)}">`
      return [
        200,
        html,
        page(
          'Create GitHub App',
          `<form method="post" action="/made">${fields}<button autofocus>Create GitHub App for acme</button></form>`,
        ),
      ]
    }
    if (method === 'POST' && url.pathname === '/made')
      return [302, { location: create(JSON.parse(form.get('manifest') ?? '{}') as Json, state) }, '']
    if (url.pathname === '/github-apps/viewport-acme/installations/new')
      return [
        200,
        html,
        page(
          'Install Viewport',
          `<form action="/installed"><input type="hidden" name="state" value="${escaped(state)}"><button autofocus>Install on acme</button></form>`,
        ),
      ]
    if (url.pathname === '/installed')
      return [
        302,
        { location: `${made!['manifest'].setup_url}?installation_id=9000&setup_action=install&state=${state}` },
        '',
      ]
    return null
  }
  const answers = (method: string, path: string): [number, unknown] => {
    if (made === null) return [404, { message: 'Not Found' }]
    const { id, slug, code } = made
    if (method === 'POST' && path === `/app-manifests/${code}/conversions`) {
      made['code'] = null
      return [201, { id, slug, html_url: made['html_url'], pem: made['pem'], webhook_secret: made['webhook_secret'] }]
    }
    if (path === '/app') return [200, { id, slug }]
    if (path === '/app/installations/9000')
      return [200, { id: 9000, permissions: made['manifest'].default_permissions }]
    if (path === '/app/installations/9000/access_tokens')
      return [201, { token: 'token-of-the-app', expires_at: new Date(Date.now() + 3_600_000).toISOString() }]
    if (path.startsWith('/users/')) return [200, { id: 40_700, login: `${slug}[bot]`, type: 'Bot' }]
    if (path === '/installation/repositories') return [200, { repositories: [{ full_name: 'acme/shop' }] }]
    if (path === '/repos/acme/shop') return [200, { id: 1, full_name: 'acme/shop', permissions: { push: false } }]
    return path.startsWith('/repos/acme/shop/') ? [200, []] : [404, { message: 'Not Found' }]
  }
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const url = new URL(request.url!, base())
      const shown = pages(request.method!, url, new URLSearchParams(Buffer.concat(parts).toString('utf8')))
      if (shown) return void response.writeHead(shown[0], shown[1]).end(shown[2])
      const [status, told] = answers(request.method!, url.pathname.replace('/api/v3', ''))
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(told))
    })
  })
  const base = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    api: `${base()}/api/v3`,
    app: () => made!,
    async tellIssue(hook, title) {
      const user = { id: 7, login: 'sam', type: 'User' }
      const body = JSON.stringify({
        action: 'opened',
        issue: { number: 1, title, body: '', user, html_url: `${base()}/acme/shop/issues/1`, labels: [] },
        repository: { id: 1, full_name: 'acme/shop' },
        sender: user,
      })
      const came = await fetch(hook, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'x-github-event': 'issues',
          'x-github-delivery': randomUUID(),
          'x-hub-signature-256': `sha256=${createHmac('sha256', made!['webhook_secret'] as string)
            .update(body)
            .digest('hex')}`,
        },
      })
      if (came.status !== 202) throw new Error(await came.text())
    },
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
