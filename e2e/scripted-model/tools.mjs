// Maps an agent-neutral Action to a tool call that the asking agent really
// has, by looking at the tool list in its own request.

import { resolve } from 'node:path'

const patchAdd = (path, content) =>
  `*** Begin Patch\n*** Add File: ${path}\n${content
    .replace(/\n$/, '')
    .split('\n')
    .map((l) => '+' + l)
    .join('\n')}\n*** End Patch\n`
const patchEdit = (path, o, n) =>
  `*** Begin Patch\n*** Update File: ${path}\n@@\n${o
    .split('\n')
    .map((l) => '-' + l)
    .join('\n')}\n${n
    .split('\n')
    .map((l) => '+' + l)
    .join('\n')}\n*** End Patch\n`

const first = (names, tools) => names.find((n) => tools.has(n))

/**
 * @param {object} a Action
 * @param {Map<string, {kind: 'function'|'custom'}>} tools tools offered by the agent
 * @param {string} cwd the agent's working directory, as far as the request tells
 * @param {string} [planFile] where the agent wants its plan written
 * @returns {{name: string, input: any, custom?: boolean}[]}
 */
export const toCalls = (a, tools, cwd, planFile) => [toCall(a, tools, cwd, planFile)].flat()

function toCall(a, tools, cwd, planFile) {
  if (a.tool) {
    if (!tools.has(a.tool) && tools.get('exec')?.kind === 'custom')
      return { name: 'exec', custom: true, input: `text(await tools.${a.tool}(${JSON.stringify(a.input ?? {})}))` }
    return { name: a.tool, input: a.input ?? {}, custom: tools.get(a.tool)?.kind === 'custom' }
  }
  const abs = (p) => resolve(cwd, p)
  // Codex "code mode": one freeform tool, `exec`, whose input is JavaScript that calls the other tools.
  const code = tools.get('exec')?.kind === 'custom'
  const sh = (command) => {
    if (code)
      return {
        name: 'exec',
        custom: true,
        input: `text(await tools.exec_command(${JSON.stringify({ cmd: command, yield_time_ms: 20000 })}))`,
      }
    const name = first(
      ['Bash', 'shell_command', 'exec_command', 'run_shell_command', 'bash', 'shell', 'terminal'],
      tools,
    )
    switch (name) {
      case 'Bash':
        return { name, input: { command, description: 'scripted' } }
      case 'bash':
        return { name, input: { command, description: 'scripted' } }
      case 'exec_command':
        return { name, input: { cmd: command, yield_time_ms: 20000 } }
      case 'shell':
        return { name, input: { command: ['bash', '-lc', command] } }
      case undefined:
        throw new Error(`scripted-model: no shell tool among ${[...tools.keys()]}`)
      default:
        return { name, input: { command } }
    }
  }
  if ('sh' in a) return sh(a.sh)
  if ('read' in a) {
    const name = first(['Read', 'read_file', 'read'], tools)
    if (name === 'Read') return { name, input: { file_path: abs(a.read) } }
    if (name === 'read_file') return { name, input: { file_path: abs(a.read) } }
    if (name === 'read') return { name, input: { filePath: abs(a.read) } }
    return sh(`cat ${JSON.stringify(a.read)}`)
  }
  if ('write' in a) {
    if (code) return patchCall(tools, patchAdd(a.write, a.content))
    const name = first(['Write', 'apply_patch', 'write_file', 'write'], tools)
    if (name === 'Write') return { name, input: { file_path: abs(a.write), content: a.content } }
    if (name === 'write_file') return { name, input: { file_path: abs(a.write), content: a.content } }
    if (name === 'write') return { name, input: { filePath: abs(a.write), content: a.content } }
    if (name === 'apply_patch') return patchCall(tools, patchAdd(a.write, a.content))
    return sh(`cat > ${JSON.stringify(a.write)} <<'EOF'\n${a.content.replace(/\n$/, '')}\nEOF`)
  }
  if ('edit' in a) {
    if (code) return patchCall(tools, patchEdit(a.edit, a.old, a.new))
    const name = first(['Edit', 'apply_patch', 'replace', 'edit'], tools)
    if (name === 'Edit') return { name, input: { file_path: abs(a.edit), old_string: a.old, new_string: a.new } }
    if (name === 'replace')
      return { name, input: { file_path: abs(a.edit), instruction: 'scripted', old_string: a.old, new_string: a.new } }
    if (name === 'edit') return { name, input: { filePath: abs(a.edit), oldString: a.old, newString: a.new } }
    if (name === 'apply_patch') return patchCall(tools, patchEdit(a.edit, a.old, a.new))
    return sh(`apply_patch <<'EOF'\n${patchEdit(a.edit, a.old, a.new)}EOF`)
  }
  if ('plan' in a) {
    const name = first(['TodoWrite', 'update_plan', 'todowrite', 'write_todos', 'TaskCreate'], tools)
    const st = (i) => (i === 0 ? 'in_progress' : 'pending')
    if (name === 'TodoWrite')
      return { name, input: { todos: a.plan.map((s, i) => ({ content: s, activeForm: s, status: st(i) })) } }
    const steps = { plan: a.plan.map((s, i) => ({ step: s, status: st(i) })) }
    if (name === 'update_plan') return { name, input: steps }
    if (code)
      return {
        name: 'exec',
        custom: true,
        input: `text(tools.update_plan ? await tools.update_plan(${JSON.stringify(steps)}) : 'no plan tool')`,
      }
    if (name === 'todowrite')
      return {
        name,
        input: { todos: a.plan.map((s, i) => ({ id: String(i), content: s, status: st(i), priority: 'medium' })) },
      }
    if (name === 'TaskCreate')
      return { name, input: { subject: a.plan[0], description: a.plan.join('\n'), activeForm: a.plan[0] } }
    if (name === 'write_todos')
      return { name, input: { todos: a.plan.map((s, i) => ({ description: s, status: st(i) })) } }
    return sh('true # plan')
  }
  if ('proposePlan' in a) {
    // Claude Code reads the plan from a file whose name it announces in the prompt.
    const exit = { name: 'ExitPlanMode', input: {} }
    if (tools.has('ExitPlanMode') && planFile)
      return [{ name: 'Write', input: { file_path: planFile, content: a.proposePlan } }, exit]
    if (tools.has('ExitPlanMode')) return exit
    if (tools.has('exit_plan_mode')) return { name: 'exit_plan_mode', input: { plan: a.proposePlan } }
    return sh('true # no plan tool')
  }
  throw new Error(`scripted-model: unknown action ${JSON.stringify(a)}`)
}

function patchCall(tools, patch) {
  if (tools.get('exec')?.kind === 'custom')
    return { name: 'exec', custom: true, input: `text(await tools.apply_patch(${JSON.stringify(patch)}))` }
  const kind = tools.get('apply_patch')?.kind
  return kind === 'custom'
    ? { name: 'apply_patch', input: patch, custom: true }
    : { name: 'apply_patch', input: { input: patch } }
}
