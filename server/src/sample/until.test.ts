import { expect, test } from 'vitest'
import { Stop } from '../cli/exit.ts'
import { until } from './until.ts'

const waiting = { signal: new AbortController().signal, millis: 5_000, words: 'It did not come', everyMillis: 1 }
const fault = (): Stop => new Stop('refused', 'Something broke.', null, { code: 'fault', status: 500 })

test('a control plane that is broken or away for the moment is asked again', async () => {
  const answers = [fault, () => new Stop('unreachable', 'Nothing listens there.')]
  const look = async (): Promise<string> => {
    const error = answers.shift()
    if (error) throw error()
    return 'found'
  }
  expect(await until(look, waiting)).toBe('found')
})

test('one that stays broken is the reason, when the time is over', async () => {
  const ended = until(() => Promise.reject(fault()), { ...waiting, millis: 20 })
  await expect(ended).rejects.toMatchObject({
    message: expect.stringContaining('It did not come') as string,
    cause: expect.objectContaining({ message: 'Something broke.' }) as Error,
  })
})

test('a no ends the waiting', async () => {
  const no = new Stop('refused', 'You may not see this.', null, { code: 'forbidden', status: 403 })
  await expect(until(() => Promise.reject(no), waiting)).rejects.toBe(no)
})
