/** A play whose change goes to a pull request: what the forge shows of it is said look by look. */
import { compileWorkflow } from '../../workflow/compile.ts'
import { sha256Hex } from '../../digest/canonical.ts'
import type { Compiled } from '../../workflow/compiled.ts'
import type { CheckSeen, PullSeen, ReviewSeen } from '../pull-seen.ts'
import { Play, checks, edited, person, planned, specOf } from './play.ts'

/** An open pull request into main as a look shows it, of which nobody said anything yet. */
export const openPull = (of: Partial<PullSeen> & Pick<PullSeen, 'ref' | 'head'>): PullSeen => ({
  base: 'main',
  state: 'open',
  draft: false,
  commit: null,
  by: null,
  reviews: [],
  isWhole: true,
  rebased: null,
  checks: [],
  unseen: null,
  reverted: null,
  ...of,
})

export const ref = 'acme/shop#12'
export const commitOf = (text: string): string => sha256Hex(`pushed ${text}`).slice(0, 40)

/** A workflow in its short form, as core's own compiler reads it. */
export const shortForm = (more: string): Compiled => {
  const read = compileWorkflow(`name: mend\nteam: payments\nrepos: [acme/shop]\ntrigger: manual\n${more}\n`)
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return read.compiled
}

export const account = (name: string, mapped = true): ReviewSeen['who'] => ({
  account: `github:${name}`,
  name: `@${name}`,
  person: mapped ? `usr_${name}` : null,
})
let reviews = 0
export const review = (over: Partial<ReviewSeen>): ReviewSeen => ({
  id: `${++reviews}`,
  who: account('jess'),
  verdict: 'request_changes',
  head: null,
  text: 'Please round up.',
  lines: [],
  url: null,
  at: reviews,
  onChange: true,
  edited: false,
  ours: false,
  ...over,
})
export const check = (name: string, state: CheckSeen['state'], text = ''): CheckSeen => ({
  name,
  state,
  conclusion: state === 'failed' ? 'failure' : state === 'passed' ? 'success' : '',
  url: null,
  text,
  intent: null,
})

export class PullPlay extends Play {
  /** From the start to the change that waits for whoever is next: its gate, or its draft. */
  worked(compiled: Compiled): this {
    this.start(specOf(compiled)).begin('plan').report('plan', planned)
    this.do(this.vote('jess', 'approve'))
    return this.edits('one')
  }
  edits(text: string): this {
    this.begin('implement').report('implement', edited(text))
    return this.begin('verify').report('verify', checks(true))
  }
  /** The push of this text's tree, and what comes after it at the forge, succeed. */
  publishes(text: string, action = 'github.open_pr', draft = false): this {
    this.effect('git.push', { ref: 'x', commit: commitOf(text) })
    return this.served(action, {
      ref,
      number: 12,
      url: 'https://github.com/acme/shop/pull/12',
      commit: commitOf(text),
      draft,
    })
  }
  /** An effect of the control plane's own. */
  served(action: string, observed: Record<string, unknown>): this {
    const intent = Object.values(this.state!.intents).findLast((i) => i.action === action && i.state !== 'succeeded')!
    const about = { intent: intent.id, attempt: intent.attempt + 1, at: this.at }
    this.do({ do: 'beginEffect', ...about })
    const url = typeof observed['url'] === 'string' ? observed['url'] : null
    const receipt = { provider: 'github', id: '12', url, observed, readBack: true }
    return this.do({ do: 'endEffect', ...about, end: { is: 'succeeded', receipt, reconciled: false } })
  }
  seen(head: string, over: Partial<PullSeen> = {}): PullSeen {
    return openPull({ ref, head: commitOf(head), ...over })
  }
  looks(head: string, over: Partial<PullSeen> = {}, later = 0): this {
    this.at += later
    const deciders = ['jess', 'dana', 'sam'].map((name) => person(name))
    return this.do({ do: 'hear', at: this.at, seen: this.seen(head, over), deciders })
  }
  open(): string[] {
    return Object.values(this.state!.gates).flatMap((gate) => (gate.state === 'open' ? [gate.name] : []))
  }
  /** Types of the facts since. */
  since(seq: number): string[] {
    return this.facts.filter((fact) => fact.seq > seq).map((fact) => fact.type)
  }
}
