/** Token of a flag: whether the pool has pages of its own (managed login) that visitors may sign in at. */
export const MANAGED_LOGIN = Symbol('managed login');
