/**
 * Is this text a workflow, and what does it mean with every default written out?
 * Text in, compiled workflow (or every error at once) out. It never asks whether names resolve: that is readiness, on the server.
 */
import type { Compiled } from './compiled.ts'
import type { WorkflowError } from './mistake.ts'
import type { Summary } from './summary.ts'
import type { StepGraph } from './graph.ts'

export type CompileResult =
  | { ok: true; compiled: Compiled; digest: string; summary: Summary; graph: StepGraph }
  | { ok: false; errors: WorkflowError[] }

/** Compiles a workflow file's text. `file` only names it in errors. Never throws on any text. */
export const compileWorkflow = (_source: string, _file = 'workflow.yaml'): CompileResult => {
  throw new Error('compileWorkflow is being written')
}
