/**
 * Which command sends a first event to a webhook address?
 * A shell line that signs as Standard Webhooks asks: HMAC-SHA256 over "id.timestamp.body" with the secret's bytes.
 */

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** `secret` as it is shown once: `whsec_` and base 64. Needs a shell, openssl and curl. */
export const curlLine = (url: string, secret: string): string =>
  [
    `body=${quoted('{"event":"hello","title":"A first delivery","text":"Sent by hand."}')}`,
    `id=msg_$(openssl rand -hex 8); at=$(date +%s)`,
    `key=$(printf %s ${quoted(secret.replace(/^whsec_/, ''))} | openssl base64 -d -A | od -An -tx1 | tr -d ' \\n')`,
    `sign=$(printf %s "$id.$at.$body" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key -binary | openssl base64 -A)`,
    `curl -sS ${quoted(url)} -H 'content-type: application/json' -H "webhook-id: $id" -H "webhook-timestamp: $at" -H "webhook-signature: v1,$sign" --data-raw "$body"`,
  ].join('\n')
