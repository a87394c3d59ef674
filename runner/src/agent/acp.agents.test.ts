/** Gemini CLI, an agent that vpd knows only by the Agent Client Protocol: the contract of all drivers, and what is its own. */
import { describe } from 'vitest'
import { knownAcpAgents, type AcpAgent } from './acp-config.ts'
import { acpDriver } from './acp-driver.ts'
import { driverContract } from './testing/contract.ts'
import { realAgent, realVersion } from './testing/real-agents.ts'

const gemini = realAgent('gemini')
const known = knownAcpAgents['gemini'] as AcpAgent & { tested: RegExp }

describe.skipIf(gemini.file === null)(`Gemini CLI ${gemini.why ?? realVersion('gemini')}`, () => {
  driverContract({
    name: 'gemini',
    // A model by name: without one, Gemini asks another model first which one it should use.
    driver: acpDriver('gemini', { ...known, argv: [...known.argv, '--model', 'gemini-2.5-pro'] }, known.tested),
    programs: { gemini: gemini.file ?? '' },
    version: realVersion('gemini'),
    planned: (plan) => [{ text: 'Looking.', do: [{ read: 'src/price.js' }] }, { text: plan }],
    reasons: false,
    // It counts what was cached as a part of the input, and does not say how much it was.
    usage: (turns) => ({ inputTokens: 1_000 * turns, cachedTokens: null, outputTokens: 50 * turns, source: 'agent' }),
    keeps: 'summary',
    asks: null,
  })
})
