/** How an issue of GitLab is made starts a workflow once (testing/beginnings.ts), with our own emulator of GitLab. */
import { testPlane } from '../../../test/plane.ts'
import { beginningContract } from '../testing/beginnings.ts'
import { emulatedGitLab, tokens } from './testing/emulated.ts'

const signing = `whsec_${Buffer.from('a-signing-token-of-32-bytes-here').toString('base64')}`
const at = await emulatedGitLab()
const { host } = new URL(at.url)

beginningContract<{ created_at: string }>({
  tool: 'gitlab',
  plane: await testPlane({ nearHosts: ['127.0.0.1'] }),
  account: `gitlab:${host}/2`,
  url: `https://${host}/acme/shop.git`,
  events: ['issue_opened', 'issue_labeled', 'issue_assigned'],
  connect: async (of) => {
    const values = { base: at.url, token: tokens.us, webhook_secret: signing, projects: 'acme/shop' }
    return (await of.admin.post('/api/connections', { tool: 'gitlab', name: 'gitlab', values })).body.connection.url
  },
  hook: async (url) => at.hook(url, signing),
  async make(title) {
    const us = { id: 1, username: 'viewport', name: 'Viewport' }
    return { words: `"title":"${title}"`, thing: await at.issue({ title, labels: ['bug', 'crash'], assignees: [us] }) }
  },
  labelLater: (issue, label) => {
    issue.created_at = '2026-11-01T10:00:00.000Z'
    return at.label(issue, label)
  },
  labelByOther: (issue) => at.label(issue, 'seen', 'stranger'),
})
