import type { AdminUser } from '../user-pool/admin-user.js';
import type { CognitoService } from '../user-pool/cognito.service.js';
import type { CognitoUserStore, NewUser } from './cognito-user-store.js';
import { type DeactivatedUsers, deactivateMissing, type DeactivateMissingOptions } from './deactivate-missing.js';
import { importAll, type ImportOptions } from './import-all.js';
import type { ImportOutcome, ImportProgress } from './import-tally.js';
import { linkableEmail } from './linkable-email.js';
import { USER_EVENTS } from './user-events.js';
import type { ResolvedUserSyncOptions } from './user-sync.options.js';
import type { UserWriter, WriteOccasion } from './user-writer.js';

/** What is worked with. */
export interface UserImportParts {
  readonly store: CognitoUserStore;
  readonly writer: UserWriter;
  readonly options: ResolvedUserSyncOptions;
  readonly cognito: CognitoService;
}

/** Nobody signs in while a pool is brought in. */
const OCCASION: WriteOccasion = { principal: undefined, request: undefined };

/** Brings whole pools in, by the same rules by which single users come. */
export class UserImport {
  constructor(private readonly parts: UserImportParts) {}

  async importAll(asked: ImportOptions): Promise<ImportProgress> {
    const { store, writer, options, cognito } = this.parts;
    const pool = asked.pool ?? 'default';
    const isBulk = writer.isSilent && options.linkByVerifiedEmail === undefined;
    const parts = {
      users: cognito.pool(pool).users,
      pool,
      store,
      policy: options,
      createOne: isBulk ? undefined : (user: NewUser, account: AdminUser) => this.#create(user, account),
      updateOne: (known: object, news: NewUser) => writer.update(store, known, news, OCCASION),
    };
    return importAll(parts, asked);
  }

  async deactivateMissing(asked: DeactivateMissingOptions): Promise<DeactivatedUsers> {
    const { store, options, cognito } = this.parts;
    const pool = asked.pool ?? 'default';
    return deactivateMissing({ users: cognito.pool(pool).users, pool, store, match: options.match }, asked);
  }

  async #create(user: NewUser, account: AdminUser): Promise<ImportOutcome> {
    const { store, writer, options } = this.parts;
    const linked = await this.#link(user, account);
    if (linked !== undefined) {
      writer.tell(USER_EVENTS.linked, linked, user, OCCASION);
      if (store.standingOf(linked) !== 'active') return 'inactive';
      const isWanted = options.updateExisting !== 'never' && store.hasNews(linked, { attributes: user.attributes });
      if (isWanted) await writer.update(store, linked, user, OCCASION);
      return 'updated';
    }
    const { written } = await writer.create(store, user, OCCASION);
    return written ? 'created' : 'unchanged';
  }

  async #link({ key, attributes }: NewUser, { status }: AdminUser): Promise<object | undefined> {
    const { store, options } = this.parts;
    if (options.linkByVerifiedEmail === undefined) return undefined;
    const email = linkableEmail(attributes, { groups: [], status }, options.linkByVerifiedEmail.providers);
    return email === undefined ? undefined : store.link(key, email);
  }
}
