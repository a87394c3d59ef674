/**
 * One attempt in a process of its own, so that it can be killed as a vpd is. Its only argument, as JSON: the driver's name, the runner's setup, the plain
 * part of the task, and a file for its events.
 */
import { appendFileSync } from 'node:fs'
import { detectHolding } from '../../process/isolation.ts'
import { heldWall } from '../../walls/held.ts'
import type { Setup } from '../../work/port.ts'
import type { AgentTask } from '../driver.ts'
import { driversOf } from '../drivers.ts'

const { name, setup, task, events } = JSON.parse(process.argv[2] ?? '') as {
  name: string
  setup: Setup
  task: AgentTask
  events: string
}
const driver = driversOf(setup).find((one) => one.name === name)
await driver?.run({
  ...task,
  wall: heldWall(await detectHolding()),
  signal: new AbortController().signal,
  on: (event) => event.event !== 'output' && appendFileSync(events, `${JSON.stringify(event)}\n`),
  decide: () => ({ decision: 'allow', why: 'a test' }),
})
