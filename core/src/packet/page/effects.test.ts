/** What the page says of an effect without a receipt: never that nothing was done where nobody knows. */
import { expect, test } from 'vitest'
import { automaticTries } from '../../run/due.ts'
import type { EffectEnd } from '../../run/command.ts'
import { checks, edited, failedWith, planned, Play, specOf } from '../../run/testing/play.ts'
import { compileWorkflow } from '../../workflow/compile.ts'
import { effectsPart } from './effects.ts'

const unknown: EffectEnd = { is: 'unknown', why: 'no answer' }
const failed: EffectEnd = { is: 'failed', failure: failedWith('effect', 'not_found') }
/** A run whose comment in Linear went so. */
const after = (ends: readonly (EffectEnd | null)[]): Play => {
  const read = compileWorkflow(
    'name: mend\nteam: payments\ntrigger: manual\nrepos: [acme/shop]\napprovals: [plan_review, pr_approval]\nactions: [git.open_change, { linear.comment: { issue: PAY-1 } }]\n',
  )
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  const play = new Play()
    .start({ ...specOf(read.compiled), address: 'https://viewport.acme.dev' })
    .begin('plan')
    .report('plan', planned)
  play.do(play.vote('jess', 'approve')).begin('implement').report('implement', edited('one'))
  play.begin('verify').report('verify', checks(true)).do(play.vote('dana', 'approve'))
  play.effect('git.push')
  const intent = Object.values(play.state!.intents).findLast((one) => one.action === 'linear.comment')!.id
  ends.forEach((end, at) => {
    play.do({ do: 'beginEffect', at: play.at, intent, attempt: at + 1 })
    if (end) play.do({ do: 'endEffect', at: play.at, intent, attempt: at + 1, end })
  })
  return play
}
const executed = (play: Play): string => {
  const { html } = effectsPart(
    play.facts.map((fact) => ({ fact, text: '', hash: '' })),
    play.state!,
  )
  const comment = html.slice(html.indexOf('linear.comment'))
  return /<dt>Executed<\/dt>\s*<dd>([\s\S]*?)<\/dd>/.exec(comment)![1]!.replace(/<[^>]+>/g, '')
}
const often = Array.from({ length: automaticTries }, () => unknown)
const said = (ends: readonly EffectEnd[], choice: string, words: string): Play => {
  const play = after(ends)
  return play.do(play.answer('dana', choice, words))
}

test.each([
  ['that failed', () => after([failed]), 'nothing'],
  ['that nobody knows about', () => after(often), `not known after attempt ${automaticTries}: no answer`],
  ['that is under way', () => after([unknown, null]), 'attempt 2 had begun, and had not ended'],
  [
    'that a person saw done',
    () => said(often, 'done', 'There: https://linear.app/acme/PAY-1'),
    'by the word of @dana, without a receipt (what was seen): There: https://linear.app/acme/PAY-1',
  ],
  [
    'that was given up and nobody knows about',
    () => said(often, 'give_up', 'Not wanted any more.'),
    `not known after attempt ${automaticTries}: no answer; given up by @dana: Not wanted any more.`,
  ],
  [
    'that failed and was given up',
    () => said([failed], 'give_up', 'Not wanted any more.'),
    'nothing; given up by @dana: Not wanted any more.',
  ],
])('of an effect %s', (_what, played, words) => {
  expect(executed(played())).toBe(words)
})
