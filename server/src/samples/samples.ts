/**
 * Which sample events are there?
 * Deliveries in the form in which each tool sends them, read by the tool's own reader, so that a sample shows what a real one would. The
 * place for a tool's own is `samples.ts` in its folder.
 */
import { fieldsFor } from '@viewportai/core/event/fields'
import type { KnownConnection } from '@viewportai/core/tools/port'
import type { Sample, Tool } from '../tools/port.ts'
import { toolNamed, toolNames } from '../tools/table.ts'
import { builtIn, type ReadSample } from './built-in.ts'

/** A connection of nobody's account, with what must be said for one: where the tool says nothing, an address that nobody has. */
export const sampleConnection = (tool: Tool): KnownConnection => ({
  id: 'con_sample',
  name: 'sample',
  settings: Object.fromEntries(
    tool.fields
      .filter(({ secret, required, otherwise }) => !secret && (required || otherwise !== null))
      .map(({ name, otherwise }) => [name, otherwise ?? 'https://tool.example.com']),
  ),
  account: null,
})

/** A sample as its tool reads it. Throws when the tool does not read it as an event (a fault of the sample). */
const readBy = (toolName: string, sample: Sample): ReadSample => {
  const tool = toolNamed(toolName)!
  const reading = tool.read(
    {
      headers: sample.headers ?? {},
      body: Buffer.from(JSON.stringify(sample.body)),
      part: sample.part ?? null,
      ...(sample.again !== undefined && { again: sample.again }),
    },
    { ...sampleConnection(tool), account: sample.us ?? null },
  )
  if (!('said' in reading))
    throw new Error(`the sample ${toolName}.${sample.name} is no event: ${JSON.stringify(reading)}`)
  const { event, subject, fields, text } = reading.said
  const { label, title, url } = subject
  return {
    id: `${toolName}.${sample.name}`,
    says: sample.says,
    told: { tool: toolName, event, subject: { label, title, url }, fields: fieldsFor(toolName, event, fields), text },
  }
}

/** Every sample, tool by tool; those without a tool last. */
export const allSamples = (): ReadSample[] => [
  ...toolNames.flatMap((name) => (toolNamed(name)!.samples ?? []).map((sample) => readBy(name, sample))),
  ...builtIn,
]
