/** Which key is held for a command on this machine? Its name, as it stands on the keyboard. */
export const mod: string = /^(mac|iphone|ipad)/i.test(navigator.platform) ? '⌘' : 'Ctrl'
