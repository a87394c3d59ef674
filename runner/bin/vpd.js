#!/usr/bin/env node
// Starts the runner, `vpd`: the bundle of the published package, or the sources of a clone.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const source = new URL('../src/cli.ts', import.meta.url)

if (process.argv[2] === 'worker') await import('./lean.js')
module.enableCompileCache?.() // Node 22.8 and later

if (!existsSync(source)) {
  await import(new URL('../dist/cli.js', import.meta.url).href)
} else if (process.features.typescript) {
  await import(source.href)
} else {
  startWithTheClonesNode()
}

// This Node cannot run TypeScript; the clone brings one that can.
function startWithTheClonesNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const node = fileURLToPath(new URL(`../../node_modules/node/bin/${name}`, import.meta.url))
  if (!existsSync(node)) {
    console.error(
      `Node ${process.version} cannot run the sources of this clone. Run "npm ci" first: it brings a Node that can.`,
    )
    process.exit(1)
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`Could not start ${node}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
