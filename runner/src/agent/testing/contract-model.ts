/** The part of the contract about models: which one an agent asks, and what it says when that does not answer. */
import { describe, expect, it } from 'vitest'
import type { Play } from './plays.ts'
import { finished, type Stage } from './stage.ts'

/** Of an agent that works with a model. */
export const hasAModel = (stage: Stage): void => {
  const { can } = stage
  it('asks for the model that it is given by name, in its first session and when that goes on', async () => {
    const modelName = can.model!.name
    const asked = async () =>
      (await stage.bench().asked()).map(({ path: at, body }) =>
        body && typeof body === 'object' && 'model' in body ? body.model : /models\/([^:]+):/.exec(at)?.[1],
      )
    const turns = (text: string) => [{ text }]
    await stage.open({
      conversations: [
        { match: 'again', turns: turns('Second.') },
        { match: 'begin', turns: turns('First.') },
      ],
      script: '',
    })
    await stage.run({ prompt: 'begin', modelName })
    const first = await asked()
    await stage.run({ prompt: 'again', modelName, resumed: true, round: 2 })
    const second = (await asked()).slice(first.length)
    expect(new Set(first)).toEqual(new Set([modelName]))
    expect(new Set(second)).toEqual(new Set([modelName]))
  })

  describe('whose model does not answer', () => {
    const failing = (times: number, status: number, body?: object): Play => ({
      prompt: 'hello',
      mode: 'edit',
      script: '',
      says: 'Here I am.',
      conversations: [
        { match: 'hello', turns: [{ text: 'Here I am.', fail: { status, times, ...(body && { body }) } }] },
      ],
    })
    const why = (says: RegExp): RegExp => (can.sayWhy ? says : /^agent_failed: .* exit code 1/)

    it('says that the key was refused, and soon', async () => {
      const error = { type: 'authentication_error', message: 'invalid x-api-key', code: 401 }
      await expect(stage.perform(failing(999, 401, { type: 'error', error }))).rejects.toThrow(
        why(/^model_key_refused: .*refused the key/),
      )
    })

    it('says that the provider is overloaded', async () => {
      await expect(stage.perform(failing(999, 529))).rejects.toThrow(why(/^model_overloaded: /))
    })

    it('gets over a provider that is overloaded for a moment', async () => {
      expect(await stage.perform(failing(1, 529))).toMatchObject(finished('Here I am.'))
    })
  })
}

/** Of one that needs none. */
export const hasNoModel = (stage: Stage): void => {
  const { plays } = stage
  it('works without any model', async () => {
    const model = { way: 'none', why: 'it needs none' } as const
    expect(await stage.perform(plays.mend, { model })).toMatchObject(finished(plays.mend.says))
    expect(await stage.bench().asked()).toEqual([])
  })
}
