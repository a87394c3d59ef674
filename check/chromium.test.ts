import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { browser } from './browser.ts'
import { findChromium } from './chromium.ts'

test('CHROMIUM_PATH wins over what is on the path', () => {
  const folder = mkdtempSync(join(tmpdir(), 'viewport-chromium-'))
  try {
    writeFileSync(join(folder, 'chromium'), '')
    chmodSync(join(folder, 'chromium'), 0o755)
    expect(findChromium({ PATH: folder })).toBe(join(folder, 'chromium'))
    expect(findChromium({ PATH: folder, CHROMIUM_PATH: '/elsewhere' })).toBe('/elsewhere')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a browser that is not where CHROMIUM_PATH says is red, not skipped', async () => {
  const env = { CHROMIUM_PATH: '/nothing/here' }
  const found = await browser.run({ root: '.', env, live: false, atEnd: () => {} })
  expect(found).toMatchObject({ passed: 0, failed: 1, complaint: expect.stringContaining('/nothing/here') })
})
