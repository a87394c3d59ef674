/** One id per filled form: a press that is sent twice starts one run. */
export const freshRequest = (): string =>
  `web-${Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('')}`
