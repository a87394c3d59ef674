/** Does a reviewer get the bytes that lie on this machine, and only those? */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BodyRef } from '@viewportai/core/digest/body'
import { LeftSummary } from '@viewportai/core/wire/left'
import { readLeft } from '../egress/ledger.ts'
import { summaryOf } from '../egress/summary.ts'
import { begin, checksJob, finish, openBench, type Bench } from '../testing/bench.ts'
import type { ServeOrder } from './serve.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench({ leaseSeconds: 20 })
})
afterEach(() => bench.end())

const text = 'line one\nline two\n'
let n = 0
const ask = (order: Partial<ServeOrder> & Pick<ServeOrder, 'run' | 'what'>): string => {
  const transfer = `xfer_${++n}`
  bench.plane.order({
    id: `ord_${n}`,
    order: 'serve',
    transfer,
    to: `${bench.plane.url}/wire/transfers/${transfer}`,
    offset: 0,
    length: null,
    follow: false,
    ...order,
  })
  return transfer
}
const arrived = async (transfer: string) => {
  await bench.plane.until(() => bench.plane.transfers.get(transfer)!.ended)
  const { bytes, headers } = bench.plane.transfers.get(transfer)!
  return { text: bytes.toString(), total: headers['viewport-total'], absent: headers['viewport-absent'] }
}
const withBody = async (policy = ''): Promise<{ body: BodyRef; folder: string; said: string[] }> => {
  const { ground, said } = await bench.run(async () => {}, { policy })
  return {
    body: await ground.evidence.put('run_1', 'plan', 'text/markdown', Buffer.from(text), 'edge'),
    folder: ground.folder,
    said,
  }
}

test.each([
  [0, null, text],
  [5, 3, 'one'],
  [9, 1_000, 'line two\n'],
  [18, null, ''],
])('a body is served from %d, %s bytes', async (offset, length, expected) => {
  const { body, folder } = await withBody()
  const transfer = ask({ run: 'run_1', what: { digest: body.digest }, offset, length })
  expect(await arrived(transfer)).toEqual({ text: expected, total: '18', absent: undefined })
  expect(await readLeft(folder, 'run_1')).toMatchObject([
    {
      what: 'body plan',
      body: { digest: body.digest, from: offset, to: offset + expected.length },
      bytes: expected.length,
      to: bench.plane.url,
    },
  ])
})

test('what is not here, not of this run, not allowed or out of range is told at once', async () => {
  const { ground } = await bench.run(async () => {}, { policy: 'leaves: { serve: [plan] }' })
  const put = (kind: BodyRef['kind']) =>
    ground.evidence.put('run_1', kind, 'text/plain', Buffer.from(`${text}${kind}`), 'edge')
  const body = await put('plan')
  const patch = await put('patch')
  expect(await arrived(ask({ run: 'run_1', what: { digest: body.digest } }))).toMatchObject({ absent: undefined })
  expect(await arrived(ask({ run: 'run_1', what: { digest: patch.digest } }))).toMatchObject({
    absent: 'policy',
    text: '',
  })
  for (const run of ['../runs/run_1', './run_1', 'run_1/../run_1'])
    expect(await arrived(ask({ run, what: { digest: body.digest } }))).toMatchObject({ absent: 'not-here' })
  expect(await arrived(ask({ run: 'run_1', what: { digest: 'f'.repeat(64) } }))).toMatchObject({
    absent: 'not-here',
    text: '',
  })
  expect(await arrived(ask({ run: 'run_2', what: { digest: body.digest } }))).toMatchObject({
    absent: 'not-here',
    text: '',
  })
  expect(await arrived(ask({ run: 'run_1', what: { digest: body.digest }, offset: 23 }))).toMatchObject({
    absent: 'range',
  })
  expect(await arrived(ask({ run: 'run_1', what: { log: { step: 'x', attempt: 1 } } }))).toMatchObject({
    absent: 'policy',
  })
  expect(await arrived(ask({ run: '../..', what: { log: { step: 'x', attempt: 1 } } }))).toMatchObject({
    absent: 'not-here',
  })
})

