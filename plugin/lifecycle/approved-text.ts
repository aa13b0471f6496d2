/** Who approved, and where: `approved by alice, bob in owner/name#12`. */
export const approvedText = (approvedBy: readonly string[], pullRequest: string | undefined): string =>
  `approved by ${approvedBy.join(', ')}${pullRequest === undefined ? '' : ` in ${pullRequest}`}`;
