/** Is what the owner writes about an agent of the Agent Client Protocol read as it is meant? */
import { expect, it } from 'vitest'
import { knownAcpAgents } from '../agent/acp-config.ts'
import { parsePolicy } from './policy.ts'

it('reads an agent, with what is left out in its careful form', () => {
  const { acp } = parsePolicy(
    `acp:\n  mine:\n    argv: [/opt/mine, --acp]\n    asking: [default]\n    models: [openai]\n    env: { MINE_KEY: "{key}" }\n`,
    'policy.yaml',
  )
  expect(acp).toEqual({
    mine: {
      argv: ['/opt/mine', '--acp'],
      modes: ['plan', 'read', 'edit', 'review'],
      asking: ['default'],
      models: ['openai'],
      env: { MINE_KEY: '{key}' },
      files: {},
      resume: 'summary',
      titleIsCommand: false,
      model: null,
    },
  })
})
it('lays what is written over what is known', () => {
  const { acp } = parsePolicy('acp: { gemini: { argv: [/opt/gemini, --acp, --model, gemini-2.5-pro] } }', 'policy.yaml')
  expect(acp['gemini']).toMatchObject({
    argv: ['/opt/gemini', '--acp', '--model', 'gemini-2.5-pro'],
    asking: knownAcpAgents['gemini']?.asking,
    env: knownAcpAgents['gemini']?.env,
    titleIsCommand: true,
  })
})
it.each([
  ['acp: { mine: { modes: [plan] } }', /acp.mine.argv: is missing/],
  ['acp: { mine: { argv: [x], aksing: [default] } }', /acp.mine.aksing is not a key/],
  ['acp: { mine: { argv: [x], env: { LD_PRELOAD: y } } }', /changes what code runs/],
  ['acp: { mine: { argv: [x], files: { ../x: y } } }', /without \.\./],
  ['acp: { mine: { argv: [x], files: { a/../../x: y } } }', /without \.\./],
  ['acp: { mine: { argv: [x], files: { /etc/x: y } } }', /acp\.mine\.files\.\/etc\/x: must be named from HOME on/],
])('%s', (text, says) => expect(() => parsePolicy(text, 'policy.yaml')).toThrow(says))
