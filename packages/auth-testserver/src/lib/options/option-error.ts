/** How this package refuses an option. */
export function optionError(problem: string): TypeError {
  return new TypeError(problem)
}
