/** What is said of a run to people who look from outside: its state in our words, what it brought once, what became of it. */
import { describe, expect, it } from 'vitest'
import { checks, edited } from '../run/testing/play.ts'
import { PullPlay, commitOf, account, ref, review, shortForm } from '../run/testing/pull-play.ts'
import { runStatus } from './run-status.ts'

const opened = (): PullPlay => {
  const p = new PullPlay().worked(shortForm('actions: [github.open_pr]'))
  return p.do(p.vote('dana', 'approve')).publishes('one')
}
const says = (p: PullPlay): string => runStatus(p.state!).says

describe('what a run published', () => {
  it('is told as it stands, also after the run has ended', () => {
    const p = opened()
    expect(says(p)).toBe('Done. The pull request is open.')
    p.looks('one', { state: 'merged', commit: commitOf('merge'), by: account('sam') })
    expect(says(p)).toBe('Done. The pull request was merged.')
    p.looks('one', { state: 'merged', commit: commitOf('merge'), reverted: { commit: commitOf('revert'), url: null } })
    expect(says(p)).toBe('Done. The pull request was merged and taken back.')
    const closed = opened().looks('one', { state: 'closed', by: account('`evil` <!channel>', false) })
    expect(says(closed)).toBe('Done. The pull request was closed without merging.') // and not by whom: that is a name from outside
  })

  it('stands there once, however often it is brought to a new commit', () => {
    const p = opened().looks('one', { reviews: [review({})] })
    expect(runStatus(p.state!)).toMatchObject({
      says: 'Sent back: changes were asked for. Waits for a runner.',
      over: false,
    })
    expect(says(p.begin('implement'))).toBe('Implementing again: changes were asked for.')
    p.report('implement', edited('two')).begin('verify').report('verify', checks(true))
    expect(runStatus(p.state!)).toMatchObject({ tone: 'wait', says: 'to decide on the change' })
    p.do(p.vote('dana', 'approve')).publishes('two')
    expect(Object.values(p.state!.intents).filter((one) => one.action === 'github.open_pr')).toHaveLength(2)
    expect(runStatus(p.state!).brought).toEqual([
      { says: 'Pull request', url: expect.stringContaining(ref.split('#')[1]!) },
    ])
  })
})
