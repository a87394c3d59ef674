/**
 * Which outside tools can be connected in this version?
 * The one table: hooks, looks, actions, the connect page and readiness read it. A tool that is not here is valid in a workflow, and not ready.
 */
import type { Tool } from './port.ts'
import { ci } from './ci/tool.ts'
import { github } from './github/tool.ts'
import { gitlab } from './gitlab/tool.ts'
import { jira } from './jira/tool.ts'
import { linear } from './linear/tool.ts'
import { slack } from './slack/tool.ts'
import { webhook } from './webhook/tool.ts'

const tools: Readonly<Record<string, Tool>> = { github, gitlab, slack, linear, jira, ci, webhook }

/** Names in the order they are shown. */
export const toolNames: readonly string[] = Object.keys(tools)
/** The tool, or null when this version has no connection to it. */
export const toolNamed = (name: string): Tool | null => (Object.hasOwn(tools, name) ? tools[name]! : null)
/** The action of a connected tool by its name in a workflow (`github.comment`), or null. */
export const actionNamed = (
  name: string,
): { readonly tool: Tool; readonly toolName: string; readonly action: Tool['actions'][string] } | null => {
  const toolName = name.split('.')[0]!
  const tool = toolNamed(toolName)
  const action = tool && Object.hasOwn(tool.actions, name) ? tool.actions[name]! : null
  return tool && action ? { tool, toolName, action } : null
}
