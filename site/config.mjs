/** The settings of VitePress. `scripts/site.mjs` copies the pages to the same folder. */
import { slug } from '../scripts/anchors.mjs'
import { identity } from '../scripts/manifests.mjs'

/**
 * VitePress writes these functions into the page, so none of them uses another. The search takes a code such as
 * LOGIN_REFUSED as one word and also as its parts: a reader who types the code wants its own heading.
 */
const searchOptions = {
  options: {
    tokenize: (text) =>
      text
        .split(/[^\p{L}\p{N}_-]+/u)
        .flatMap((word) => (/[_-]/.test(word) ? [word, ...word.split(/[_-]+/)] : [word]))
        .filter((word) => word && !/^(?:an?|and|are|by|for|in|is|it|of|on|or|the|to|with)$/i.test(word)),
  },
  searchOptions: {
    fuzzy: 0.2,
    prefix: true,
    boost: { title: 4, text: 2, titles: 1 },
    // The whole name comes before its parts, because many names share a part.
    boostTerm: (term, _, terms) =>
      terms.some((name) => name !== term && /[_-]/.test(name) && name.split(/[_-]/).includes(term)) ? 0.1 : 4,
    boostDocument: (heading, term) => (term.includes('_') && heading.endsWith(`#${term}`) ? 100 : 1),
  },
}

/** Gives each cell of a table the heading of its column. A phone shows it next to the cell (`theme/style.css`). */
function headingsOfCells(parser) {
  parser.core.ruler.push('headings of cells', ({ tokens }) => {
    let headings = []
    let column = 0
    tokens.forEach((token, index) => {
      if (token.type === 'table_open') headings = []
      if (token.type === 'tr_open') column = 0
      if (token.type === 'th_open') headings.push(textOf(tokens[index + 1]))
      if (token.type === 'td_open') {
        const heading = headings[column++]
        if (heading) token.attrSet('data-heading', heading)
      }
    })
  })
}

function textOf({ children }) {
  return children.map(({ content }) => content).join('')
}

const document = (text, name) => ({ text, link: `/docs/${name}` })

/** @param {string[]} packages folders of packages */
export const config = (packages) => ({
  title: '@x/auth',
  description: 'Authentication providers and TLS profiles for the stock Node.js driver of Apache Cassandra',
  cleanUrls: true,
  markdown: { anchor: { slugify: slug }, config: (parser) => parser.use(headingsOfCells) },
  // The index of the search is one large file. The browser loads it only for a search, and compression reduces it to a
  // quarter.
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        miniSearch: searchOptions,
        translations: { modal: { noResultsText: 'Nothing found here (the API has its own search) for' } },
      },
    },
    outline: 'deep',
    socialLinks: [{ icon: 'github', link: identity.repository }],
    nav: [
      document('Get started', 'which-package'),
      document('Documents', ''),
      { text: 'API', link: '/api/index.html', target: '_self' },
    ],
    sidebar: [
      {
        text: 'Get started',
        items: [
          document('Which package', 'which-package'),
          document('Recipes', 'recipes'),
          document('From the Python drivers', 'coming-from/python'),
          document('From the driver itself', 'coming-from/stock-driver'),
          document('From AWS’s plugin', 'coming-from/aws-plugin'),
          document('From the Java driver', 'coming-from/java'),
        ],
      },
      { text: 'Packages', items: packages.map((name) => ({ text: name, link: `/packages/${name}/` })) },
      {
        text: 'Logins',
        items: [
          document('Authenticators', 'authenticators'),
          document('Credentials', 'credentials'),
          document('Stores', 'stores/'),
          document('SASL', 'sasl'),
          document('Kerberos', 'kerberos'),
          document('DSE', 'dse'),
          document('Keyspaces', 'sigv4'),
          document('OAuth and OIDC', 'oidc'),
          document('Your own provider', 'writing-a-provider'),
        ],
      },
      {
        text: 'TLS',
        items: [
          document('TLS', 'tls'),
          document('Certificates', 'certificates'),
          document('Logins by certificate', 'mutual-tls'),
          document('Migration', 'migration'),
        ],
      },
      {
        text: 'When it fails',
        items: [
          document('Pitfalls', 'pitfalls'),
          document('Errors', 'errors'),
          document('The doctor', 'doctor'),
          document('Its findings', 'findings'),
        ],
      },
      {
        text: 'Foundations',
        items: [
          document('Defaults', 'defaults'),
          document('Threat model', 'threat-model'),
          document('Conformance clauses', 'clauses'),
          document('Benchmarks', 'benchmarks'),
          document('Versions and releases', 'releases'),
        ],
      },
    ],
  },
})
