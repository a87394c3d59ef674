/**
 * How does the sample's run get to its end with nobody there?
 * Every gate is decided by a person of the sample who may, on the bytes they would have seen, marked `sample` in its fact. The control
 * plane refuses such a decision outside the sample workspace.
 */
import { isRefusal } from '@viewportai/core/refusal'
import type { GateItem } from '@viewportai/core/view/shapes'
import type { Api } from '../cli/connect.ts'
import { readEvidence } from '../cli/evidence.ts'
import type { Context } from '../context.ts'
import { inWorkspace } from '../database/tenant.ts'
import { decideGate } from '../gates/decide.ts'
import { readPeople } from '../people/read.ts'
import { until } from './until.ts'

type Play = {
  readonly api: Api
  readonly context: Pick<Context, 'db'>
  readonly workspace: string
  readonly run: string
  readonly signal: AbortSignal
  readonly tell: (words: string) => void
}

const patience = 180_000
/** Who is asked first; somebody else of the sample when they may not. */
const decides: Partial<Record<GateItem['kind'], string>> = { plan: 'jess', command: 'sam', change: 'dana' }

/** Decides whatever the run asks until it has ended; gives its outcome. */
export const playToTheEnd = async ({ api, context, workspace, run, signal, tell }: Play): Promise<string> => {
  const decided = new Set<string>()
  return until(
    async () => {
      const view = await api.run({ params: { run } })
      if (view.outcome !== null) return view.outcome
      const { open } = await api.inbox({ query: { limit: 100 } })
      for (const item of open.filter((one) => one.run === run && !decided.has(one.gate))) {
        await decide(context, workspace, api, item, tell)
        decided.add(item.gate)
      }
      return null
    },
    { signal, millis: patience, words: 'The run did not end' },
  )
}

const decide = async (
  context: Pick<Context, 'db'>,
  workspace: string,
  api: Api,
  item: GateItem,
  tell: (words: string) => void,
): Promise<void> => {
  const card = await api.gate({ params: { gate: item.gate } })
  const { digest } = await readEvidence(api, card)
  const answer = card.subject.kind === 'question' ? { choice: card.subject.choices[0]!.id, text: null } : null
  const verdict = answer ? 'answer' : 'approve'
  const first = decides[item.kind]
  const people = await inWorkspace(context.db, workspace, readPeople)
  for (const person of people.toSorted((a, b) => Number(b.handle === first) - Number(a.handle === first))) {
    const voter = {
      workspace,
      person: person.id,
      name: person.name,
      via: { surface: 'sample', auth: 'sample' } as const,
    }
    const result = await decideGate(context.db, voter, item.gate, { verdict, digest, comment: null, lines: [], answer })
    if (isRefusal(result)) {
      if (result.refusal === 'not_an_approver' || result.refusal === 'excluded_approver') continue // another one of them may
      throw new Error(`@${person.handle} could not decide "${item.verb}": ${result.words}`)
    }
    tell(`@${person.handle} ${verdict === 'approve' ? 'approved' : 'answered'}: ${item.verb}`)
    if (result.state === 'closed') return
  }
  throw new Error(`Nobody of the sample may decide "${item.verb}".`)
}
