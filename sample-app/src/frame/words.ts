/** What the pool asks of a password. */
export const PASSWORD_HINT = 'At least 8 characters: small and capital letters, a digit and a symbol.';
