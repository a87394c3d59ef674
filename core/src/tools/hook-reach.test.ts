import { expect, test } from 'vitest'
import { hookReach } from './hook-reach.ts'

test.each([
  ['http://127.0.0.1:7171/hooks/src_1', 'Only from this machine can anything be sent to 127.0.0.1.'],
  ['http://localhost:7171/hooks/src_1', 'Only from this machine can anything be sent to localhost.'],
  ['http://viewport.localhost/hooks/src_1', 'Only from this machine can anything be sent to viewport.localhost.'],
  ['http://[::1]:7171/hooks/src_1', 'Only from this machine can anything be sent to ::1.'],
  ['https://10.1.2.3/hooks/src_1', 'Only from this network can anything be sent to 10.1.2.3.'],
  ['https://[fd12::1]/hooks/src_1', 'Only from this network can anything be sent to fd12::1.'],
  ['https://viewport/hooks/src_1', 'Only from this network can anything be sent to viewport.'],
  ['https://viewport.internal/hooks/src_1', 'Only from this network can anything be sent to viewport.internal.'],
])('%s is not for everybody', (url, words) => {
  expect(hookReach(url)).toContain(words)
  expect(hookReach(url)).toContain('VIEWPORT_PUBLIC_URL')
})

test.each([
  'https://viewport.acme.example/hooks/src_1',
  'https://8.8.8.8/hooks/src_1',
  'https://[2606:4700::1]/hooks/src_1',
  'http://local.acme.dev/hooks/src_1',
])('%s says nothing against itself', (url) => expect(hookReach(url)).toBeNull())
