/** How is one comment at GitHub kept up to date with a run? It is written once below the issue or pull request the work came from, and changed then. */
import { ending } from '../ended.ts'
import { code, marked } from '../forge-text.ts'
import type { Found, Receipt, StatusKeeper } from '../port.ts'
import { askerFor } from './ask.ts'
import { comment } from './act-comment.ts'
import { threadPlace } from './place.ts'
import { good } from './went.ts'

export const status: StatusKeeper = {
  marks: { quote: code, link: (url, words) => `[${words}](${url})` },
  // Each change is written to whoever watches the page, and counts against a small limit for writing.
  pauseMillis: 15_000,
  look: async (effect, connection, outside): Promise<Found> => {
    const found = await comment.look(effect, connection, outside)
    return found.is === 'there' ? { ...found, receipt: named(found.receipt) } : found
  },
  write: async (effect, connection, outside) => {
    const went = await comment.carryOut(effect, connection, outside)
    return went.is === 'done' ? { ...went, receipt: named(went.receipt) } : went
  },
  rewrite: (effect, message, connection, outside) =>
    ending(async () => {
      const { repo } = threadPlace(effect, connection)
      const now = good(
        await askerFor(connection, outside)('PATCH', `/repos/${repo}/issues/comments/${Number(message)}`, {
          body: { body: marked(String(effect.params['text']), effect) },
        }),
        `change our comment on ${effect.target}`,
        'write',
      ) as { id: number; html_url?: string | null }
      return {
        is: 'done',
        receipt: { id: message, url: now.html_url ?? null, observed: { ref: effect.target, message }, readBack: false },
      }
    }),
}

const named = (receipt: Receipt): Receipt => ({ ...receipt, observed: { ...receipt.observed, message: receipt.id } })
