/** How does a test ask a server over HTTP? Reaches no database, so what only asks does not either. */
/** What came back: status, headers and the body, parsed where it is JSON. */
// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
export type Came = { status: number; headers: Headers; body: any }
export type Sent = { body?: unknown; headers?: Record<string, string> }

/** Sends one request to a server. A plain object as body travels as JSON. */
export const send = async (
  url: string,
  method: string,
  where: string,
  { body, headers = {} }: Sent = {},
): Promise<Came> => {
  const raw = typeof body === 'string' || body instanceof Uint8Array
  const answer = await fetch(url + where, {
    method,
    redirect: 'manual',
    headers: { ...(body !== undefined && !raw ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
  })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    body: /json/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : text,
  }
}
