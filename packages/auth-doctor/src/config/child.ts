/** The process in which in-process.ts checks a file. */
import { checkConfig } from './check-config.js'

void checkConfig(process.argv[2] as string).then((report) => process.send?.(report))
