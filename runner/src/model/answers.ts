/** How does the gateway itself say no? In the form in which providers write their errors, so that agents show the words. */
import type { ServerResponse } from 'node:http'

/** Ends the answer with a refusal in vpd's words. An answer that has begun is cut off. */
export const sayNo = (response: ServerResponse, status: number, words: string): void => {
  if (response.headersSent || response.destroyed) return void response.destroy()
  const type = types[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error')
  const body = JSON.stringify({ type: 'error', error: { type, code: status, message: `vpd: ${words}` } })
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    // Asking again would bring the same.
    ...(status < 500 && { 'x-should-retry': 'false' }),
    // What was not read is not waited for.
    ...((status === 413 || status === 503 || status === 417) && { connection: 'close' }),
  })
  response.end(body)
}

const types: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
}
