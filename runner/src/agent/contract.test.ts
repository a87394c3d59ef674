/** The contract of all drivers for agents that are always here: any program, by both ways of its prompt, and the sample agent. */
import { fileURLToPath } from 'node:url'
import { version } from '../command/version.ts'
import { driverContract } from './testing/contract.ts'
import { modelPlays, samplePlays } from './testing/plays.ts'

const program = fileURLToPath(new URL('./testing/command-agent.mjs', import.meta.url))

for (const promptAs of ['stdin', 'argument'] as const)
  driverContract({
    name: `a-program-by-${promptAs}`,
    setup: {
      commands: {
        [`a-program-by-${promptAs}`]: {
          argv: [process.execPath, program, ...(promptAs === 'argument' ? ['--prompt', '{prompt}'] : [])],
          promptAs,
          modes: ['plan', 'read', 'edit', 'review'],
          models: ['openai'],
          model: ['--model', '{model}'],
        },
      },
    },
    programs: {},
    reads: [program],
    found: { version: null, tested: false },
    plays: modelPlays({ planned: (plan) => [{ text: plan }], question: null, record: false, loud: 'all' }),
    can: {
      ask: false,
      reasons: false,
      model: { name: 'gpt-5.5-mini', always: false },
      keep: 'nothing',
      usage: () => null,
      sayWhy: false,
    },
  })

driverContract({
  name: 'sample',
  programs: {},
  found: { version, tested: true },
  plays: samplePlays(),
  can: {
    ask: true,
    reasons: true,
    model: null,
    keep: 'session',
    usage: () => ({ inputTokens: 1_000, outputTokens: 100, usdMicros: 1_000, source: 'agent' }),
    sayWhy: true,
  },
})
