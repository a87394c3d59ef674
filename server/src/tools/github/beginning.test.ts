/** How an issue of GitHub is made starts a workflow once (testing/beginnings.ts), with a program of somebody else as GitHub. */
import { testPlane } from '../../../test/plane.ts'
import { beginningContract, makingOver } from '../testing/beginnings.ts'
import { emulatedGitHub, tokens } from './testing/emulated.ts'

const secret = 'a-secret-of-this-test-alone'
const hub = await emulatedGitHub()
const { host } = new URL(hub.url)
const label = (number: number, name: string, by: string = tokens.sam) =>
  hub.ask('POST', `/repos/acme/shop/issues/${number}/labels`, { labels: [name] }, by)
await hub.ask('PUT', '/repos/acme/shop/collaborators/stranger', { permission: 'push' }, tokens.sam)

beginningContract<{ number: number; made: number }>({
  tool: 'github',
  plane: await testPlane({ nearHosts: ['localhost', '127.0.0.1'] }),
  account: `github:${host}/${hub.ids.sam}`,
  url: `https://${host}/acme/shop.git`,
  events: ['issue_opened', 'issue_labeled', 'issue_assigned'],
  connect: async (of) => {
    const values = { base: hub.url, token: tokens.us, webhook_secret: secret, repos: 'acme/shop' }
    return (await of.admin.post('/api/connections', { tool: 'github', name: 'github', values })).body.connection.url
  },
  hook: (url) =>
    hub.ask(
      'POST',
      '/repos/acme/shop/hooks',
      { config: { url, secret, content_type: 'json' }, events: ['*'], active: true },
      tokens.sam,
    ),
  async make(title) {
    const { number } = await hub.ask('POST', '/repos/acme/shop/issues', { title, body: 'x' }, tokens.sam)
    // The program lists nothing that an issue began with: it is given at once.
    await label(number, 'bug')
    await label(number, 'crash')
    await hub.ask('POST', `/repos/acme/shop/issues/${number}/assignees`, { assignees: ['sam'] }, tokens.sam)
    return { words: `"title":"${title}"`, thing: { number, made: Date.now() } }
  },
  async labelLater({ number, made }, name) {
    await makingOver(made)
    return label(number, name)
  },
  labelByOther: ({ number }) => label(number, 'seen', tokens.stranger),
})
