/** Metadata keys; each holds what one decorator wrote. */
export const accessMetadata = {
  public: 'nest-cognito:public',
  optional: 'nest-cognito:optional',
  pool: 'nest-cognito:pool',
  tokenUse: 'nest-cognito:token-use',
  groups: 'nest-cognito:groups',
  scopes: 'nest-cognito:scopes',
  claims: 'nest-cognito:claims',
  live: 'nest-cognito:live',
  policies: 'nest-cognito:policies',
} as const;
