/**
 * What does this text mean, compiled in this browser?
 * The same compiler as on the server, loaded when an editor opens.
 */
import { compileWorkflow, type CompileResult } from '@viewportai/core/workflow/compile'
import { useMemo } from 'react'

export type Compiled = CompileResult

export const useCompiled = (source: string): CompileResult => useMemo(() => compileWorkflow(source), [source])
