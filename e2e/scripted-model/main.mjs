#!/usr/bin/env node
// node main.mjs --script scripts/basic.json [--port 8787] [--host 127.0.0.1] [--log requests.jsonl] [--bodies] [--models a,b]
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startScriptedModel } from './server.mjs'

const { values: v } = parseArgs({
  options: {
    script: { type: 'string' },
    port: { type: 'string', default: '8787' },
    host: { type: 'string', default: '127.0.0.1' },
    log: { type: 'string' },
    bodies: { type: 'boolean', default: false },
    models: { type: 'string', default: 'scripted' },
  },
})
if (!v.script) {
  console.error('usage: main.mjs --script FILE [--port N] [--log FILE] [--bodies] [--models a,b]')
  process.exit(2)
}
const m = await startScriptedModel({
  script: JSON.parse(readFileSync(v.script, 'utf8')),
  port: Number(v.port),
  host: v.host,
  log: v.log,
  bodies: v.bodies,
  models: v.models.split(','),
})
console.log(m.url)
for (const s of ['SIGINT', 'SIGTERM']) process.once(s, () => m.close().then(() => process.exit(0)))
