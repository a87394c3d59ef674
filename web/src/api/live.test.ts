/** Does a page notice that its stream has died, when nothing says so? */
import { QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { doubt, listen } from './live.ts'

/** The browser's own, as far as a page can see it; a connection that dies silently fires nothing. */
class Source extends EventTarget {
  static readonly all: Source[] = []
  closed = false
  constructor() {
    super()
    Source.all.push(this)
  }
  close(): void {
    this.closed = true
  }
  says(event: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }))
  }
}
const open = () => Source.all.filter((one) => !one.closed)

beforeEach(() => {
  Source.all.length = 0
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', Source)
  vi.stubGlobal('window', new EventTarget())
  vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: false }))
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const isHidden = (hidden: boolean): void => {
  Object.assign(document, { hidden })
  document.dispatchEvent(new Event('visibilitychange'))
}

const connected = () => {
  const queries = new QueryClient()
  queries.setQueryData(['board'], {})
  const stop = listen(queries)
  const [source] = Source.all
  source!.dispatchEvent(new Event('open'))
  source!.says('beat', { everyMillis: 20_000 })
  return { queries, stop, source: source! }
}

test('as long as it hears beats or notes it stays connected', () => {
  const { source, stop } = connected()
  for (let n = 0; n < 5; n++) {
    vi.advanceTimersByTime(39_000)
    source.says(n % 2 ? 'beat' : 'message', n % 2 ? { everyMillis: 20_000 } : { topic: 'gate', id: 'gate_1', seq: n })
  }
  expect(open()).toEqual([source])
  stop()
  expect(open()).toEqual([])
  vi.advanceTimersByTime(600_000)
  expect(Source.all).toEqual([source])
})

test('after two missed beats it ends the stream, connects anew and looks at everything', () => {
  const { queries, source, stop } = connected()
  vi.advanceTimersByTime(39_000)
  expect(source.closed).toBe(false)
  vi.advanceTimersByTime(30_000)
  expect(source.closed).toBe(true)
  expect(Source.all).toHaveLength(2)
  expect(queries.getQueryState(['board'])!.isInvalidated).toBe(false)
  open()[0]!.dispatchEvent(new Event('open'))
  expect(queries.getQueryState(['board'])!.isInvalidated).toBe(true)
  stop()
})

test('when nobody answers a question the stream is opened anew at once, and not again while it is down', () => {
  const { source, stop } = connected()
  doubt()
  expect(source.closed).toBe(true)
  vi.advanceTimersByTime(700)
  expect(Source.all).toHaveLength(2)
  doubt()
  vi.advanceTimersByTime(700)
  expect(Source.all).toHaveLength(2)
  open()[0]!.dispatchEvent(new Event('open'))
  doubt()
  vi.advanceTimersByTime(700)
  expect(Source.all).toHaveLength(3)
  stop()
  doubt()
  vi.advanceTimersByTime(60_000)
  expect(Source.all).toHaveLength(3)
})

test('a stream that opens and then says nothing at all is not taken for live for ever either', () => {
  const stop = listen(new QueryClient())
  Source.all[0]!.dispatchEvent(new Event('open'))
  vi.advanceTimersByTime(120_000)
  expect(Source.all[0]!.closed).toBe(true)
  stop()
})

test('a page that nobody sees gives its stream back, and asks for what happened once somebody looks', () => {
  const { queries, source, stop } = connected()
  isHidden(true)
  vi.advanceTimersByTime(2_000)
  isHidden(false) // only a glance at another tab
  vi.advanceTimersByTime(10_000)
  expect(open()).toEqual([source])
  isHidden(true)
  vi.advanceTimersByTime(3_000)
  expect(open()).toEqual([])
  doubt()
  window.dispatchEvent(new Event('online'))
  vi.advanceTimersByTime(3_600_000)
  expect(open()).toEqual([])
  isHidden(false)
  expect(open()).toHaveLength(1)
  open()[0]!.dispatchEvent(new Event('open'))
  expect(queries.getQueryState(['board'])!.isInvalidated).toBe(true)
  isHidden(true)
  stop()
  vi.advanceTimersByTime(60_000)
  isHidden(false)
  expect(open()).toEqual([])
})

test('a page that is opened where nobody sees it has no stream until somebody looks', () => {
  isHidden(true)
  const stop = listen(new QueryClient())
  vi.advanceTimersByTime(60_000)
  expect(Source.all).toEqual([])
  isHidden(false)
  expect(open()).toHaveLength(1)
  stop()
})
