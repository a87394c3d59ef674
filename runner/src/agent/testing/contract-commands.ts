/** The part of the contract about what an agent asks before it does it, and whom: vpd about commands, a person about anything. */
import { describe, expect, it } from 'vitest'
import type { AgentEnd, AgentTask } from '../driver.ts'
import { finished, type Stage } from './stage.ts'

/** Of a driver that puts each command to vpd. */
export const putsCommands = (stage: Stage): void => {
  const { can, plays } = stage
  it('hears that a command is refused, and goes on', async () => {
    const why = 'main belongs to the release team'
    const end = await stage.perform(plays.forbidden, { decide: () => ({ decision: 'deny', why }) })
    expect(end).toMatchObject(finished(plays.forbidden.says))
    expect(stage.commands()).toContainEqual([plays.forbidden.command, 'deny'])
    expect((await plays.told(stage.bench())).includes(why)).toBe(can.reasons)
  })

  describe('a command that a person must decide', () => {
    const { command, argv, prompt, mode, ran } = plays.asks
    const decide: AgentTask['decide'] = () => ({ decision: 'ask', why: 'it is on no list' })
    const park = async () => {
      const end = await stage.perform(plays.asks, { decide })
      expect(end).toMatchObject({
        end: 'parked',
        ask: { argv: expect.arrayContaining([...argv]) as string[], cwd: '.' },
      })
      expect(await ran(stage.bench())).toBe(0)
      expect(await stage.bench().alive()).toEqual([])
      return end.end === 'parked' ? end.ask.ask : ''
    }
    const answered = (answer: AgentTask['answers'][number]): Promise<AgentEnd> =>
      stage.run({ prompt, mode, decide, resumed: true, answers: [answer] })

    it('is parked, and runs when it was allowed: once', async () => {
      const again = await answered({ ask: await park(), allow: true, text: null })
      if (plays.asks.twice) {
        expect(stage.commands()).toContainEqual([command, 'allow'])
        expect(again).toMatchObject({ end: 'parked', ask: { argv: expect.arrayContaining([...argv]) as string[] } })
      } else expect(again).toMatchObject(finished(plays.asks.says))
      expect(await ran(stage.bench())).toBe(1)
    })

    it('is parked, and does not run when it was refused; the words of the person reach the agent', async () => {
      const again = await answered({ ask: await park(), allow: false, text: 'not on a Friday' })
      expect(again).toMatchObject(finished(plays.asks.refused))
      expect(await ran(stage.bench())).toBe(0)
      expect(await plays.told(stage.bench())).toContain('not on a Friday')
    })

    it('is not another one that the agent writes into its state', async () => {
      await park()
      const again = await answered({ ask: `command-${'0'.repeat(40)}`, allow: true, text: 'allowed' })
      expect(again.end).toBe('parked')
      expect(await ran(stage.bench())).toBe(0)
    })
  })
}

/** Of a driver that cannot. */
export const putsNoCommand = (stage: Stage): void => {
  const { plays } = stage
  it('puts no command to vpd, and neither parks nor claims that it does', async () => {
    const decided: unknown[] = []
    const decide: AgentTask['decide'] = (command) => {
      decided.push(command)
      return { decision: 'deny', why: 'nothing is allowed here' }
    }
    expect(await stage.perform(plays.asks, { decide })).toMatchObject(finished(plays.asks.says))
    expect(decided).toEqual([])
    expect(await plays.asks.ran(stage.bench())).toBe(1)
    // What a person answered is for nobody: it begins with its prompt, and no word of it.
    const answers = [{ ask: `command-${'0'.repeat(40)}`, allow: false, text: 'not on a Friday' }]
    const { prompt } = plays.asks
    expect(await stage.run({ prompt, decide, resumed: true, answers })).toMatchObject(finished(plays.asks.says))
    expect(await plays.told(stage.bench())).not.toContain('not on a Friday')
  })
}

/** Of an agent with questions of its own. */
export const asksAPerson = (stage: Stage): void => {
  const { plays } = stage
  it('asks a person a question, parked, and hears the answer', async () => {
    const { question, choices, prompt, mode, says } = plays.question!
    const end = await stage.perform(plays.question!)
    expect(end).toMatchObject({ end: 'parked', ask: { argv: null, choices } })
    if (end.end !== 'parked') return
    expect(end.ask.reason).toContain(question)
    const answers = [{ ask: end.ask.ask, allow: true, text: 'kaufmännisch' }]
    expect(await stage.run({ prompt, mode, resumed: true, answers })).toMatchObject(finished(says))
  })
}

/** Of one without. */
export const asksNobody = (stage: Stage): void => {
  const { plays } = stage
  it('has no question for a person: it ends with what it has', async () => {
    expect(await stage.perform(plays.plan)).toMatchObject(finished(plays.plan.says))
    expect(stage.bench().events.filter((one) => one.event === 'question')).toEqual([])
  })
}
