// Lets the harness see what comes to a control plane by relay, which nobody on the way can read: a line of JSON for every answered request
// in the file VIEWPORT_TEST_RELAYED. Loaded with --import, outside the product's code.
import { appendFileSync } from 'node:fs'
import http from 'node:http'
import { Socket } from 'node:net'

const file = process.env.VIEWPORT_TEST_RELAYED
const now = () => Number(process.hrtime.bigint()) / 1_000_000 // one clock for all programs of a machine
const bytesOf = (chunk, encoding) => (typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk))
/** Kept when it is JSON; logs and bodies are not looked into. */
const textOf = (parts) => (parts[0]?.[0] === 0x7b ? Buffer.concat(parts).toString() : '')

const note = (request, response) => {
  const sent = now()
  const asked = []
  const { push } = request
  request.push = (chunk, encoding) => {
    if (chunk) asked.push(bytesOf(chunk, encoding))
    return push.call(request, chunk, encoding)
  }
  const said = []
  for (const name of ['write', 'end']) {
    const real = response[name]
    response[name] = (chunk, encoding, ...rest) => {
      if (chunk && typeof chunk !== 'function') said.push(bytesOf(chunk, encoding))
      const given = real.call(response, chunk, encoding, ...rest)
      if (name === 'end') {
        const { url, headers } = request
        const line = {
          url,
          dpop: headers.dpop ?? '',
          body: textOf(asked),
          status: response.statusCode,
          said: textOf(said),
        }
        appendFileSync(file, `${JSON.stringify({ ...line, sent, at: now() })}\n`, { mode: 0o600 })
      }
      return given
    }
  }
}

if (file) {
  const { emit } = http.Server.prototype
  http.Server.prototype.emit = function (event, ...given) {
    if (event === 'request' && !(given[0].socket instanceof Socket) && given[0].url.startsWith('/wire/')) note(...given)
    return emit.call(this, event, ...given)
  }
}
