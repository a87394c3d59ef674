/**
 * What does a JUnit report say?
 * Read once, as a stream of tags: nothing outside of it is ever opened, a document type is refused (so no entity can grow), and depth and numbers have limits. https://github.com/testmoapp/junitxml
 */
import { SaxesParser } from 'saxes'

/** A test that failed, or that passed only when it was tried again. Names and messages come from outside. */
export type Test = { readonly name: string; readonly message: string }
export type Junit = { readonly tests: number; readonly failed: readonly Test[]; readonly flaky: readonly Test[] }

/** Tags that may lie in one another. Reports nest suites a few times. */
const deepest = 40
const tagsAtMost = 400_000
/** Of one tag, in all that is before its end: half a million of them are seconds and a gigabyte. */
const attributesAtMost = 100
const keptAtMost = 500
const messageAtMost = 2_000
const nameAtMost = 500

const failures = new Set(['failure', 'error'])
/** Surefire's: the test was tried again and passed in the end. */
const flakes = new Set(['flakyFailure', 'flakyError'])

class Flaw extends Error {}

/** The report, or why it cannot be read (a part of a sentence). */
export const readJunit = (text: string): Junit | string => {
  const parser = new SaxesParser()
  const report = { tests: 0, failed: [] as Test[], flaky: [] as Test[] }
  const open: string[] = []
  const suites: string[] = []
  let tags = 0
  let attributesHere = 0
  let root = ''
  /** The test that is open, with its name in two parts: most tests pass, and are never named. */
  let test: { group: string; own: string; failed: boolean; flaky: boolean; message: string; listens: boolean } | null =
    null
  parser.on('error', (error) => {
    throw new Flaw(error.message)
  })
  parser.on('doctype', () => {
    throw new Flaw('it has a document type, which no report needs')
  })
  parser.on('attribute', ({ name }) => {
    if (++attributesHere > attributesAtMost)
      throw new Flaw(`a tag has more than ${attributesAtMost} attributes, the last of them ${name.slice(0, 40)}`)
  })
  parser.on('opentag', ({ name, attributes }) => {
    attributesHere = 0
    if (++tags > tagsAtMost) throw new Flaw(`it has more than ${tagsAtMost} tags`)
    if (open.length === deepest) throw new Flaw(`it is nested deeper than ${deepest} levels`)
    if (open.length === 0) root = name
    open.push(name)
    if (name === 'testsuite') suites.push(nameIn(attributes['name']))
    if (name === 'testcase') {
      report.tests++
      const group = nameIn(attributes['classname']) || suites.at(-1) || ''
      test = { group, own: nameIn(attributes['name']), failed: false, flaky: false, message: '', listens: false }
    }
    if (test && (failures.has(name) || flakes.has(name))) {
      if (failures.has(name)) test.failed = true
      else test.flaky = true
      test.message ||= (attributes['message'] ?? '').slice(0, messageAtMost)
      test.listens = true
    }
  })
  const listen = (words: string): void => {
    if (test?.listens && test.message.length < messageAtMost) test.message += words.slice(0, messageAtMost)
  }
  parser.on('text', listen)
  parser.on('cdata', listen)
  parser.on('closetag', ({ name }) => {
    open.pop()
    if (name === 'testsuite') suites.pop()
    if (test && (failures.has(name) || flakes.has(name))) test.listens = false
    if (name !== 'testcase' || !test) return
    const { group, own, message } = test
    const list = test.failed ? report.failed : test.flaky ? report.flaky : null
    if (list && list.length < keptAtMost)
      list.push({
        name: (group ? `${group} > ${own}` : own).slice(0, nameAtMost),
        message: message.trim().slice(0, messageAtMost),
      })
    test = null
  })
  try {
    parser.write(text).close()
  } catch (error) {
    if (error instanceof Flaw) return `it is no XML that can be read: ${nameIn(error.message).slice(0, 200)}`
    throw error
  }
  return root === 'testsuites' || root === 'testsuite'
    ? report
    : `it is no JUnit report: it begins with <${nameIn(root).slice(0, 60)}>, and not with <testsuites> or <testsuite>`
}

/** A suite's name counts for each of its tests: cut before anything is done with it. */
const nameIn = (text = ''): string => oneLine(text.slice(0, 4 * nameAtMost)).slice(0, nameAtMost)
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()
