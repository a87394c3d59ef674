/**
 * The page that leads a person to GitHub with the manifest of an App.
 * GitHub takes it as a form alone, and the web app posts no form elsewhere (its content security policy): this page may, to that one address. It has no script, and what stands in it
 * is sealed into its address, so nobody else can make one.
 */
import type { FastifyInstance } from 'fastify'
import { seal, unseal } from '../../keys/box.ts'

type Form = { readonly address: string; readonly manifest: string; readonly until: number }
const purpose = 'github app form'

/** The path of the page for this form. */
export const formPath = (key: Uint8Array, form: Form): string =>
  `/github-app-form?form=${seal(key, purpose, JSON.stringify(form))}`

/** Adds the route. */
export const serveAppForm = async (app: FastifyInstance, { key }: { readonly key: Uint8Array }): Promise<void> => {
  app.get('/github-app-form', async (request, reply) => {
    const form = opened(key, String((request.query as { form?: unknown }).form))
    const target = form === null ? null : new URL(form.address)
    return reply
      .code(form === null ? 410 : 200)
      .header('cache-control', 'no-store')
      .header('referrer-policy', 'origin')
      .header(
        'content-security-policy',
        `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action ${target !== null && isPlainHost(target) ? target.origin : "'none'"}`,
      )
      .type('text/html; charset=utf-8')
      .send(form === null || target === null ? gonePage : formPage(form, target))
  })
}

/** A host that means nothing in a header: `;` in one would begin a rule of its own. */
export const isPlainHost = ({ host }: Pick<URL, 'host'>): boolean =>
  /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/.test(host)

const opened = (key: Uint8Array, sealed: string): Form | null => {
  try {
    const form = JSON.parse(unseal(key, purpose, sealed)) as Form
    return form.until > Date.now() ? form : null
  } catch {
    return null
  }
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
:root { --page: #fbfaf8; --ink: #1c1b19; --soft: #4f4c46; }
@media (prefers-color-scheme: dark) { :root { --page: #161614; --ink: #f1efe9; --soft: #bdb9ae; } }
body { font: 15px/1.6 system-ui, sans-serif; max-width: 34rem; margin: 12vh auto; padding: 0 1.5rem; background: var(--page); color: var(--ink); }
h1 { font-size: 1.3rem; font-weight: 600; margin: 0 0 .75rem; }
p, li { color: var(--soft); }
ul { padding-left: 1.1rem; }
button { font: inherit; font-weight: 600; padding: .55rem 1.1rem; border: 0; border-radius: 6px; background: var(--ink); color: var(--page); cursor: pointer; }
button:focus-visible, a:focus-visible { outline: 2px solid var(--ink); outline-offset: 3px; }
a { color: inherit; }
</style>
<main>
<h1>${title}</h1>
${body}
</main>
</html>
`

const formPage = ({ address, manifest }: Form, target: URL): string =>
  page(
    `Make an App at ${escaped(target.host)}`,
    `<p>GitHub asks you for its name, makes it, and sends you back here. Then you choose the repositories it is installed on. Its key goes straight to this Viewport and is sealed.</p>
<ul>
<li>It reads code, checks’ statuses and metadata.</li>
<li>It writes issues, pull requests and checks. It cannot push: the runner does, with a credential of its own.</li>
</ul>
<form method="post" action="${escaped(address)}">
<input type="hidden" name="manifest" value="${escaped(manifest)}">
<button autofocus>Go on to ${escaped(target.host)}</button>
</form>
<p><a href="/connections">Back</a></p>`,
  )

const gonePage = page(
  'This page is no longer good',
  '<p>It leads to GitHub for an hour. Begin again under <a href="/connections">Connections</a>.</p>',
)
