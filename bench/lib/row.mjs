/**
 * The types of a row. A row is one file in `rows/`. To add a row, only add the file.
 *
 * @typedef {object} Metric
 * @property {string} title
 * @property {string} unit '' if the value is a ratio
 * @property {'ratio' | 'difference'} [against] how each subject is compared with the reference, inside each repeat;
 *   absent: there is no comparison
 *
 * @typedef {object} Subject
 * @property {string} title
 * @property {(context: Context) => Promise<Sample> | AsyncGenerator<Sample, void>} measure runs in a fresh process; if
 *   it yields several rounds, they alternate with the rounds of the other subjects, and their median counts
 * @property {string} [reference] instead of the row's
 *
 * @typedef {Record<string, number>} Sample the value of each metric; a round may lack some
 *
 * @typedef {object} Goal limits the comparison with the reference if the metric has one, otherwise the values
 * @property {string} subject
 * @property {string} metric
 * @property {string} [reference] compared with this subject, instead of its usual reference
 * @property {number} [atMost] for the median
 * @property {number} [atLeast] for the median
 * @property {true} [notAboveReference] met unless the 95 % interval of the median lies above the reference
 *
 * @typedef {object} Running what the subjects of a row share, in its own process
 * @property {any} info the subjects get it as `context.shared`: plain data
 * @property {() => unknown} [stop]
 *
 * @typedef {object} Row
 * @property {string} title
 * @property {string} about what is done, and what the numbers mean
 * @property {Record<string, Metric>} metrics
 * @property {Record<string, Subject>} subjects in the order of the table
 * @property {string} [reference] the subject that the others are compared with
 * @property {Goal[]} [goals]
 * @property {number} [repeats] default 15
 * @property {() => Promise<Running>} [setUp] starts the server, installs what the subjects need
 *
 * @typedef {object} Context
 * @property {any} shared `info` of `setUp`
 * @property {(full: number) => number} times returns `full`, or a small number in a smoke run
 */

export const defaultRepeats = 15

/** How often a smoke run repeats what a measurement repeats many times: enough to run every path. */
export const smokeTimes = 2
