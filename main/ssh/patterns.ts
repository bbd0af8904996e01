/** OpenSSH's pattern lists: `*`, `?`, and `!` that takes a match away again. */

/** Compiles a list; a name matches when one pattern does and no negated one. Letter case counts. */
export function patternMatcher(patterns: readonly string[]): (name: string) => boolean {
  const compiled = patterns.map((pattern) => ({
    negated: pattern.startsWith('!'),
    expression: wildcard(pattern.startsWith('!') ? pattern.slice(1) : pattern),
  }));
  return (name) => {
    const matching = compiled.filter((pattern) => pattern.expression.test(name));
    return matching.length > 0 && !matching.some((pattern) => pattern.negated);
  };
}

function wildcard(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  // Runs of stars are one star: several would make the expression slow on purpose.
  return new RegExp(`^${escaped.replace(/\*+/g, '.*').replaceAll('?', '.')}$`);
}
