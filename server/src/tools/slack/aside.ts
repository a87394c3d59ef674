/**
 * Who called on the app itself in Slack, and how is something said to them alone?
 * In the channel where they did, as a message that only they see and that is gone with the next reload. Strangers of another workspace, apps and who cannot
 * be told hear nothing; who is a guest is asked before a word is said.
 */
import { bounded } from '@viewportai/core/tools/bounded'
import { NotSent } from '@viewportai/core/tools/outside'
import { askSlack } from '@viewportai/core/tools/slack/ask'
import { teamOf } from '@viewportai/core/tools/slack/fields'
import { placeIn } from '@viewportai/core/tools/slack/message'
import { inCode, ourLink } from '@viewportai/core/tools/slack/safe-text'
import type { Aside } from '../port.ts'
import { whoIs } from './again.ts'

const form = /^slack:([A-Z][A-Z0-9]{1,30})\/([A-Z][A-Z0-9]{1,30})$/

export const aside: Aside = {
  marks: { quote: (text) => inCode(text, 300), link: ourLink },

  isOn: ({ settings }) => settings['whisper'] !== 'off',

  called({ event, actor, fields, subject }, connection) {
    if (!aside.isOn(connection) || actor.trust === 'bot' || actor.trust === 'self') return null
    const isDirect = String(fields['channel_id'] ?? '').startsWith('D')
    if (event !== 'app_mention' && event !== 'shortcut' && !(event === 'message' && isDirect)) return null
    const [, team, user] = form.exec(actor.id) ?? []
    const place = placeIn(subject.ref ?? '')
    if (!user || team !== teamOf(connection.account) || place === null) return null
    // In a thread it is shown only where there is one already.
    const on =
      fields['in_thread'] === true && place.thread !== null ? `${place.channel}/${place.thread}` : place.channel
    return { by: `${team}/${user}`, on }
  },

  async say({ by, on }, words, connection, outside) {
    const place = placeIn(on)
    if (place === null) return { is: 'over', why: `${on} is no place in Slack` }
    const [team, user] = by.split('/') as [string, string]
    const who = await whoIs(connection, bounded(outside, 5_000), user).catch((error: Error) => {
      throw new NotSent(error.message) // nothing was said yet
    })
    if (who.bot || who.gone || who.stranger || who.team !== team)
      return { is: 'over', why: 'they are nobody of this Slack workspace' }
    const came = await askSlack(connection, outside, 'chat.postEphemeral', {
      channel: place.channel,
      user,
      ...(place.thread === null ? {} : { thread_ts: place.thread }),
      text: words(who.guest ? 'guest' : 'member'),
      parse: 'none',
      link_names: false,
      unfurl_links: false,
    })
    if ('data' in came) return { is: 'said' }
    if ('limited' in came) return { is: 'later', why: 'Slack limits the rate', afterMillis: came.limited }
    return { is: 'over', why: 'no' in came ? came.words.says : came.unclear }
  },
}
