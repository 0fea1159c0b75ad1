/** This package is for its command: `npx @x/auth-doctor HOST`. Apart from that, a program needs only its codes and the shape of `--json`. */
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
