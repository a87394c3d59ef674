/** Which pages of the documentation does the app hold? Those that its pages lead to, with what they lead to in turn; read when asked for. */
const files = import.meta.glob<string>('../../../docs/{integrations/*,api,runner,workflow}.md', {
  query: '?raw',
  import: 'default',
})
const root = '../../../docs/'

/** The page of a tool's set-up, as in `/guides/integrations/github`. A webhook target is described with all that needs no tool. */
export const guideOf = (tool: string): string => `integrations/${tool === 'webhook' ? 'README' : tool}`

/** Is it one of them? */
export const isGuide = (page: string): boolean => `${root}${page}.md` in files

/** Its text. Null: there is none of this name. */
export const readGuide = async (page: string): Promise<string | null> => (await files[`${root}${page}.md`]?.()) ?? null

/** Where a link of a page leads: to another of them, elsewhere on the network, or to nothing that is here (null). */
export const leadsTo = (
  from: string,
  href: string,
): { readonly page: string; readonly part: string } | { readonly url: string } | null => {
  if (/^https?:/.test(href)) return { url: href }
  const { pathname, hash } = new URL(href, `https://docs.invalid/${from}.md`)
  const page = pathname.slice(1).replace(/\.md$/, '')
  return isGuide(page) ? { page, part: hash.slice(1) } : null
}

/** The name of a heading in an address, as GitHub makes it. */
export const partOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
