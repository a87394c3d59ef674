/** One attempt in a process of its own, so that it can be killed as a vpd is. Its only argument: the driver's name and the plain part of the task, as JSON. */
import { detectHolding } from '../../process/isolation.ts'
import { heldWall } from '../../walls/held.ts'
import type { AgentTask } from '../driver.ts'
import { driversOf } from '../drivers.ts'

const { name, task } = JSON.parse(process.argv[2] ?? '') as { name: string; task: AgentTask }
const driver = driversOf({ home: task.folder, passEnvironment: [], commands: {} }).find((one) => one.name === name)
await driver?.run({
  ...task,
  wall: heldWall(await detectHolding()),
  signal: new AbortController().signal,
  on: () => {},
  decide: () => ({ decision: 'allow', why: 'a test' }),
})
