/** Does a budget hold, with requests and steps side by side, and when nobody tells what was used? */
import { expect, test } from 'vitest'
import { openBudget, unknownAtMost, type Running, type Spent, type StepBudget } from './budget.ts'
import { countAnswer, type AnswerCount } from './count-answer.ts'

let run = 0
const openOne = (limits: { tokens?: number; usdMicros?: number }, name = `budget_${run++}`) => {
  const spent: Spent[] = []
  const budget = openBudget({
    run: name,
    limits: { tokens: limits.tokens ?? null, usdMicros: limits.usdMicros ?? null },
    onSpent: (one) => spent.push(one),
  })
  return { budget, spent, name }
}
const told = (input: number, output: number, model = 'claude-sonnet-4-6'): AnswerCount => {
  const count = countAnswer(false)
  count.take(
    Buffer.from(JSON.stringify({ type: 'message', model, usage: { input_tokens: input, output_tokens: output } })),
  )
  count.end()
  return count
}
const never = new AbortController().signal
const sent = { provider: 'anthropic', model: 'claude-sonnet-4-6', bytes: 400 }
const begin = (budget: StepBudget) => budget.begin(sent, never)
const running = async (budget: StepBudget): Promise<Running> => {
  const one = await begin(budget)
  if (!one || 'words' in one) throw new Error(`not begun: ${JSON.stringify(one)}`)
  return one
}
const end = (one: Running, count: AnswerCount, bytes = 100, whole = true): string =>
  one.end({ count, answered: true, bytes, whole })

/** Requests side by side, each of which uses so much; how many were let through, and the most at a time. */
const storm = async (budgets: readonly StepBudget[], each: number, use: () => AnswerCount) => {
  let [begun, now, most] = [0, 0, 0]
  const one = async (budget: StepBudget): Promise<void> => {
    const request = await begin(budget)
    if (!request || 'words' in request) return
    begun++
    most = Math.max(most, ++now)
    await new Promise((later) => setImmediate(later))
    now--
    end(request, use())
  }
  await Promise.all(budgets.flatMap((budget) => Array.from({ length: each }, () => one(budget))))
  return { begun, most }
}

test('fifty requests at once pass the limit by one at most', async () => {
  const { budget, spent } = openOne({ tokens: 20_000 })
  const { begun, most } = await storm([budget], 50, () => told(900, 200))
  expect(begun).toBe(19) // 19 × 1,100 is the first sum above 20,000
  expect(most).toBeGreaterThan(1) // far from the limit they run side by side
  expect(spent).toEqual([{ part: 'tokens', words: '20900 tokens of the 20000 that were left' }])
  expect(await begin(budget)).toMatchObject({ part: 'tokens' })
})

test('fifty steps of one run share its money', async () => {
  const name = `budget_${run++}`
  const all = Array.from({ length: 50 }, () => openOne({ usdMicros: 100_000 }, name))
  // 1,000 in and 100 out are 4,500 millionths
  const { begun } = await storm(
    all.map(({ budget }) => budget),
    3,
    () => told(1_000, 100),
  )
  expect(begun).toBe(23)
  expect(all.flatMap(({ spent }) => spent)).toHaveLength(50)
})

test('fifty runs at once: each is stopped at its own budget, and pays for no other (T41)', async () => {
  const runs = Array.from({ length: 50 }, (_, n) => ({
    tokens: 2_050 + 200 * n,
    steps: [openOne({ tokens: 2_050 + 200 * n }, `beside_${n}`), openOne({ tokens: 2_050 + 200 * n }, `beside_${n}`)],
  }))
  await storm(
    runs.flatMap(({ steps }) => steps.map(({ budget }) => budget)),
    12,
    () => told(900, 200),
  )
  for (const { tokens, steps } of runs) {
    const used = steps.reduce((sum, { budget }) => sum + Number(budget.spending.usage().inputTokens) / 900, 0) * 1_100
    // The first sum above its own limit, and no request more.
    expect([tokens, used]).toEqual([tokens, (Math.floor(tokens / 1_100) + 1) * 1_100])
    for (const { spent } of steps)
      expect(spent).toMatchObject([{ part: 'tokens', words: expect.stringContaining(`of the ${tokens} `) }])
  }
})

test('a step that begins when another is known to the control plane has its whole limit; else it counts it', async () => {
  const first = openOne({ tokens: 5_000 })
  end(await running(first.budget), told(3_000, 0))
  const beside = openOne({ tokens: 5_000 }, first.name)
  end(await running(beside.budget), told(3_000, 0))
  expect(beside.spent).toHaveLength(1)
  first.budget.known()
  beside.budget.known()
  const after = openOne({ tokens: 5_000 }, first.name)
  end(await running(after.budget), told(3_000, 0))
  expect(after.spent).toEqual([])
})

