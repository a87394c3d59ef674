/** The routes about the workspace's choices. */
import type { Context } from '../context.ts'
import { inWorkspace } from '../database/tenant.ts'
import type { Answers } from '../http/answers.ts'
import { changeChoices, readChoices } from './choices.ts'

export const workspaceAnswers = ({ db }: Context): Pick<Answers, 'workspace' | 'changeWorkspace'> => ({
  workspace: ({ asker }) => inWorkspace(db, asker.workspace, readChoices),
  changeWorkspace: ({ asker, body }) => inWorkspace(db, asker.workspace, (tx) => changeChoices(tx, asker, body)),
})
