/** How an issue of Linear is made starts a workflow once (testing/beginnings.ts), with a program of somebody else as Linear. */
import { testPlane } from '../../../test/plane.ts'
import { beginningContract, makingOver } from '../testing/beginnings.ts'
import { emulatedLinear, keys } from './testing/emulated.ts'

const signing = 'lin_wh_a-signing-secret'
const at = await emulatedLinear()
const labels = [at.label('bug'), at.label('agent')]
/** A label that nobody had before; its id. */
const fresh = async (name: string): Promise<string> => {
  const input = { name: `${name} ${Date.now()}`, teamId: at.team('PAY') }
  const made = 'mutation ($input: IssueLabelCreateInput!) { issueLabelCreate(input: $input) { issueLabel { id } } }'
  return (await at.ask(made, { input })).issueLabelCreate.issueLabel.id
}

beginningContract<{ id: string; made: number; has: string[] }>({
  tool: 'linear',
  plane: await testPlane({ nearHosts: ['127.0.0.1'] }),
  account: `linear:${at.user('Sam')}`,
  events: ['issue_created', 'issue_labeled', 'issue_assigned'],
  connect: async (of) => {
    const values = { key: keys.us, signing, base: at.url, teams: 'Payments' }
    return (await of.admin.post('/api/connections', { tool: 'linear', name: 'linear', values })).body.connection.url
  },
  hook: (url) => at.hooks(url, signing),
  async make(title) {
    const { id } = await at.create({ title, labelIds: labels, assigneeId: at.user('Viewport') }, keys.sam)
    return { words: id, thing: { id, made: Date.now(), has: [...labels] } }
  },
  async labelLater(thing, label) {
    await makingOver(thing.made)
    thing.has.push(await fresh(label))
    return at.update(thing.id, { labelIds: thing.has }, keys.sam)
  },
  async labelByOther({ id, has }) {
    return at.update(id, { labelIds: [...has, await fresh('seen')] }, keys.kim)
  },
})
