/** Token of the local pool's inbox; nothing is provided under it beside a pool at AWS. */
export const DEV_INBOX = Symbol('dev inbox');
