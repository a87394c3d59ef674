// A recording proxy before a provider: it tells how often something was really done there, and at one request it does what a test says.
import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** `id`: of a webhook, by its header. */
export type Passed = { method: string; path: string; body: string; id: string | null; status: number | null }
/** Where a request is when something happens: it came and is not passed on; the provider did it and nobody was told; the answer went out. */
export type Moment = 'came' | 'did' | 'told'
/** `late`: the provider does it all the same once it is let go, also when whoever asked is gone. */
export type Trap = { is: (one: Passed) => boolean; at: Moment; late?: boolean }
/** What the provider is like at a write: it answers 500 although it did it; it limits the rate; it says no. `lost`: it cuts the connection in place of an answer. */
export type Mood =
  | { status: number; headers?: Record<string, string>; body: string; does: boolean }
  | { lost: true; does: boolean }

export type ProviderProxy = {
  url: string
  passed: Passed[]
  /** Resolves when a request is at this moment; it is held there until `letGo`. Set before it comes. */
  trap(trap: Trap): { caught: Promise<Passed>; letGo(): void }
  /** The next write that fits is answered like this. */
  mood(is: (one: Passed) => boolean, mood: Mood): void
  close(): Promise<void>
}

/**
 * `to`: the provider's address; null: the proxy itself is the receiver, and takes all. `amend`: what an emulator does not know is taken out of a question;
 * `amendAnswer`: and put into its answer.
 */
export const openProviderProxy = async (
  to: string | null,
  amend: (body: string) => string = (body) => body,
  amendAnswer: (body: string) => string = (body) => body,
): Promise<ProviderProxy> => {
  const passed: Passed[] = []
  let traps: (Trap & { spring: (one: Passed) => void; held: Promise<void> })[] = []
  let moods: { is: (one: Passed) => boolean; mood: Mood }[] = []
  const at = async (moment: Moment, one: Passed): Promise<Trap | null> => {
    const trap = traps.find((set) => set.at === moment && set.is(one))
    if (!trap) return null
    traps = traps.filter((set) => set !== trap)
    trap.spring(one)
    await trap.held
    return trap
  }
  const handle = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.from(amend(Buffer.concat(parts).toString('utf8')))
    const one: Passed = {
      method: request.method!,
      path: request.url!,
      body: body.toString('utf8'),
      id: idOf(request),
      status: null,
    }
    const trap = await at('came', one)
    if (request.socket.destroyed && trap?.late !== true) return // whoever asked was killed meanwhile: it never reached the provider
    const mood = moods.find((set) => set.is(one))
    moods = moods.filter((set) => set !== mood)
    let answer = mood && !mood.mood.does ? null : await pass(to, request, body)
    if (answer) {
      one.status = answer.status
      answer.body = Buffer.from(amendAnswer(answer.body.toString('utf8')))
    }
    passed.push(one)
    if (mood && 'status' in mood.mood)
      answer = { status: mood.mood.status, headers: mood.mood.headers ?? {}, body: Buffer.from(mood.mood.body) }
    await at('did', one)
    if (mood && 'lost' in mood.mood) return void response.destroy()
    if (response.destroyed) return
    response.writeHead(answer!.status, { ...answer!.headers, 'content-length': String(answer!.body.length) })
    await new Promise<void>((done) => response.end(answer!.body, () => done()))
    await at('told', one)
  }
  const server = http.createServer(
    (request, response) => void handle(request, response).catch(() => response.destroy()),
  )
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    trap(trap) {
      let letGo = (): void => {}
      const held = new Promise<void>((done) => (letGo = done))
      const caught = new Promise<Passed>((spring) => traps.push({ ...trap, spring, held }))
      return { caught, letGo }
    },
    mood: (is, mood) => void moods.push({ is, mood }),
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

const idOf = ({ headers }: http.IncomingMessage): string | null => {
  const id = headers['webhook-id']
  return typeof id === 'string' ? id : null
}

type Answer = { status: number; headers: Record<string, string>; body: Buffer }

const pass = async (to: string | null, request: http.IncomingMessage, body: Buffer): Promise<Answer> => {
  if (to === null) return { status: 200, headers: {}, body: Buffer.from('') }
  const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers
  const came = await fetch(to + request.url!, {
    method: request.method!,
    headers: headers as Record<string, string>,
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  })
  const kept = ['content-type', 'link', 'etag', 'date', 'retry-after'].flatMap((name) =>
    came.headers.has(name) ? [[name, came.headers.get(name)!] as const] : [],
  )
  return { status: came.status, headers: Object.fromEntries(kept), body: Buffer.from(await came.arrayBuffer()) }
}
