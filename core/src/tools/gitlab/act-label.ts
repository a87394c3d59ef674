/** How are labels set on an issue or merge request of GitLab? Set again they are the same, and what GitLab did not take is said. */
import { ending, failed, looking } from '../ended.ts'
import type { Action, Effect, Receipt } from '../port.ts'
import { askerFor, good, type Ask } from './ask.ts'
import { threadPlace, type Thread } from './place.ts'
import { Rest } from './rest.ts'

export const label: Action = {
  look: (effect, connection, outside) =>
    looking(async () => {
      const thread = threadPlace(effect, connection)
      const now = await read(askerFor(connection, outside), thread)
      return lacking(now, effect).length === 0 ? { is: 'there', receipt: receiptOf(thread, now) } : { is: 'absent' }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const thread = threadPlace(effect, connection)
      const ask = askerFor(connection, outside)
      const change = { add_labels: list(effect, 'add').join(','), remove_labels: list(effect, 'remove').join(',') }
      good(await ask('PUT', thread.at, change), `label ${thread.ref}`, 'write')
      const now = await read(ask, thread)
      const left = lacking(now, effect)
      if (left.length > 0)
        throw failed(
          'not_whole',
          `GitLab did not take ${left.join(', ')} on ${thread.ref}.`,
          'See whether somebody changes them at the same time.',
        )
      return { is: 'done', receipt: receiptOf(thread, now) }
    }),
}

const list = (effect: Effect, name: string): string[] => (effect.params[name] as string[] | undefined) ?? []
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

const lacking = ({ labels }: Rest, effect: Effect): string[] => [
  ...list(effect, 'add')
    .filter((name) => !labels.some((one) => same(one, name)))
    .map((name) => `label ${name}`),
  ...list(effect, 'remove')
    .filter((name) => labels.some((one) => same(one, name)))
    .map((name) => `taking ${name} away`),
]

const read = async (ask: Ask, { at, ref }: Thread): Promise<Rest> =>
  Rest.parse(good(await ask('GET', at), `show ${ref}`, 'read'))

const receiptOf = ({ ref }: Thread, { web_url: url, labels }: Rest): Receipt => ({
  id: ref,
  url,
  observed: { ref, url, labels },
  readBack: true,
})
