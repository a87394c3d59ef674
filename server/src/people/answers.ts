/** The routes about people and teams. */
import type { Context } from '../context.ts'
import { inWorkspace } from '../database/tenant.ts'
import type { Answers } from '../http/answers.ts'
import { asPerson } from '../sign-in/asker.ts'
import { linkAccount, readAccounts, unlinkAccount } from './accounts.ts'
import { addPerson, addTeam, changePerson } from './add.ts'
import { readPeople, readTeams } from './read.ts'

export const peopleAnswers = ({
  db,
}: Context): Pick<
  Answers,
  'people' | 'addPerson' | 'changePerson' | 'addTeam' | 'accounts' | 'linkAccount' | 'unlinkAccount'
> => ({
  people: ({ asker }) =>
    inWorkspace(db, asker.workspace, async (tx) => ({ people: await readPeople(tx), teams: await readTeams(tx) })),
  addPerson: ({ asker, body }) => inWorkspace(db, asker.workspace, (tx) => addPerson(tx, asPerson(asker), body)),
  changePerson: ({ asker, params, body }) =>
    inWorkspace(db, asker.workspace, (tx) => changePerson(tx, asPerson(asker), params.person, body)),
  linkAccount: async ({ asker, params, body }) =>
    (await inWorkspace(db, asker.workspace, (tx) => linkAccount(tx, asPerson(asker), params.person, body))) ??
    undefined,
  accounts: ({ asker }) => inWorkspace(db, asker.workspace, async (tx) => ({ accounts: await readAccounts(tx) })),
  unlinkAccount: async ({ asker, params }) =>
    (await inWorkspace(db, asker.workspace, (tx) =>
      unlinkAccount(tx, asPerson(asker), params.person, params.account),
    )) ?? undefined,
  addTeam: ({ asker, body }) => inWorkspace(db, asker.workspace, (tx) => addTeam(tx, asPerson(asker), body)),
})
