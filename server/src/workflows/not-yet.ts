/**
 * What may a valid workflow say that this version does not carry out?
 * docs/workflow.md lists the same words, and a test compares the two lists.
 */
import { tools } from '@viewportai/core/event/tools'
import type { Compiled } from '@viewportai/core/workflow/compiled'
import { connectionsNeeded, namesNeeded } from '@viewportai/core/workflow/connections'
import { toolNamed } from '../tools/table.ts'
import { lacking, type MissingThing } from './finding.ts'

type NotYet = { readonly word: string; readonly missing: (compiled: Compiled) => MissingThing[] }

/** Tools that a file may name and that nothing connects yet. */
const unconnected = Object.keys(tools).filter((tool) => !tools[tool]!.builtIn && toolNamed(tool) === null)

/** Each by the word that stands in a file. */
export const notYet: readonly NotYet[] = [
  ...unconnected.map((word) => ({
    word,
    missing: (compiled: Compiled) =>
      connectionsNeeded(compiled)
        .filter(({ tool }) => tool === word)
        .map(({ for: uses }) =>
          lacking(
            'connection',
            word,
            `${tools[word]!.title} is not connected (${uses.join(', ')}); this version of Viewport has no connection to it`,
            'Use a webhook or a manual trigger, and git.open_change',
          ),
        ),
  })),
  {
    word: 'remember',
    missing: ({ steps }) =>
      steps.some((step) => step.kind === 'remember')
        ? [lacking('action', 'remember', 'this version of Viewport does not keep notes', 'Leave the step out')]
        : [],
  },
  {
    word: 'history',
    missing: ({ context }) =>
      context.some((wish) => wish.kind === 'history')
        ? [
            lacking(
              'context',
              'history',
              'this version of Viewport does not give agents what earlier runs did',
              'Leave it out of the context',
            ),
          ]
        : [],
  },
  {
    word: 'on-call',
    missing: (compiled) =>
      namesNeeded(compiled).onCall.map((rotation) =>
        lacking(
          'connection',
          rotation ? `on-call:${rotation}` : 'on-call',
          'this version of Viewport knows no on-call schedule',
          'Name a team instead',
        ),
      ),
  },
  {
    word: 'codeowners',
    missing: (compiled) =>
      namesNeeded(compiled).codeowners
        ? [lacking('people', 'codeowners', 'this version of Viewport does not read CODEOWNERS', 'Name a team instead')]
        : [],
  },
]