test('a live log is followed until it ends, and read afterwards', async () => {
  let more = (_text: string): void => {}
  let close = (): void => {}
  await bench.run(async (port) => {
    await begin(port)
    port.log.write('first\n')
    more = (line) => port.log.write(line)
    await new Promise<void>((resolve) => (close = resolve))
    await finish(port)
  })
  const { run } = bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => bench.plane.leases.all[0]?.reports.length === 1)
  const what = { log: { step: 'implement', attempt: 1 } }
  const transfer = ask({ run, what, follow: true })
  await bench.plane.until(() => bench.plane.transfers.get(transfer)!.bytes.toString() === 'first\n')
  more('second\n')
  await bench.plane.until(() => bench.plane.transfers.get(transfer)!.bytes.toString() === 'first\nsecond\n')
  const later = ask({ run, what, follow: true, offset: 6 })
  await bench.plane.until(() => bench.plane.transfers.get(later)!.bytes.toString() === 'second\n')
  more('third\n')
  close()
  expect(await arrived(transfer)).toMatchObject({ text: 'first\nsecond\nthird\n', total: undefined })
  expect(await arrived(later)).toMatchObject({ text: 'second\nthird\n' })
  expect(await arrived(ask({ run, what }))).toMatchObject({ text: 'first\nsecond\nthird\n', total: '19' })
})

test('nothing is ever sent to an address of someone else', async () => {
  const visits: string[] = []
  const other = http.createServer((request, response) => {
    visits.push(`${request.method} ${request.url}`)
    response.end()
  })
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const { body, said } = await withBody()
  for (const to of [
    `http://127.0.0.1:${port}/upload`,
    `http://127.0.0.1:${port}/wire/transfers/../../upload`,
    `http://me@127.0.0.1:${port}/wire/transfers/x`,
    'https://evil.example/wire/transfers/x',
    'file:///etc/passwd',
    '::',
  ])
    ask({ run: 'run_1', what: { digest: body.digest }, to })
  await bench.plane.until(() => said.filter((line) => line.startsWith('refused to serve')).length === 6)
  expect(visits).toEqual([])
  other.close()
})

test('an order is obeyed once, however often it comes, and nobody waiting is no fault', async () => {
  const { body, folder } = await withBody()
  bench.plane.plant('/wire/orders', 'lost', 'lost')
  const transfer = ask({ run: 'run_1', what: { digest: body.digest } })
  await arrived(transfer)
  await bench.plane.until(() => bench.plane.ordersDone.includes(`ord_${n}`))
  expect(await readLeft(folder, 'run_1')).toHaveLength(1)
  const gone = ask({ run: 'run_1', what: { digest: body.digest } })
  bench.plane.transfers.delete(gone)
  await bench.plane.until(() => bench.plane.ordersDone.includes(`ord_${n}`))
  await arrived(ask({ run: 'run_1', what: { digest: body.digest } })) // it goes on living
})

test('what left about a run is told, with the telling itself, and the ledger says the same sums', async () => {
  const { ground } = await bench.run(
    async (port) => {
      await begin(port)
      await port.left('git push', 'https://git.acme.example/api.git', 4_000)
      await finish(port)
    },
    { policy: 'leaves: { serve: [] }' },
  )
  const { run } = bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => bench.plane.leases.all[0]?.state === 'ended')
  for (let round = 1; round <= 2; round++) {
    const served = await arrived(ask({ run, what: { left: true } }))
    const told = LeftSummary.parse(JSON.parse(served.text))
    expect(told).toEqual(summaryOf(await readLeft(ground.folder, run)))
    expect(told.rows).toContainEqual(
      expect.objectContaining({
        place: 'git',
        to: 'https://git.acme.example/api.git',
        what: 'git push',
        level: 'full',
        bytes: 4_000,
      }),
    )
    const list = told.rows.find(({ what }) => what === 'this list')!
    expect(list.messages).toBe(round)
    if (round === 1) expect(list.bytes).toBe(Number(served.total))
    expect(
      told.rows.find(({ what, level }) => what === 'report finished' && level === 'metadata')!.fields,
    ).toContainEqual({ field: 'result.passed', count: 1, bytes: 4, kept: 0 })
  }
  expect(JSON.parse((await arrived(ask({ run: 'run_unknown', what: { left: true } }))).text)).toMatchObject({
    messages: 1,
  })
  expect(await arrived(ask({ run: '../run', what: { left: true } }))).toMatchObject({ absent: 'not-here' })
})
