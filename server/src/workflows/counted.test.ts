// How often has each workflow of a list run, and when last?
import { expect, test } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { specFor, Story } from '../../test/story.ts'

const { plane, workspace } = await testPlane()

test('runs are counted for the workflow they are of, the newest is the last, and one that never ran says so', async () => {
  const acme = await workspace('acme', ['payments'])
  const save = async (name: string): Promise<string> => {
    const source = `name: ${name}\nteam: payments\ntrigger: manual\nrepos: [acme/shop]\n`
    return (await acme.admin.post('/api/workflows', { source })).body.id
  }
  const [often, once] = [await save('often'), await save('once'), await save('unused')]
  for (const id of [often, once, often]) {
    const spec = specFor(acme.admin)
    await new Story(plane.context.db, acme.id).start({ ...spec, workflow: { ...spec.workflow, id } })
  }
  const { rows } = (await acme.admin.get('/api/runs')).body as { rows: { number: number; startedAt: number }[] }
  const startOf = (number: number) => rows.find((row) => row.number === number)!.startedAt
  const { workflows } = (await acme.admin.get('/api/workflows')).body
  expect(workflows).toMatchObject([
    { name: 'often', runs: 2, lastRunAt: startOf(3) },
    { name: 'once', runs: 1, lastRunAt: startOf(2) },
    { name: 'unused', runs: 0, lastRunAt: null },
  ])
  expect((await acme.admin.get('/api/workflows/often')).body).toMatchObject({ runs: 2, lastRunAt: startOf(3) })
})
