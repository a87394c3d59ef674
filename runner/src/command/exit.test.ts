import { expect, test } from 'vitest'
import { NewerVpd } from '../disk/newer.ts'
import { endOf, exitCodes } from './exit.ts'

test('a folder that vpd may not use is told with its path and what to do', () => {
  const error = Object.assign(new Error("EACCES: permission denied, scandir '/srv/vpd/runners'"), {
    code: 'EACCES',
    path: '/srv/vpd/runners',
  })
  expect(endOf(error)).toMatchObject({
    code: exitCodes.fault,
    message:
      'vpd may not use /srv/vpd/runners (EACCES). Run it as the user it belongs to, or name another folder with --home.',
  })
})

test('a full disk is told as one, with what to do', () => {
  const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  expect(endOf(new Error('the list could not be kept', { cause: error }))).toMatchObject({
    code: exitCodes.fault,
    message:
      'The disk is full. Make room and start vpd again; what it had kept is still there, and `vpd doctor` says how much room there is.',
  })
})

test('what nobody expected is a fault with its words', () =>
  expect(endOf(new Error('a wheel came off'))).toMatchObject({
    code: exitCodes.fault,
    message: 'vpd failed: a wheel came off',
  }))

test('what a newer vpd left is a refusal, with the way back', () =>
  expect(endOf(new NewerVpd('/home/x/journal/a.ndjson'))).toMatchObject({
    code: exitCodes.refused,
    message: expect.stringMatching(/^\/home\/x\/journal\/a\.ndjson was written by a newer vpd.*vpd drain --wait/),
  }))
