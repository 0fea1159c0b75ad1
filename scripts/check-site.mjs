#!/usr/bin/env node
/**
 * `npm run check:site`: tests the built site in a headless Chromium, as a reader uses it: navigation, search, dark
 * mode, copy buttons, tabs, a phone. No page may have an error, a request to another host or something wider than the
 * screen. The screenshots are kept in the folder that it prints.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { serve } from '../site/browser/server.mjs'
import { chromium } from './chromium.mjs'
import { Checks, root } from './lib.mjs'
import { services } from './services.mjs'

const { chromium: playwright } = createRequire(join(root, 'site', 'package.json'))('playwright-core')
const dist = join(root, '.cache', 'site', 'dist')
const screenshots = join(root, '.cache', 'site', 'screenshots')
const phone = { viewport: { width: 375, height: 812 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }
const desktop = { viewport: { width: 1280, height: 900 } }
/** The limit for an action that hangs. A page normally loads in a fraction of a second. */
const timeoutMs = 60_000

const checks = new Checks()
for (const page of ['index.html', 'api/index.html'])
  if (!existsSync(join(dist, page))) throw new Error(`the site has no ${page}: npm run docs:site`)
rmSync(screenshots, { recursive: true, force: true })
mkdirSync(screenshots, { recursive: true })
const pages = readdirSync(dist, { recursive: true })
  .filter((file) => file.endsWith('.html') && !file.startsWith('api') && file !== '404.html')
  .map((file) => `/${file.replace(/(index)?\.html$/, '')}`)
  .sort()

