// What is wrong with a page as it is now, as far as a program can see it.
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/**
 * What axe finds: rule, place, what to do. In one piece ("legacy") and not in a blank page that is opened for it each time, which takes as long
 * again: the difference is what axe sees in frames of other origins. A page of ours has no frames; one that has is not looked at by half.
 */
export const violations = async (page: Page): Promise<string[]> => {
  if (page.frames().length > 1) throw new Error(`${page.url()} has frames, in which axe would not look`)
  const { violations: found } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze()
  return found.map(
    (one) =>
      `${one.id}: ${one.nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary ?? ''}`).join(' | ')}`,
  )
}

/** What is wider than the window, or scrolls sideways inside it, but what is meant to. */
export const sideways = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll('main, main *')]
      .filter((element) => {
        const style = getComputedStyle(element)
        return (
          element.scrollWidth > element.clientWidth + 1 &&
          (element === document.documentElement || /auto|scroll/.test(style.overflowX)) &&
          !element.matches('.prose .scroll')
        )
      })
      .map((element) => `${element.tagName}.${element.className} ${element.scrollWidth} > ${element.clientWidth}`),
  )

/** Light, dark, on a phone, and 1440 × 900 at 200 %. */
const looks = [
  ['light', 1440, 900],
  ['dark', 1440, 900],
  ['light', 390, 844],
  ['light', 720, 450],
] as const

/** No violation and nothing sideways in any of these looks; the page is as it was afterwards. */
export const looksRight = async (page: Page, where: string): Promise<void> => {
  const before = page.viewportSize()!
  const found: string[] = []
  for (const [colorScheme, width, height] of looks) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height })
    found.push(
      ...[...(await violations(page)), ...(await sideways(page))].map((one) => `${colorScheme} ${width}: ${one}`),
    )
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize(before)
  expect(found, where).toEqual([])
}

/** Where the keyboard is: role or tag with its words. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement: at } = document
    if (!(at instanceof HTMLElement)) return ''
    const words =
      at.getAttribute('aria-label') ??
      ('labels' in at ? (at as HTMLInputElement).labels?.[0]?.textContent : null) ??
      at.textContent
    return `${at.tagName.toLowerCase()} ${(words ?? '').replaceAll(/\s+/g, ' ').trim()}`
  })
