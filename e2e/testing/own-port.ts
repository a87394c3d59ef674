// On which port does a control plane listen that is killed and comes back, while others start beside it?
import net from 'node:net'

/**
 * A free port that no other program takes while ours is killed: not one that the system gives out, and not the usual one, where another control plane would answer the runner
 * that it does not know it.
 */
export const portOfOurOwn = async (): Promise<number> => {
  const port = 20_000 + Math.floor(Math.random() * 10_000)
  const server = net.createServer()
  const isFree = await new Promise<boolean>((done) =>
    server.once('error', () => done(false)).listen(port, '127.0.0.1', () => done(true)),
  )
  if (!isFree) return portOfOurOwn()
  await new Promise((done) => server.close(done))
  return port
}
