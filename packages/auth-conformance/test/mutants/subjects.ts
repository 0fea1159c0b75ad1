/** The module that the suite is run on. */
import { mutants, references } from './index.js'

export const subjects = [...references, ...mutants.map(({ subject }) => subject)]
