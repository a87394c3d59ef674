/** Does the talk over lines hold when the other side stumbles? */
import { describe, expect, it } from 'vitest'
import { peer, PeerGone, PeerRefused, type Peer } from './peer.ts'

const pair = (also: Partial<Parameters<typeof peer>[0]> = {}, version = true) => {
  const sent: string[] = []
  const noise: string[] = []
  const told: [string, unknown][] = []
  const side: Peer = peer(
    {
      write: (text) => void sent.push(text),
      request: async (method) => ({ did: method }),
      notification: (method, params) => void told.push([method, params]),
      noise: (line) => void noise.push(line),
      ...also,
    },
    { version },
  )
  const say = (text: string): void => side.read(Buffer.from(text))
  return { side, sent, noise, told, say }
}
const later = () => new Promise((done) => setImmediate(done))

describe('the talk over lines', () => {
  it('brings answers to their questions, in whatever order and pieces they come', async () => {
    const { side, sent, say } = pair()
    const [one, two] = [side.ask('one', { a: 1 }), side.ask('two', null)]
    expect(sent.map((line) => JSON.parse(line) as unknown)).toEqual([
      { jsonrpc: '2.0', id: 1, method: 'one', params: { a: 1 } },
      { jsonrpc: '2.0', id: 2, method: 'two', params: null },
    ])
    say('{"id":2,"resu')
    say('lt":"second"}\n{"id":1,"error":{"code":7,"message":"no"}}\n')
    expect(await two).toBe('second')
    await expect(one).rejects.toThrow(PeerRefused)
    await expect(one).rejects.toThrow('one: no')
  })
  it('answers what is asked, and says why it cannot', async () => {
    const { sent, say } = pair({
      request: async (method) => {
        if (method === 'bad') throw new PeerRefused(method, { code: -32_601, message: 'not here' })
        return undefined
      },
    })
    say('{"jsonrpc":"2.0","id":"x","method":"good"}\n{"id":0,"method":"bad","params":{}}\n')
    await later()
    expect(sent.map((line) => JSON.parse(line) as unknown)).toEqual([
      { jsonrpc: '2.0', id: 'x', result: null },
      { jsonrpc: '2.0', id: 0, error: { code: -32_601, message: 'bad: not here' } },
    ])
  })
  it('takes what is no message, or answers nothing that was asked, as noise', () => {
    const { say, noise, told } = pair()
    say('hello\n\n[1]\n{"id":9,"result":1}\n{"id":"a","result":1}\n{"method":"n","params":1}\n')
    expect(noise).toEqual(['hello', '[1]', '{"id":9,"result":1}', '{"id":"a","result":1}'])
    expect(told).toEqual([['n', 1]])
  })
  it('ends every question when the stream ends, and says nothing after it', async () => {
    let answer: (value: unknown) => void = () => {}
    const { side, sent, say } = pair({ request: () => new Promise((done) => (answer = done)) })
    const asked = side.ask('one', null)
    say('{"id":5,"method":"held"}\n')
    side.end()
    await expect(asked).rejects.toThrow(PeerGone)
    await expect(side.ask('two', null)).rejects.toThrow(PeerGone)
    answer('too late')
    await later()
    expect(sent).toHaveLength(1)
  })
  it('leaves the version out where the program does', () => {
    const { side, sent } = pair({}, false)
    side.tell('initialized')
    expect(sent).toEqual(['{"method":"initialized"}\n'])
  })
})
