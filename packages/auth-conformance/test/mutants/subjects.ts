/** The module with the subjects of the suite. */
import { mutants, references } from './index.js'

export const subjects = [...references, ...mutants.map(({ subject }) => subject)]
