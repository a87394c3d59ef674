/** How an issue of Jira is made starts a workflow once (testing/beginnings.ts), with our own emulator of Jira. */
import { testPlane } from '../../../test/plane.ts'
import { beginningContract } from '../testing/beginnings.ts'
import { emulatedJira, tokens } from './testing/emulated.ts'

const signing = 'the-secret-of-the-webhook'
const at = await emulatedJira()

beginningContract<string>({
  tool: 'jira',
  plane: await testPlane({ nearHosts: ['127.0.0.1'] }),
  account: `jira:${at.people.sam.accountId}`,
  events: ['issue_created', 'issue_labeled', 'issue_assigned'],
  connect: async (of) => {
    const values = { site: at.url, email: 'us@acme.dev', token: tokens.us, signing, projects: 'PAY' }
    return (await of.admin.post('/api/connections', { tool: 'jira', name: 'jira', values })).body.connection.url
  },
  hook: async (url) => at.hook(url, signing),
  async make(summary) {
    const { key } = await at.create({ summary, labels: ['bug', 'crash'], assignee: at.people.us })
    return { words: `"key":"${key}"`, thing: key }
  },
  labelLater: (key, label) => {
    at.issue(key).fields.created = '2026-11-01T10:00:00.000+0000'
    return at.label(key, label)
  },
  labelByOther: (key) => at.label(key, 'seen', 'kim'),
})