const site = await serve(dist)
const browser = await launch()
try {
  await withPage('each page: no error, no request to another host, nothing off the screen', desktop, eachPage)
  await withPage('each page on a phone: nothing is wider than the screen', phone, eachPage)
  await withPage('the landing page leads to a document, the sidebar to the next', desktop, navigation)
  await withPage('the landing page has an answer for each service', desktop, answers)
  await withPage('the navigation leads to the API', desktop, api)
  await withPage('links inside a page, and a page by its address', desktop, anchors)
  await withPage('search for a code leads to its heading', desktop, codes)
  await withPage('search finds a code, a mechanism and a service', desktop, search)
  await withPage('dark mode: by its switch, and the choice is kept', desktop, darkMode)
  await withPage('dark mode: by the setting of the system', { ...desktop, colorScheme: 'dark' }, darkSystem)
  await withPage('a copy button copies the code', desktop, copyButton)
  await withPage('tabs show one form of a program at a time', desktop, tabs)
  await withPage('a phone: menu, sidebar and search', phone, onPhone)
  await checks.check('screenshots of the landing page, a guide, a phone, dark mode', () => {
    const missing = ['landing', 'guide', 'phone', 'dark'].filter(
      (name) => !existsSync(join(screenshots, `${name}.png`)),
    )
    if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`)
  })
  console.log(`screenshots: ${screenshots}`)
} finally {
  await browser.close()
  site.close()
}
checks.finish()

function launch() {
  // Root cannot use the sandbox, and only our own pages are loaded. /dev/shm is not used, because it is small in a
  // container.
  const args = ['--no-sandbox', '--disable-dev-shm-usage']
  return playwright.launch({ executablePath: chromium(), args, timeout: timeoutMs })
}

/** A new reader without stored settings. An error of the page, or a request to another host, fails the check. */
function withPage(title, options, look) {
  return checks.check(title, async () => {
    const context = await browser.newContext({ ...options, reducedMotion: 'reduce' })
    context.setDefaultTimeout(timeoutMs)
    const complaints = []
    const page = await context.newPage()
    const at = () => page.url().replace(site.origin, '')
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(`${at()}: ${message.text()}`)
    })
    page.on('pageerror', (error) => complaints.push(`${at()}: ${error.message}`))
    page.on('response', (response) => {
      if (response.status() >= 400) complaints.push(`${at()}: ${response.status()} for ${response.url()}`)
    })
    await context.route('**/*', (route) => {
      const url = route.request().url()
      if (url.startsWith(`${site.origin}/`) || url.startsWith('data:')) return route.continue()
      complaints.push(`${at()}: sends a request to ${url}`)
      return route.abort()
    })
    try {
      await look(page, context)
    } finally {
      await context.close()
    }
    if (complaints.length > 0) throw new Error([...new Set(complaints)].join('\n'))
  })
}

/**
 * Loads each page and waits until its scripts run. Then the page must fit in the width, and all its images must be
 * loaded.
 */
async function eachPage(page) {
  const found = []
  for (const path of pages) {
    await open(page, path)
    const problems = await page.evaluate(() => {
      const width = document.documentElement.clientWidth
      const wide = document.documentElement.scrollWidth > width
      // The content of a box that scrolls is not the cause.
      const inScroller = (element) => {
        for (let box = element.parentElement; box && box !== document.body; box = box.parentElement)
          if (getComputedStyle(box).overflowX !== 'visible') return true
        return false
      }
      const culprits = wide
        ? [...document.body.querySelectorAll('*')]
            .filter((element) => element.getBoundingClientRect().right > width + 1 && !inScroller(element))
            .map(
              (element) =>
                `${element.tagName.toLowerCase()}.${element.className} ${element.textContent?.slice(0, 40)}`,
            )
            .slice(0, 3)
        : []
      const broken = [...document.images]
        .filter((image) => image.complete && image.naturalWidth === 0)
        .map((image) => image.src)
      return [
        ...(wide ? [`wider than the screen: ${culprits.join('; ')}`] : []),
        ...[...document.querySelectorAll('.vp-doc table')]
          .filter((table) => table.scrollWidth > table.clientWidth + 1)
          .map((table) => `columns of a table are off the screen: ${table.textContent.trim().slice(0, 40)}`),
        ...[...document.querySelectorAll('.vp-doc a[href^="/"]')]
          .filter(({ textContent }) => textContent.endsWith('.md'))
          .map(({ textContent }) => `a link shows the name of a file: ${textContent}`),
        ...broken.map((source) => `an image is missing: ${source}`),
        ...(document.querySelector('h1') ? [] : ['it has no heading']),
        ...[...document.querySelectorAll('.vp-doc pre')]
          .filter((code) => !code.parentElement.querySelector('button.copy'))
          .map((code) => `code without a copy button: ${code.textContent.slice(0, 40)}`),
      ]
    })
    found.push(...problems.map((problem) => `${path}: ${problem}`))
  }
  if (found.length > 0) throw new Error(found.join('\n'))
}

async function navigation(page) {
  await open(page, '/')
  await page.screenshot({ path: join(screenshots, 'landing.png') })
  await page.getByRole('link', { name: 'Which package do I need' }).first().click()
  await heading(page, 'Which package do I need')
  await page.locator('.VPSidebar').getByRole('link', { name: 'TLS', exact: true }).click()
  await heading(page, 'TLS')
  await page.screenshot({ path: join(screenshots, 'guide.png') })
  await page.locator('.VPDocFooter').getByRole('link').last().click()
  await heading(page, 'Certificates')
  await page.goBack()
  await heading(page, 'TLS')
  await page.locator('.VPNavBarMenu').getByRole('link', { name: 'Get started' }).click()
  await heading(page, 'Which package do I need')
  await page.locator('.VPNavBarMenu').getByRole('link', { name: 'Documents' }).click()
  await heading(page, 'Documents')
}

async function answers(page) {
  await open(page, '/')
  // The first screen must show the name of each service, and the code of the first.
  await page.setViewportSize({ width: 1280, height: 800 })
  const below = await page.evaluate(
    (titles) => {
      const lowest = (element) => element?.getBoundingClientRect().bottom ?? Number.POSITIVE_INFINITY
      const links = [...document.querySelectorAll('.vp-doc a')]
      const places = titles.map((title) => [
        title,
        lowest(links.find(({ textContent }) => textContent === title)),
      ])
      places.push(['the first lines of code', lowest(document.querySelector('.services .language-js .line'))])
      return places.filter(([, bottom]) => bottom > innerHeight).map(([what]) => what)
    },
    services.map(({ title }) => title),
  )
  if (below.length > 0) throw new Error(`not on the first screen: ${below.join(', ')}`)
  for (const { title } of services) {
    const answer = page
      .locator('.services > div')
      .filter({ has: page.getByRole('heading', { name: title, exact: false }) })
    await answer.first().getByText('new Client(').waitFor()
  }
  await page.locator('.services').scrollIntoViewIfNeeded()
  await page.screenshot({ path: join(screenshots, 'services.png') })
}

async function api(page) {
  await open(page, '/')
  await page.locator('.VPNavBarMenu').getByRole('link', { name: 'API' }).click()
  await page.waitForURL(/\/api\//)
  await page
    .getByRole('link', { name: /auth-core/ })
    .first()
    .click()
  await page.getByText('findAuthError').first().waitFor()
  // The search of the documents does not include these pages, so they have their own search, and a link back.
  await page.locator('#tsd-search-trigger').waitFor()
  await page.getByRole('link', { name: 'Documents' }).first().click()
  await heading(page, 'Documents')
}

async function anchors(page) {
  await open(page, '/docs/errors#login_refused')
  await inView(page, 'login_refused')
  await open(page, '/docs/tls')
  const link = page.locator('.VPDocAsideOutline').getByRole('link', { name: 'Managed services' })
  await link.click()
  await inView(page, 'managed-services')
  if (!page.url().endsWith('#managed-services')) throw new Error(`the address is ${page.url()}`)
}

async function search(page) {
  /** Maps the typed words to the page that one of the first results must lead to. */
  const questions = {
    SERVER_NOT_VERIFIED: /\/docs\/errors/,
    'SCRAM-SHA-256': /sasl/,
    Cosmos: /which-package|tls/,
    'localDataCenter is required': /coming-from\/python/,
  }
  for (const [question, expected] of Object.entries(questions)) {
    await open(page, '/')
    await page.getByRole('button', { name: 'Search' }).first().click()
    await page.locator('.VPLocalSearchBox input').fill(question)
    const result = page.locator('.VPLocalSearchBox .result').first()
    await result.waitFor()
    const targets = await page
      .locator('.VPLocalSearchBox .result')
      .evaluateAll((links) => links.slice(0, 5).map((link) => link.getAttribute('href')))
    if (!targets.some((target) => expected.test(target)))
      throw new Error(`'${question}' leads to ${targets.join(' ')}`)
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => `${url.pathname}${url.hash}` === targets[0])
    await page.locator('.VPDoc h1').waitFor()
  }
  await page.getByRole('button', { name: 'Search' }).first().click()
  await page.locator('.VPLocalSearchBox input').fill('qqxzzyqqx')
  await page.getByText('the API has its own search').waitFor()
}

/** Every code that the pages explain, as a reader copies it from a log. */
async function codes(page, context) {
  const explained = new Map()
  for (const path of ['/docs/errors', '/docs/findings']) {
    await open(page, path)
    const headings = await page
      .locator('.vp-doc h3')
      .evaluateAll((all) => all.map(({ id, textContent }) => [textContent.replace(/[^A-Z0-9_]/g, ''), id]))
    // If two packages have the same code, a link leads to the first.
    for (const [code, id] of headings) if (!explained.has(code)) explained.set(code, `${path}#${id}`)
  }
  if (explained.size < 100) throw new Error(`only ${explained.size} codes have a heading`)
  // Four searches run at a time, because the search box mostly waits for the next letter.
  const all = [...explained]
  const found = []
  const type = async (tab) => {
    await open(tab, '/')
    await tab.getByRole('button', { name: 'Search' }).first().click()
    for (let next = all.pop(); next; next = all.pop()) {
      const [code, target] = next
      await tab.locator('.VPLocalSearchBox input').fill(code)
      try {
        await tab.waitForFunction(
          (href) => document.querySelector('.VPLocalSearchBox .result')?.getAttribute('href') === href,
          target,
          { timeout: 10_000 },
        )
      } catch {
        found.push(
          `${code} leads to ${await tab.locator('.VPLocalSearchBox .result').first().getAttribute('href')}`,
        )
      }
    }
  }
  const others = await Promise.all([1, 2, 3].map(() => context.newPage()))
  await Promise.all([page, ...others].map(type))
  if (found.length > 0) throw new Error(found.join('\n'))
  await page.locator('.VPLocalSearchBox input').fill('LOGIN_REFUSED')
  await page.locator('.VPLocalSearchBox .result[href="/docs/errors#login_refused"]').first().waitFor()
  await page.keyboard.press('Enter')
  await inView(page, 'login_refused')
}

async function darkMode(page) {
  await open(page, '/docs/tls')
  const light = await background(page)
  await page.locator('.VPNavBarAppearance .VPSwitch').click()
  await page.locator('html.dark').waitFor({ state: 'attached' })
  const dark = await background(page)
  if (light === dark) throw new Error(`the background stays ${light}`)
  await page.reload()
  await page.locator('html.dark').waitFor({ state: 'attached' })
  if ((await background(page)) !== dark) throw new Error('the choice is not kept')
  await page.screenshot({ path: join(screenshots, 'dark.png') })
}

async function darkSystem(page) {
  await open(page, '/')
  await page.locator('html.dark').waitFor({ state: 'attached' })
}

async function copyButton(page, context) {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await open(page, '/packages/auth-plaintext/')
  const block = page.locator('div[class*="language-"]').filter({ hasText: 'npm install' }).first()
  await block.hover()
  await block.locator('button.copy').click()
  await block.locator('button.copied').waitFor()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  const shown = (await block.locator('code').textContent())?.trim()
  if (copied.trim() !== shown || !copied.startsWith('npm install @x/auth-plaintext'))
    throw new Error(`it copied: ${copied}`)
}

async function tabs(page) {
  await open(page, '/packages/auth-plaintext/')
  const group = page.locator('.vp-code-group').first()
  const forms = {
    'login.cjs': "require('@x/auth-plaintext')",
    'login.ts': 'Promise<void>',
    'login.mjs': 'import {',
  }
  for (const [tab, code] of Object.entries(forms)) {
    await group.getByText(tab, { exact: true }).click()
    const shown = group.locator('.blocks > div:visible')
    await shown.getByText(code).first().waitFor()
    if ((await shown.count()) !== 1) throw new Error(`${await shown.count()} forms are shown at a time`)
  }
}

async function onPhone(page) {
  await open(page, '/')
  await page.screenshot({ path: join(screenshots, 'phone.png') })
  await page.locator('.VPNavBarHamburger').click()
  await page.locator('.VPNavScreen').getByRole('link', { name: 'Documents' }).click()
  await heading(page, 'Documents')
  await page.locator('.VPLocalNav .menu').click()
  await page.locator('.VPSidebar.open').getByRole('link', { name: 'Errors', exact: true }).click()
  await heading(page, 'Errors')
  await page.screenshot({ path: join(screenshots, 'phone-errors.png') })
  await page.getByRole('button', { name: 'Search' }).first().click()
  await page.locator('.VPLocalSearchBox input').fill('certificate expired')
  await page.locator('.VPLocalSearchBox .result').first().waitFor()
  const { width } = await page.locator('.VPLocalSearchBox .shell').boundingBox()
  if (width > phone.viewport.width) throw new Error(`the search is ${width} px wide`)
}

/** Opens the page and waits until its scripts run: before that a click does nothing. */
async function open(page, path) {
  await page.goto(`${site.origin}${path}`)
  await page.waitForFunction(() => Boolean(document.querySelector('#app')?.__vue_app__))
}

function heading(page, name) {
  return page.locator('.VPDoc').getByRole('heading', { level: 1, name }).waitFor()
}

function background(page) {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor)
}

async function inView(page, id) {
  await page.waitForFunction((anchor) => {
    const { top } = document.getElementById(anchor)?.getBoundingClientRect() ?? {}
    // The bar that stays at the top: the bar of the site, or on a phone the bar of the page.
    const bars = [...document.querySelectorAll('.VPNav, .VPLocalNav')]
      .filter((bar) => ['fixed', 'sticky'].includes(getComputedStyle(bar).position))
      .map((bar) => bar.getBoundingClientRect().bottom)
    return top !== undefined && top >= Math.max(0, ...bars) && top < innerHeight
  }, id)
}
