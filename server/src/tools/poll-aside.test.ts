/** What of a thing is left out when it is read part by part, and what ends the reading of all? */
import { describe, expect, test } from 'vitest'
import { NotSent, NoWholeAnswer } from '@viewportai/core/tools/outside'
import { Gone, readerOf, Unread } from './poll-aside.ts'

const failing = (error: Error) => () => Promise.reject(error)

describe('a part that cannot be read', () => {
  test.each([
    ['brought no whole answer', new NoWholeAnswer('no answer within 5 ms')],
    ['was not sent', new NotSent('it took longer than 10 seconds in all')],
    ['was answered with a no', new Unread('GitLab answered 500')],
    ['is gone', new Gone('GitLab answered 404')],
  ])('and %s is left out, and said', async (_what, error) => {
    const lost: string[] = []
    const read = readerOf<null>(null, { ask: () => null }, 'acme/shop#1', (what) => lost.push(what))
    expect(await read('labels', ['none'], failing(error))).toEqual(['none'])
    expect(lost).toEqual([`The labels of acme/shop#1 could not be read (${error.message}): they were left out.`])
    expect(await read('notes', [], () => Promise.resolve(['there']))).toEqual(['there'])
  })

  test('for a reason that concerns all of them ends the reading: nothing is given up', async () => {
    const lost: string[] = []
    const read = readerOf<null>(null, { ask: () => null }, 'acme/shop#1', (what) => lost.push(what))
    await expect(read('labels', [], failing(new Error('GitLab limits the rate for 30 s')))).rejects.toThrow('limits')
    expect(lost).toEqual([])
  })

  test('where all of it is to be read ends the reading, too', async () => {
    const read = readerOf<string>('whole', null, 'acme/shop#1', () => expect.fail('nothing is left out'))
    await expect(read('labels', [], failing(new Unread('GitLab answered 500')))).rejects.toThrow('500')
    expect(await read('labels', '', (by) => Promise.resolve(by))).toBe('whole')
  })
})

test('each part is read by a way of its own', async () => {
  let ways = 0
  const read = readerOf<number>(0, { ask: () => ++ways }, 'acme/shop#1', () => undefined)
  expect([
    await read('labels', 0, (by) => Promise.resolve(by)),
    await read('notes', 0, (by) => Promise.resolve(by)),
  ]).toEqual([1, 2])
})
