/** What does a no of Slack mean, and what can a person do about it? Slack's codes in our words; one that is not here is shown as it is. */
type Words = { readonly says: string; readonly check: string }

const reconnect = 'Install the app in Slack again and give this connection its bot token anew.'
const known: Readonly<Record<string, readonly [says: string, check: string]>> = {
  not_authed: ['Slack was asked without a token', reconnect],
  invalid_auth: ['Slack does not know this token', reconnect],
  account_inactive: ['the account of this token was switched off in Slack', reconnect],
  token_revoked: ['this token was revoked: the app was removed from the workspace', reconnect],
  token_expired: ['this token has run out', 'Switch token rotation off for the app, and give its new bot token.'],
  no_permission: ['the app may not do this in that channel', 'Ask an admin of the Slack workspace.'],
  org_login_required: ['the Slack workspace is being moved', 'Try again when Slack has finished.'],
  access_denied: ['Slack denied access', 'Ask an admin of the Slack workspace.'],
  ekm_access_denied: ['an admin of Slack has locked this workspace', 'Ask an admin of the Slack workspace.'],
  team_access_not_granted: ['the app may not work in this workspace', 'Ask an admin of the Slack workspace.'],
  not_in_channel: [
    'the app is not in that channel',
    'In the channel, type: /invite @Viewport (the name of your app). Then try again.',
  ],
  user_not_in_channel: ['whoever is meant is not in that channel', 'Invite them to the channel.'],
  channel_not_found: [
    'there is no such channel, or it is private and the app is not in it',
    'See the name; in a private channel type: /invite @Viewport (the name of your app).',
  ],
  is_archived: ['that channel is archived', 'Name another channel, or open it again.'],
  restricted_action: ['who may post in that channel is limited', 'Let the app post there (channel settings).'],
  restricted_action_thread_locked: ['that thread is locked', 'Nothing can be written there any more.'],
  restricted_action_read_only_channel: ['that channel is read-only', 'Name another channel.'],
  message_not_found: ['that message is not there any more', 'Somebody deleted it; a new one can be written.'],
  thread_not_found: ['that thread is not there any more', 'Somebody deleted it; name a channel.'],
  cant_update_message: ['that message is not ours', 'Only messages that this app wrote can be changed.'],
  edit_window_closed: ['messages of that age may not be changed in this workspace', 'Write a new message.'],
  msg_too_long: ['the text is too long for Slack', 'Shorten the text in the workflow.'],
  not_allowed_token_type: ['that is not the kind of token which is needed', 'The bot token begins with xoxb-.'],
  user_not_found: ['Slack has no such user', 'See the id of the user.'],
  too_many_websockets: [
    'ten connections of this app are open already, which is as many as Slack allows',
    'End other programs that use the same app-level token.',
  ],
  http_401: ['Slack does not accept the token', reconnect],
  http_403: ['Slack refuses (403)', 'See whether something between here and Slack refuses.'],
  http_404: ['nothing of Slack is at that address (404)', 'See the address of Slack in the connection.'],
}

/** Says and check, each a sentence. `told`: the whole answer; a missing scope is named in it. */
export const wordsFor = (code: string, told: Readonly<Record<string, unknown>>): Words => {
  if (code === 'missing_scope') {
    const needed = nameIn(told['needed']) ?? 'another scope'
    return {
      says: `Slack says no: the app lacks the scope ${needed} (missing_scope).`,
      check: `In Slack: your app, OAuth & Permissions, add ${needed}, and install the app again; a new token is not needed then.`,
    }
  }
  const one = Object.hasOwn(known, code) ? known[code]! : null
  const shown = nameIn(code) ?? 'an error without a name'
  return one
    ? { says: `Slack says no: ${one[0]} (${shown}).`, check: one[1] }
    : { says: `Slack says no: ${shown}.`, check: 'See what Slack says of this error, and whether the app may do this.' }
}

/** A code, or names of scopes; it comes from outside, so nothing else is repeated. */
const nameIn = (text: unknown): string | null =>
  typeof text === 'string' && /^[a-z0-9_:.,|-]{1,120}$/i.test(text) ? text : null
