// Is everything else of a control plane ended when one part of it fails to end?
import { expect, test } from 'vitest'
import { testPlane } from '../test/plane.ts'

test('an engine that fails to end is named; requests and database are ended all the same', async () => {
  const { plane, url } = await testPlane()
  const { engine, db } = plane.context
  const really = engine.close.bind(engine)
  Object.assign(engine, {
    close: async () => {
      await really()
      throw new Error('it broke')
    },
  })
  await expect(plane.close()).rejects.toThrow('While stopping the engine: it broke')
  await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  await expect(db.app.query('select 1')).rejects.toThrow()
})
