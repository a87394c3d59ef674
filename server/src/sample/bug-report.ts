/**
 * How does the bug report come in?
 * As a bug tracker would send it: a signed delivery (Standard Webhooks, https://www.standardwebhooks.com) to the webhook address.
 * Its id is always the same, so that sending it again is the same event.
 */
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { bugReportId } from './cast.ts'
import type { SampleSource } from './furnish.ts'

/** Sends the report. `file`: a Markdown file whose first line is the title. Throws with the answer's words when it is not taken. */
export const sendBugReport = async (
  { url, secret }: Pick<SampleSource, 'url' | 'secret'>,
  file: string,
  id = bugReportId,
  at = new Date(),
): Promise<void> => {
  const [title = '', ...rest] = readFileSync(file, 'utf8').trim().split('\n')
  const text = rest.join('\n').trim()
  const body = JSON.stringify({
    type: 'bug.reported',
    timestamp: at.toISOString(),
    data: { ticket: path.basename(file, '.md'), title, text, severity: 'medium' },
  })
  const seconds = String(Math.floor(at.getTime() / 1_000))
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': seconds,
      'webhook-signature': signature(secret, id, seconds, body),
    },
    body,
  })
  if (response.status !== 202)
    throw new Error(`The bug report was not taken (${response.status}): ${(await response.text()).slice(0, 500)}`)
}

/** The signature of a delivery: HMAC-SHA256 over id, seconds and body with the secret's bytes. */
export const signature = (secret: string, id: string, seconds: string, body: string): string =>
  `v1,${createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
    .update(`${id}.${seconds}.${body}`)
    .digest('base64')}`
