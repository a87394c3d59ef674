/**
 * How is the app made in Slack, in one click?
 * From a manifest: what the app is called, may do and hears. https://docs.slack.dev/app-manifests
 */

/** What the app may do, each needed by something that workflows can ask for. */
export const botScopes = [
  'app_mentions:read',
  'channels:history',
  'channels:read',
  'chat:write',
  'chat:write.public',
  'commands',
  'groups:history',
  'groups:read',
  'im:history',
  'im:read',
  'reactions:read',
  'users:read',
] as const

const events = ['app_mention', 'message.channels', 'message.groups', 'message.im', 'reaction_added'] as const

/** The manifest. `url`: the connection's address, when Slack is to send there; null: Socket Mode, Slack needs no address. */
export const manifest = (url: string | null) => ({
  display_information: {
    name: 'Viewport',
    description: 'Coding agents, with your approval',
    background_color: '#1d2a26',
  },
  features: {
    bot_user: { display_name: 'Viewport', always_online: true },
    app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
    slash_commands: [
      {
        command: '/viewport',
        description: 'Start a workflow',
        usage_hint: 'what to do',
        should_escape: true,
        ...(url === null ? {} : { url }),
      },
    ],
  },
  oauth_config: { scopes: { bot: [...botScopes] } },
  settings: {
    event_subscriptions: { bot_events: [...events], ...(url === null ? {} : { request_url: url }) },
    interactivity: { is_enabled: true, ...(url === null ? {} : { request_url: url }) },
    org_deploy_enabled: false,
    socket_mode_enabled: url === null,
    token_rotation_enabled: false,
  },
})

/** Opens Slack's page for a new app with the manifest filled in. */
export const newAppLink = (url: string | null): string =>
  `https://api.slack.com/apps?new_app=1&manifest_json=${encodeURIComponent(JSON.stringify(manifest(url)))}`
