/** Which people and teams does a workflow name, and can as many decide as it asks for? */
import type { Compiled, GateStep } from '@viewportai/core/workflow/compiled'
import { namesNeeded } from '@viewportai/core/workflow/connections'
import { lacking, type Finding } from './finding.ts'
import type { PersonView } from '../people/read.ts'
import { holders, type World } from './world.ts'

export const peopleNeeds = (compiled: Compiled, world: World): Finding[] => {
  const names = namesNeeded(compiled)
  return [
    ...names.teams.map((slug) => team(slug, world)),
    ...names.users.map((handle) => user(handle, world)),
    ...names.roles.flatMap(role),
    ...enough(compiled, world),
  ]
}

const team = (slug: string, world: World): Finding => {
  if (!world.teams.some((one) => one.slug === slug))
    return lacking('team', slug, 'no team has this name', 'Add the team', {
      href: '/settings/people',
      command: `viewport teams add ${slug} --name NAME`,
    })
  const members = world.people.filter((one) => one.active && one.teams.includes(slug))
  return members.length > 0
    ? { kind: 'team', name: slug, to: members.map((one) => `@${one.handle}`).join(', ') }
    : lacking('team', slug, 'nobody is in this team', 'Add somebody to the team', {
        href: '/settings/people',
        command: `viewport people change @HANDLE --team ${slug}`,
      })
}

const user = (handle: string, world: World): Finding => {
  const person = world.people.find((one) => one.handle === handle || one.id === handle)
  if (person?.active) return { kind: 'person', name: `@${person.handle}`, to: person.name }
  return lacking(
    'people',
    `@${handle}`,
    person ? 'this person has left' : 'nobody has this handle',
    person ? 'Name somebody else' : 'Add the person',
    person ? {} : { href: '/settings/people', command: `viewport people add ${handle} --name NAME` },
  )
}

const role = (name: string): Finding[] =>
  name === 'admin' || name === 'member'
    ? []
    : [lacking('people', `role:${name}`, 'there are the roles admin and member', 'Name a role that exists')]

/** A gate that asks for more votes than there are people would wait for ever: so counted that it can be passed whoever asks for the run. */
const enough = (compiled: Compiled, world: World): Finding[] =>
  compiled.steps
    .filter((step): step is GateStep => step.kind === 'gate')
    .flatMap((gate): Finding[] => {
      const all = holders(world, gate.approvers)
      if (all.length === 0) return [] // the team or the person is what is missing
      const { leftOut, why } = excludedAtMost(gate, all, compiled, world)
      const may = Math.max(0, all.length - leftOut)
      const counted = `${may === 0 ? 'nobody' : may === 1 ? 'one person' : `${may} people`} may give one${why}`
      if (may < gate.required)
        return [
          lacking(
            'people',
            gate.name,
            `${gate.required === 1 ? 'a vote is' : `${gate.required} votes are`} asked for and ${counted}`,
            'Add approvers, or ask for fewer votes',
          ),
        ]
      // Which files a change touches is not known yet: said, not held against the workflow.
      return (gate.gate === 'change' || gate.gate === 'action') && may === gate.required
        ? [
            {
              kind: 'people',
              name: gate.name,
              to: `${counted}; a change of protected files needs ${gate.required + 1} votes and would wait for somebody else`,
            },
          ]
        : []
    })

/** How many of these may be left out of one vote, at most, and in which words. */
const excludedAtMost = (
  gate: GateStep,
  all: readonly PersonView[],
  compiled: Compiled,
  world: World,
): { leftOut: number; why: string } => {
  const asks = all.length > 1 && (gate.exclude.includes('requester') || gate.exclude.includes('author'))
  const pool = compiled.runner.pool ?? world.defaultPool
  const owns =
    gate.exclude.includes('runner_owner') &&
    world.runners.some((runner) => runner.pool === pool && all.some((one) => one.id === runner.owner))
  const who = [...(asks ? ['whoever asks for the run'] : []), ...(owns ? ['who owns its runner'] : [])]
  return { leftOut: who.length, why: who.length === 0 ? '' : `, as ${who.join(' and ')} may not` }
}
