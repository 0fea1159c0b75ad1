/** The command is what this package is for: `npx @x/auth-doctor HOST`. What a program needs beside it is its codes and the shape of `--json`. */
export { type FindingCode, type FindingRow, findingTable, type Severity } from './findings/table.js'
export type {
  AddressReport,
  AuthenticatorReport,
  CertificateReport,
  ConfigReport,
  Finding,
  Listener,
  LoginReport,
  NodeReport,
  Paste,
  ProtocolReport,
  Report,
  ServiceReport,
  Step,
  TlsReport,
} from './report.js'
