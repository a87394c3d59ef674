// Takes the pictures of docs/screens: the sample workspace as people of it would see it, light, dark and on a phone.
//
//   VIEWPORT_TEST_CHROMIUM=$(which chromium) node e2e/browser/testing/pictures.ts [FOLDER]
import { join } from 'node:path'

import type { Page } from 'playwright-core'

import { ROOT } from '../../testing/place.ts'
import { approve, decide, open, until } from './inbox.ts'
import { startSample } from './sample.ts'
import { cameraFor, onNoMachine } from './take.ts'
import { takeTeam } from './team-pictures.ts'
import { takeTry } from './try-pictures.ts'
import { closeBrowser, openBrowser, visit } from './visit.ts'

const camera = cameraFor(process.argv[2] ?? join(ROOT, 'docs/screens'))
const { take, takePhone } = camera

const browser = await openBrowser()
const sample = await startSample('pictures')
try {
  const jess = (await visit(browser, sample, 'jess', { still: true })).page
  await onNoMachine(jess)
  const door = await browser.newPage({ baseURL: sample.url, viewport: { width: 1440, height: 900 } })
  await door.goto('/sign-in')
  await take(door, 'sign-in')
  await door.close()

  const at = async (path: string, ready: string): Promise<Page> => {
    await jess.goto(path)
    await jess.waitForSelector(ready)
    return jess
  }
  /** Pages that are pictures as they open. */
  const takeEach = async (pages: readonly (readonly [path: string, ready: string, name: string])[]): Promise<void> => {
    for (const [path, ready, name] of pages) await take(await at(path, ready), name)
  }
  await at('/inbox', '.decide[data-standing=ready]')
  await take(jess, 'plan')

  // What the other people of the team have brought in meanwhile.
  await sample.startBy('sam', 'fix-bug', 'Gift wrap is charged twice')
  await sample.startBy('dana', 'fix-bug', 'A voucher of 0 % empties the cart')
  await at('/inbox', '.decide[data-standing=ready]')
  await open(jess, 'A voucher of 0 %')
  await decide(jess, 'r')
  await jess.getByLabel(/Why not/).fill('Sold out of vouchers: the page is taken down today.')
  await jess.keyboard.press('Control+Enter')
  await until(jess, 'closed')

  await open(jess, 'Three mugs')
  await approve(jess)
  await open(jess, 'git push')
  await take(jess, 'command')
  await approve(jess)
  await open(jess, 'Open the change of 1 file in acme/shop')
  await jess.waitForSelector('.kv:has-text("1 of 1 file") .done') // its end was on the screen long enough
  await sample.startBy('sam', 'fix-bug', 'Receipt rounds to whole cents too early')
  await at('/inbox', '.fresh, .item')
  await open(jess, 'Open the change of 1 file in acme/shop')
  await take(jess, 'inbox')
  const change = new URL(jess.url()).pathname
  await at('/board', 'a.row')
  await take(jess, 'board')

  const phone = (await visit(browser, sample, 'jess', { width: 390, height: 844, still: true })).page
  await phone.goto('/inbox')
  await phone.waitForSelector('.item')
  await takePhone(phone, 'inbox-list')
  await phone.goto(change)
  await until(phone, 'ready')
  await takePhone(phone, 'inbox')
  await phone.goto('/board')
  await phone.waitForSelector('a.row')
  await takePhone(phone, 'board')

  await at(change, '.decide[data-standing=ready]')
  await jess.waitForTimeout(500) // keys are dead in the first moment
  await approve(jess)
  await at('/runs/1', '.badge:text-is("change open")')
  await jess.getByRole('button', { name: 'Checks' }).click()
  await jess.waitForSelector('.log footer :text("checked")')
  await take(jess, 'run')
  await takeEach([
    ['/runs/1?show=diff', ':text("verified in this browser")', 'run-diff'],
    ['/runs/1?show=context', '.runpane table', 'run-context'],
    ['/runs/1?show=left', '.left table', 'run-egress'],
    ['/runs/1?show=facts', '.fact', 'run-ledger'],
  ])
  await phone.goto('/runs/1')
  await phone.waitForSelector('.tl li')
  await takePhone(phone, 'run')

  await takeEach([
    ['/runs', 'a.row', 'runs'],
    ['/workflows', 'a.wfrow', 'workflows'],
    ['/workflows/fix-bug', '.cm-content', 'workflow'],
    ['/workflows/templates', '.tplrow', 'templates'],
    ['/workflows/templates/support-to-pr', '.tpl', 'template'],
  ])
  await at('/workflows/new', '.cm-content')
  await jess.locator('.cm-line', { hasText: 'git.open_change' }).click()
  await jess.keyboard.press('End')
  await jess.keyboard.press('ArrowLeft')
  await jess.keyboard.press('Backspace')
  await jess.waitForSelector('.errbox')
  await take(jess, 'workflow-error')
  await takeEach([
    ['/runners', '.runner', 'runners'],
    ['/pair', '#code', 'pair'],
  ])
  await at('/deliveries', 'a.dlv')
  await jess.locator('a.dlv', { hasText: 'Three mugs' }).click()
  await jess.waitForSelector('.wf')
  await take(jess, 'why')

  // Someone for whom nothing waits.
  const sam = (await visit(browser, sample, 'sam', { still: true })).page
  await sam.goto('/inbox')
  await sam.waitForSelector('.first')
  await take(sam, 'inbox-empty')
  await takeTeam(browser, camera)
  await takeTry(browser, camera)
} finally {
  await closeBrowser(browser)
  await sample.stop()
}
