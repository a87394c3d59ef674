import { expect, test } from 'vitest'
import { describeSettings, readSettings, settingTable } from './settings.ts'

test('nothing set gives the defaults', () => {
  expect(readSettings({})).toMatchObject({ databaseUrl: null, key: null, host: '127.0.0.1' })
})

test('every wrong one is named at once', () => {
  expect(() =>
    readSettings({ DATABASE_URL: 'mysql://x', VIEWPORT_PORT: '99999', VIEWPORT_LEASE_SECONDS: 'soon' }),
  ).toThrow(
    /DATABASE_URL must be a URL like postgresql:.*\nVIEWPORT_PORT must be a whole number from 0 to 65535, not "99999".\nVIEWPORT_LEASE_SECONDS must be/,
  )
})

test('an empty text is as good as none', () => {
  expect(readSettings({ DATABASE_URL: '', VIEWPORT_PORT: '', VIEWPORT_DATA_DIR: '' })).toEqual(readSettings({}))
})

test('every setting documents itself, and has one name', () => {
  const all = Object.values(settingTable)
  expect(new Set(all.map((one) => one.name)).size).toBe(all.length)
  for (const one of all) {
    expect(one.says).toMatch(/^[A-Z0-9].*\.$/)
    expect(describeSettings()).toContain(`${one.name}\n  ${one.says}\n  Default: ${one.shownDefault}`)
  }
})