test('an answer under way is cut as soon as what it told passes the limit', async () => {
  const { budget, spent } = openOne({ tokens: 1_000 })
  const request = await running(budget)
  const count = countAnswer(true)
  count.take(
    Buffer.from(
      'data: {"type":"message_start","message":{"model":"claude-sonnet-4-6","usage":{"input_tokens":990}}}\n\n',
    ),
  )
  request.grew(count)
  expect(spent).toEqual([])
  for (let n = 0; n < 20; n++) count.take(Buffer.from('data: {"type":"content_block_delta"}\n\n'))
  request.grew(count)
  expect(spent).toMatchObject([{ part: 'tokens' }])
})

test('use that nobody tells is guessed from the bytes, so that the limit holds all the same', async () => {
  const { budget, spent } = openOne({ tokens: 10_000 })
  let begun = 0
  for (; spent.length === 0 && begun < 1_000; begun++) {
    const request = await budget.begin({ ...sent, bytes: 4_000 }, never)
    if (!request || 'words' in request) break
    end(request, countAnswer(false), 4_000)
  }
  expect(begun).toBeLessThanOrEqual(4) // 1,334 in and as many out, each
  expect(budget.spending.usage()).toEqual({
    estimated: { tokens: 4 * 2_668, usdMicros: 4 * 1_334 * (3 + 15) },
    inputTokens: null,
    outputTokens: null,
    cachedTokens: null,
    usdMicros: null,
    source: 'unavailable',
  })
})

test('a limit of money over models without a price ends after so many requests, with a word', async () => {
  const { budget, spent } = openOne({ usdMicros: 5_000_000 })
  let begun = 0
  for (; begun < 1_000; begun++) {
    const request = await begin(budget)
    if (!request || 'words' in request) break
    end(request, told(10, 1, 'unheard-of'))
  }
  expect(begun).toBe(unknownAtMost)
  expect(spent).toMatchObject([{ part: 'unknown', words: expect.stringContaining('not known') }])
  expect(budget.spending.usage()).toMatchObject({ inputTokens: 3_000, usdMicros: null, source: 'unavailable' })
  // Without a limit of money nothing has to be known of prices.
  const free = openOne({ tokens: 1_000_000 })
  for (let n = 0; n < unknownAtMost + 50; n++) end(await running(free.budget), told(10, 1, 'unheard-of'))
  expect(free.spent).toEqual([])
})

test('who waits for the turn and goes away leaves the queue', async () => {
  const { budget } = openOne({ tokens: 1_000 })
  const request = await running(budget)
  const away = new AbortController()
  const waits = budget.begin(sent, away.signal)
  away.abort()
  expect(await waits).toBe(null)
  end(request, told(10, 1))
})

test('a request that is cut off counts as a longish answer, whatever of it was told (T41)', async () => {
  const started = countAnswer(true)
  started.take(
    Buffer.from(
      'data: {"type":"message_start","message":{"model":"claude-sonnet-4-6","usage":{"input_tokens":500,"output_tokens":1}}}\n\n',
    ),
  )
  for (const [count, input] of [
    [countAnswer(false), Math.ceil(sent.bytes / 3)],
    [started, 500],
  ] as const) {
    const { budget, spent } = openOne({ tokens: 20_000 })
    let begun = 0
    for (; spent.length === 0; begun++) end(await running(budget), count, 0, false)
    expect(begun).toBe(Math.floor(20_000 / (input + 4_000)) + 1)
    // What was told stands as told; what is reckoned stands beside it, for the budget of the steps that follow. There is no cost.
    const { estimated, ...said } = budget.spending.usage()
    expect(said).toMatchObject({ usdMicros: null, source: 'unavailable' })
    expect(estimated!.tokens + (said.inputTokens ?? 0) + (said.outputTokens ?? 0)).toBe(begun * (input + 4_000))
    expect(estimated!.usdMicros).toBe(begun * (input * 3 + 4_000 * 15))
  }
})

test('steps side by side that cut off every request are stopped at the budget of their run (T41)', async () => {
  const name = `budget_${run++}`
  const all = Array.from({ length: 20 }, () => openOne({ usdMicros: 1_000_000 }, name))
  let begun = 0
  const one = async (budget: StepBudget): Promise<void> => {
    for (;;) {
      const request = await begin(budget)
      if (!request || 'words' in request) return
      begun++
      await new Promise((later) => setImmediate(later))
      end(request, countAnswer(false), 0, false)
    }
  }
  await Promise.all(all.map(({ budget }) => one(budget)))
  const each = Math.ceil(sent.bytes / 3) * 3 + 4_000 * 15
  expect(begun).toBe(Math.floor(1_000_000 / each) + 1)
  expect(all.flatMap(({ spent }) => spent)).toHaveLength(20)
})

test('a stream that tells nothing is cut when what came of it alone passes the limit', async () => {
  const { budget, spent } = openOne({ tokens: 1_000 })
  const request = await running(budget)
  const count = countAnswer(true)
  for (let n = 0; n < 1_000; n++) count.take(Buffer.from('data: {"choices":[{"delta":{"content":"x"}}]}\n\n'))
  request.grew(count)
  expect(spent).toEqual([])
  count.take(Buffer.from('data: {}\n\n'))
  request.grew(count)
  expect(spent).toMatchObject([{ part: 'tokens' }])
})
