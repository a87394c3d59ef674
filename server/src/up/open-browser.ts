/** How is a page shown in the person's own browser? A failure is no trouble: the address is printed as well. */
import { spawn } from 'node:child_process'

export const openBrowser = (url: string): void => {
  const [program, ...words] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', url]
        : ['xdg-open', url]
  const child = spawn(program!, words, { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}
